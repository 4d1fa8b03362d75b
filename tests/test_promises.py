"""Each promise is kept, broken or undecidable, in archives whose truth is known."""

import json
from pathlib import Path
from typing import get_args

import pytest
from notices import (
    CHAT,
    IP,
    NEW,
    NOW,
    OLD,
    PERIOD,
    PERSON_TEXT,
    PHONE_TEXT,
    PLAIN_TEXT,
    broken_zip,
    chat,
    policy,
    promise,
    says,
    swept,
)
from samples import ROOT, write

import piiscan
from piiscan.errors import PolicyError
from piiscan.policy import LoadedPolicy
from piiscan.policy.model import Action
from piiscan.promises import PROMISES, Verdict
from piiscan.promises.checking import check
from piiscan.store import Store
from piiscan.store.audit_log import AuditLog, default_log


def judged(store: Store, of: LoadedPolicy) -> Verdict:
    """The verdict on the only promise of a policy."""
    (verdict,) = check(store, policy=of, today=NOW).verdicts
    return verdict


def verdict_on(folder: Path, *parts: str) -> Verdict:
    with swept(folder) as store:
        return judged(store, policy(CHAT, *parts))


def test_every_action_has_its_rule_and_file() -> None:
    actions = set(get_args(Action))
    folder = ROOT / "python" / "piiscan" / "promises"
    assert set(PROMISES) == actions
    assert all((folder / f"{action}.py").is_file() for action in actions)


@pytest.mark.parametrize(
    ("text", "sent", "state"),
    [
        (PHONE_TEXT, OLD, "broken"),
        (PHONE_TEXT, NEW, "kept"),
        (PHONE_TEXT, None, "undecidable"),
        (PLAIN_TEXT, OLD, "kept"),
        (PLAIN_TEXT, None, "kept"),
    ],
)
def test_anonymize(text: str, sent: str | None, state: str, tmp_path: Path) -> None:
    chat(tmp_path, [says(text, sent)])
    assert verdict_on(tmp_path, PERIOD).state == state


@pytest.mark.parametrize("sent", [NEW, None])
def test_at_once_is_broken_by_any_finding(sent: str | None, tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, sent)])
    at_once = promise("anonymize", channel="chat", find=["phone"], within="P0D")
    assert verdict_on(tmp_path, at_once).state == "broken"


@pytest.mark.parametrize(("sent", "state"), [(OLD, "broken"), (NEW, "kept"), (None, "undecidable")])
def test_erase(sent: str | None, state: str, tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, sent)])
    found = verdict_on(tmp_path, promise("erase", channel="chat", within="P30D"))
    assert found.state == state


WAV = b"RIFF" + (36).to_bytes(4, "little") + b"WAVEfmt " + bytes(100)


@pytest.mark.parametrize(
    ("moment", "state", "reason"),
    [
        (OLD, "broken", "1 recording overdue"),
        (NEW, "kept", ""),
        (None, "undecidable", "nobody knows the time of 1 recording"),
    ],
)
def test_a_recording_goes_with_what_lies_beside_it(
    moment: str | None, state: str, reason: str, tmp_path: Path
) -> None:
    write(tmp_path / "arkiv" / "chat" / "samtal.wav", WAV)
    if moment:
        beside = {"messages": [{"text": PLAIN_TEXT, "time": moment}]}
        write(tmp_path / "arkiv" / "chat" / "samtal.json", json.dumps(beside))
    found = verdict_on(tmp_path, promise("erase", channel="chat", within="P30D"))
    assert (found.state, found.reason) == (state, reason)


@pytest.mark.parametrize(("text", "state"), [(PERSON_TEXT, "broken"), (PHONE_TEXT, "kept")])
def test_never(text: str, state: str, tmp_path: Path) -> None:
    chat(tmp_path, [says(text, None)])
    assert verdict_on(tmp_path, promise("never", find=["identity-number"])).state == state


def test_manual_is_never_decided(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT)])
    found = verdict_on(tmp_path, promise("manual"))
    assert (found.state, found.reason) == (
        "undecidable",
        "no archive shows this: a person has to confirm it",
    )


def test_an_address_in_clear_breaks_encryption(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, ip="192.0.2.7")])
    found = verdict_on(tmp_path, IP)
    assert (found.state, found.reason) == ("broken", "")


@pytest.mark.parametrize(
    ("events", "state", "reason"),
    [
        ([], "undecidable", "is not recorded"),
        (["key-made"], "undecidable", "is not recorded"),
        (["key-made", "key-destroyed"], "kept", ""),
        (["key-not-kept"], "kept", ""),
        (["key-destroyed", "key-made"], "undecidable", "a key was made after"),
    ],
)
def test_tokens_are_as_good_as_the_end_of_their_key(
    events: list[str], state: str, reason: str, tmp_path: Path
) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, ip="IPA_bdfh_bcdfghjkmnpqrstvbcdfghjkmn")])
    with swept(tmp_path) as store:
        assert store.path
        with AuditLog(default_log(store.path), clock=lambda: "2026-11-22T12:00:00Z") as log:
            for event in events:
                log.append(event, key="bdfh")
        found = judged(store, policy(CHAT, IP))
    assert found.state == state
    assert reason in found.reason


