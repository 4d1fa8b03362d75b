"""Holds: what they cover, that they last, and how they end."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from piiscan.errors import PolicyError, RefusedError
from piiscan.holds import Hold, HoldScope, active, place, release, resolve
from piiscan.policy.model import Policy
from piiscan.store import open_store
from piiscan.store.audit_log import AuditLog
from piiscan.store.database import open_for_writing

DAY = date(2026, 11, 22)
PRINT = "bdfh:" + "0" * 32


def hold(**scope: object) -> Hold:
    return Hold(
        id="1",
        kind="audit",
        scope=msgspec.convert(scope, HoldScope),
        reason="granskning",
        owner="Registrator",
        review=date(2027, 1, 31),
    )


COVERED = [
    ({"path": "chat/log.jsonl"}, {"path": "chat/log.jsonl"}),
    ({"path": "chat/*.jsonl"}, {"path": "chat/log.jsonl"}),
    ({"path": "**/*.jsonl"}, {"path": "a/b/log.jsonl"}),
    ({"path": "**/*.jsonl"}, {"path": "log.jsonl"}),
    ({"path": "**"}, {"path": "a/b"}),
    ({"path": "chat"}, {"path": "chat/a/b.txt"}),
    ({"path": "chat/"}, {"path": "chat/a/b.txt"}),
    ({"path": "chat/**"}, {"path": "chat/a/b.txt"}),
    ({"path": "export.zip"}, {"path": "export.zip!/inbox.mbox"}),
    ({"path": "export.zip/*.mbox"}, {"path": "export.zip!/inbox.mbox"}),
    ({"path": "kund [email 23 bdfh:7f2a91c0].txt"}, {"path": "kund [email 23 bdfh:7f2a91c0].txt"}),
    ({"path": "a.zip!/b"}, {"path": "a.zip!/b/c"}),
    ({"channel": "e-*"}, {"channel": "e-service"}),
    ({"case": "2026-811"}, {"key": "2026-811"}),
    ({"case": "<A1@example.org>"}, {"key": "<A1@example.org>"}),
    ({"sender": "kim.example@example.org"}, {"sender": "Kim.Example@example.org"}),
    ({"sender": "kim.example@example.org"}, {"sender": ["x", "kim.example@example.org"]}),
    ({"subject": [PRINT, "x"]}, {"subject": {PRINT}}),
    ({"path": "chat", "case": "7"}, {"path": "chat/a", "key": "7"}),
]
FREE = [
    ({"path": "chat/log.jsonl"}, {"path": "chat/log.json"}),
    ({"path": "chat/*.jsonl"}, {"path": "chat/a/log.jsonl"}),
    ({"path": "log.jsonl"}, {"path": "chat/log.jsonl"}),
    ({"path": "chat"}, {"path": "chatt/a"}),
    ({"channel": "e-service"}, {"channel": "chat"}),
    ({"case": "2026-811"}, {"key": "2026-81"}),
    ({"case": "2026-811"}, {}),
    ({"case": "a1"}, {"key": "A1"}),
    ({"sender": "kim@example.org"}, {"key": "kim@example.org"}),
    ({"subject": [PRINT]}, {"subject": {"other"}}),
    ({"path": "chat", "case": "7"}, {"path": "chat/a", "key": "8"}),
    ({"path": "chat", "case": "7"}, {"path": "mail/a", "key": "7"}),
]


@pytest.mark.parametrize(("scope", "thing"), COVERED)
def test_a_hold_covers(scope: dict[str, object], thing: dict[str, str]) -> None:
    assert hold(**scope).covers(**thing)


@pytest.mark.parametrize(("scope", "thing"), FREE)
def test_a_hold_does_not_cover(scope: dict[str, object], thing: dict[str, str]) -> None:
    assert not hold(**scope).covers(**thing)


def given(spec: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in spec.items() if value}


def test_a_rewrite_takes_a_hold_with_what_lies_below_its_path() -> None:
    assert [given(spec) for spec in hold(path="chat/", case="7").specs()] == [
        {"path": "chat", "case": "7"},
        {"path": "chat/**", "case": "7"},
    ]
    assert [given(spec) for spec in hold(channel="e-*", sender="kim@example.org").specs()] == [
        {"channel": "e-*", "sender": "kim@example.org"}
    ]


def test_a_rewrite_takes_hashes_and_fingerprints_apart_from_words() -> None:
    [spec] = hold(case="0123456789abcdef", sender=PRINT, subject=["bdfh:" + "1" * 32]).specs()
    assert given(spec) == {"case_id": "0123456789abcdef", "people": ["1" * 32, "0" * 32]}


def test_a_hold_goes_on_after_its_day_of_review() -> None:
    held = hold(path="chat")
    assert not held.due_for_review(date(2027, 1, 30))
    assert held.due_for_review(date(2027, 1, 31))
    assert held.covers(path="chat/a")


def test_a_hold_finds_a_case_and_a_sender_by_their_hashes() -> None:
    [case, sender] = resolve(
        [hold(case="2026-811"), hold(sender="kim@example.org")],
        ident=lambda text: f"id-{text}",
        fingerprints=lambda text: [f"print-{text}"],
    )
    assert case.covers(key="id-2026-811")
    assert sender.covers(sender=["print-kim@example.org"])
    assert not sender.covers(sender="id-2026-811")


def test_a_hold_that_was_placed_by_hashes_keeps_them() -> None:
    placed = hold(case="0123456789abcdef", sender=PRINT)
    [found] = resolve([placed], ident=lambda _text: "wrong", fingerprints=lambda _text: [])
    assert found.aliases == frozenset()
    assert found.covers(key="0123456789abcdef", sender=[PRINT])


def test_a_sender_that_no_detector_knows_is_refused() -> None:
    with pytest.raises(PolicyError, match="no value that a detector finds"):
        resolve([hold(sender="Kim")], ident=str, fingerprints=lambda _text: [])


def policy(**scope: str) -> Policy:
    return msgspec.convert(
        {
            "notice": {"name": "x", "title": "X", "controller": "Y"},
            "hold": [{"kind": "threat", "scope": scope, "reason": "hot", "owner": "Chef"}],
        },
        Policy,
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    open_for_writing(path).close()
    return path


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "audit.jsonl", clock=lambda: "2026-11-22T10:00:00Z", who="Kim")


def placed(store: Path, log: AuditLog, **scope: object) -> str:
    return place(
        store,
        kind="public-access",
        scope=msgspec.convert(scope, HoldScope),
        reason="dnr 2026-811",
        owner="Registrator",
        since=DAY,
        review=date(2027, 1, 31),
        log=log,
    )


def test_holds_come_from_the_policy_and_from_the_store(store: Path, log: AuditLog) -> None:
    placed(store, log, case="0123456789abcdef", subject=[PRINT])
    with open_store(store) as opened:
        found = active(policy(path="samtal/**"), opened)
    assert [(each.id, each.kind) for each in found] == [
        ("policy-1", "threat"),
        ("1", "public-access"),
    ]
    assert found[1].covers(key="0123456789abcdef", subject=[PRINT])
    assert found[1].review == date(2027, 1, 31)
    assert active(None, None) == []


def test_a_hold_of_the_policy_with_an_empty_scope_is_refused() -> None:
    with pytest.raises(PolicyError, match="empty scope"):
        active(policy(), None)


@pytest.mark.parametrize("missing", [{"reason": " "}, {"owner": ""}, {"scope": HoldScope()}])
def test_a_hold_without_reason_owner_or_scope_is_refused(
    missing: dict[str, object], store: Path, log: AuditLog
) -> None:
    given = {"reason": "r", "owner": "o", "scope": HoldScope(path="a")} | missing
    with pytest.raises(PolicyError):
        place(store, kind="audit", since=DAY, review=DAY, log=log, **given)  # type: ignore[arg-type] # by name
    assert log.count == 0


def test_a_release_says_who_and_why_and_both_are_logged(store: Path, log: AuditLog) -> None:
    number = placed(store, log, path="chat")
    release(number, store=store, who="Kim", why="avslutat", time="2026-11-23T00:00:00Z", log=log)
    with open_store(store) as opened:
        assert active(None, opened) == []
        assert '"why":"avslutat"' in opened.holds()[0].released
    assert [entry.event for entry in log.entries()] == ["hold-placed", "hold-released"]
    assert list(log.entries())[1].fields == {"hold": "1", "by": "Kim", "why": "avslutat"}
    assert log.verify() == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (("1", "", "why"), PolicyError),
        (("1", "Kim", " "), PolicyError),
        (("2", "Kim", "why"), PolicyError),
        (("x", "Kim", "why"), PolicyError),
        (("policy-1", "Kim", "why"), RefusedError),
    ],
)
def test_a_release_is_refused(
    given: tuple[str, str, str], error: type[Exception], store: Path, log: AuditLog
) -> None:
    placed(store, log, path="chat")
    number, who, why = given
    with pytest.raises(error):
        release(number, store=store, who=who, why=why, time="", log=log)
    with open_store(store) as opened:
        assert len(active(None, opened)) == 1
    assert log.count == 1


def test_a_hold_that_was_released_is_not_released_again(store: Path, log: AuditLog) -> None:
    number = placed(store, log, path="chat")
    release(number, store=store, who="Kim", why="a", time="", log=log)
    with pytest.raises(PolicyError):
        release(number, store=store, who="Kim", why="b", time="", log=log)
