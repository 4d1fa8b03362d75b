"""Reasons are said in the language of the reader, each of them."""

import re
from pathlib import Path

import pytest
from papers import NOW, made

import piiscan
from piiscan.policy import BUILTIN
from piiscan.reports.reasons import REASONS, reason_parts
from piiscan.reports.words import Words
from piiscan.retention.apply import LATE
from piiscan.retention.planning import CHANGING
from piiscan.retention.recordings import ALONE, INSIDE, UNTIMED


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("papers"))


REASONED = [
    "1 message has no plausible time",
    "1,297 messages have no plausible time",
    "2 messages on hold",
    "1 finding of low confidence not counted",
    "3 findings accepted by the allow file",
    "no message of this channel is there",
    "no message of this channel is there, so nothing shows what was kept",
    "no archive shows this: a person has to confirm it",
    "126 messages without the fields that were to stay",
    "no message has a field `/browser`",
    "a store does not tell whether `sender` is there",
    "not read as a whole: a.zip (encrypted) and 2 more",
    "not read as a whole: a (b).zip (encrypted)",
    "the sweep was interrupted",
    "1 object was read with other detectors or options",
    "3 objects were read with other detectors or options",
    "not looked for: email, phone",
    "swept with locales SE FI, the policy says FI",
    "nothing stands in clear, but that the key is destroyed is not recorded",
    "nothing stands in clear, but a key was made after the last one was destroyed",
    "nothing stands in clear, but the audit log, which should tell of the key, is damaged",
    "clock `closed` has no known time",
    CHANGING,
    ALONE,
    UNTIMED,
    INSIDE,
    LATE,
    "changed files were read and scanned again before they took place: 12",
    "files are gone: 1",
    "nobody knows the time of 1 recording",
    "2 recordings overdue",
    "2 recordings on hold",
    "has other names, which lead to what it was",
]


@pytest.mark.parametrize("locale", ["sv-SE", "sv-FI", "fi"])
@pytest.mark.parametrize("reason", REASONED)
def test_a_reason_is_translated(reason: str, locale: str) -> None:
    ((said, own),) = reason_parts(Words(locale), reason)
    assert own
    assert said != reason


def test_every_form_of_a_reason_has_an_example() -> None:
    found = {
        next(at for at, (form, _) in enumerate(REASONS) if re.fullmatch(form, reason))
        for reason in REASONED
    }
    assert found == set(range(len(REASONS)))


@pytest.mark.parametrize("policy", sorted(BUILTIN))
def test_every_reason_of_a_shipped_policy_is_known(folder: Path, policy: str) -> None:
    with piiscan.open_store(folder / "s.db") as store:
        content = piiscan.report(
            "check", store=store, policy=policy, today=NOW, locale="fi"
        ).content
    parts = [
        part
        for row in content.tables["promises"].records()
        for part in reason_parts(content.words, str(row["reason"]))
    ]
    assert [said for said, own in parts if not own] == []


def test_an_unknown_reason_stays_as_it_is() -> None:
    assert reason_parts(Words("fi"), "the moon is full; the sweep was interrupted")[0] == (
        "the moon is full", False,
    )  # fmt: skip