def test_a_damaged_log_proves_nothing(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT)])
    with swept(tmp_path) as store:
        assert store.path
        path = default_log(store.path)
        AuditLog(path, clock=lambda: "2026-11-22T12:00:00Z").append("key-destroyed", key="bdfh")
        path.write_text(path.read_text().replace("bdfh", "pdqv"))
        found = judged(store, policy(CHAT, IP))
    assert found.state == "undecidable"
    assert "damaged" in found.reason


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        (["time"], "kept"),
        (["channel"], "kept"),
        (["closed"], "undecidable"),  # not every message has been closed
        (["/browser"], "undecidable"),  # a store knows no names of fields without findings
    ],
)
def test_keep(fields: list[str], state: str, tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, NEW, channel="web", browser="Firefox 128")])
    assert verdict_on(tmp_path, promise("keep", channel="chat", fields=fields)).state == state


def test_keep_is_broken_where_the_time_is_gone(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, None), says(PLAIN_TEXT, NEW)])
    found = verdict_on(tmp_path, promise("keep", channel="chat", fields=["time"]))
    assert (found.state, found.failing, found.messages) == ("broken", 1, 2)


def test_keep_asks_for_the_fields_that_the_channel_keeps(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, None)])
    with swept(tmp_path) as store:
        found = judged(store, policy(CHAT + 'keep = ["time"]\n', promise("keep", channel="chat")))
    assert found.state == "broken"


def test_keep_without_messages_is_undecidable(tmp_path: Path) -> None:
    write(tmp_path / "arkiv" / "annat.jsonl", '{"text": "hej"}\n')
    assert verdict_on(tmp_path, promise("keep", channel="chat")).state == "undecidable"


def test_a_hold_breaks_nothing(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    held = '[[hold]]\nkind = "threat"\nscope = { channel = "chat" }\nreason = "x"\nowner = "x"\n'
    found = verdict_on(tmp_path, PERIOD, held)
    assert (found.state, found.held, found.reason) == ("kept", 1, "1 message on hold")


def test_low_confidence_breaks_nothing_and_is_said(tmp_path: Path) -> None:
    chat(tmp_path, [says("Ringa 08-123 45 67 8 ...", OLD), says("Pnr 811218-9870", OLD)])
    found = verdict_on(tmp_path, promise("never", find=["identity-number"]))
    assert found.state == "kept"
    assert found.doubtful == 1
    assert "of low confidence not counted" in found.reason


def test_what_was_not_read_keeps_no_promise(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, OLD)])
    broken_zip(tmp_path, "chat/export.zip")
    found = verdict_on(tmp_path, PERIOD)
    assert found.state == "undecidable"
    assert found.reason == "not read as a whole: chat/export.zip (error)"


def test_what_was_not_read_elsewhere_is_no_doubt(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, OLD)])
    broken_zip(tmp_path, "post/export.zip")
    assert verdict_on(tmp_path, PERIOD).state == "kept"
    assert verdict_on(tmp_path, promise("never", find=["phone"])).state == "undecidable"


def test_what_was_not_looked_for_keeps_no_promise(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, OLD)])
    with swept(tmp_path, detectors=["email"]) as store:
        found = judged(store, policy(CHAT, promise("never", find=["phone", "email"])))
        everything = judged(store, policy(CHAT, PERIOD))
        asked = judged(store, policy(CHAT, promise("never", find=["email"])))
    assert (found.state, found.reason) == ("undecidable", "not looked for: phone")
    assert everything.state == "undecidable"
    assert asked.state == "kept"


@pytest.mark.parametrize(
    ("scan", "state", "said"),
    [
        ("min_digits = 6", "undecidable", "swept with min_digits 7, the policy says 6"),
        ("min_digits = 8", "kept", ""),
        ("strict = true", "undecidable", "swept with strict false, the policy says true"),
        ('locales = ["NO"]', "undecidable", "swept with locales SE FI, the policy says NO"),
    ],
)
def test_a_narrower_sweep_keeps_no_promise(
    scan: str, state: str, said: str, tmp_path: Path
) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, OLD)])
    with swept(tmp_path) as store:
        own = policy(CHAT, PERIOD)
        key, _, value = scan.partition(" = ")
        setattr(own.policy.scan, key, json.loads(value))
        found = judged(store, own)
    assert (found.state, found.reason) == (state, said)


def test_what_an_earlier_sweep_read_otherwise_is_a_doubt(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, OLD)])
    swept(tmp_path, detectors=["email"]).close()
    write(tmp_path / "annat" / "a.txt", PLAIN_TEXT)
    for _ in piiscan.sweep(tmp_path / "annat", store=tmp_path / "store.db", started=NOW):
        pass
    with piiscan.open_store(tmp_path / "store.db") as store:
        found = judged(store, policy(CHAT, PERIOD))
    assert found.state == "undecidable"
    assert "1 object was read with other detectors or options" in found.reason


def test_only_chosen_promises_are_judged(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    of = policy(CHAT, PERIOD, promise("manual"))
    with swept(tmp_path) as store:
        (found,) = check(store, policy=of, promises=["manual"]).verdicts
        assert found.promise.id == "manual"
        with pytest.raises(PolicyError, match="has no promise `none`"):
            check(store, policy=of, promises=["none"])


def test_without_a_day_the_time_of_the_sweep_counts(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    with swept(tmp_path) as store:
        assert piiscan.check(store, policy=policy(CHAT, PERIOD)).now == NOW.timestamp() * 1000
    for _ in piiscan.sweep(tmp_path / "arkiv", store=tmp_path / "store.db"):
        pass
    with (
        piiscan.open_store(tmp_path / "store.db") as store,
        pytest.raises(ValueError, match="has no time"),
    ):
        check(store, policy=policy(CHAT, PERIOD))
