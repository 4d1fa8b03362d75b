"""What is due, overdue, held and undetermined, in archives whose truth is known."""

import os
import random
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from notices import (
    CHAT,
    EMAIL_TEXT,
    NOW,
    PERSON_TEXT,
    PHONE_TEXT,
    PLAIN_TEXT,
    chat,
    mail,
    policy,
    promise,
    says,
    swept,
)
from samples import PHONE, write

import piiscan
from piiscan.holds import Hold, HoldScope
from piiscan.policy import LoadedPolicy
from piiscan.retention import Due, Period, Survey, due, erasable_from, instant, paths, survey
from piiscan.store import Store

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONTH = promise("anonymize", channel="chat", within="P30D")
ERASE = promise("erase", channel="chat", within="P30D")
OLD, NEW = "2026-09-02T07:14:00Z", "2026-11-20T07:14:00Z"


def one(store: Store, of: LoadedPolicy, *holds: Hold) -> Due:
    """The only promise of a policy."""
    (found,) = due(store, policy=of, today=NOW, holds=holds)
    return found


def surveyed(store: Store, of: LoadedPolicy) -> Survey:
    return survey(store, of, now_ms=instant(NOW, of))


def test_messages_are_counted_by_their_state(tmp_path: Path) -> None:
    times = [OLD, OLD, NEW, "2026-10-28T09:00:00Z", None]
    chat(tmp_path, [says(PHONE_TEXT, sent) for sent in times])
    chat(tmp_path, [says(PLAIN_TEXT, OLD)], "annan")
    with swept(tmp_path) as store:
        found = one(store, policy(CHAT, MONTH))
    assert (found.messages, found.concerned) == (6, 5)
    assert (found.overdue, found.soon, found.later) == (2, 1, 1)
    assert (found.undetermined, found.held) == (1, 0)
    assert (found.findings, found.people) == (2, 1)
    assert found.oldest is not None
    assert found.since == erasable_from(found.oldest, Period(days=30), STOCKHOLM)
    assert [spot.loc for spot in found.spots] == [
        "chat/logg.jsonl#0/text",
        "chat/logg.jsonl#1/text",
    ]


@pytest.mark.parametrize(
    ("now", "overdue"), [("2026-10-02T21:59:59.999Z", 0), ("2026-10-02T22:00:00Z", 1)]
)
def test_a_message_is_overdue_from_the_first_instant_of_the_next_day(
    now: str, overdue: int, tmp_path: Path
) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    with swept(tmp_path) as store:
        (found,) = due(store, policy=policy(CHAT, MONTH), today=datetime.fromisoformat(now))
    assert found.overdue == overdue


def test_a_day_stands_for_its_last_moment(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    with swept(tmp_path) as store:
        of = policy(CHAT, MONTH)
        counts = [due(store, policy=of, today=date(2026, 10, day))[0].overdue for day in (2, 3)]
    assert counts == [0, 1]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2026, 11, 22), policy(CHAT))  # noqa: DTZ001 - that is what is refused


def test_anonymize_asks_for_findings_and_erase_for_messages(tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, OLD), says(PHONE_TEXT, OLD)])
    with swept(tmp_path) as store:
        assert one(store, policy(CHAT, MONTH)).overdue == 1
        assert one(store, policy(CHAT, ERASE)).overdue == 2


def test_what_keeps_nothing_but_statistics_is_erased(tmp_path: Path) -> None:
    chat(tmp_path, [says("", OLD, browser="Firefox 128"), says(PLAIN_TEXT, OLD)])
    keeping = CHAT + 'keep = ["time", "/**/browser"]\n'
    with swept(tmp_path) as store:
        assert one(store, policy(keeping, ERASE)).overdue == 1
        assert one(store, policy(CHAT, ERASE)).overdue == 2


def test_at_once_needs_no_time(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, None), says(PHONE_TEXT, NEW), says(PLAIN_TEXT, NEW)])
    with swept(tmp_path) as store:
        found = one(store, policy(CHAT, promise("anonymize", channel="chat", within="P0D")))
    assert (found.overdue, found.undetermined) == (2, 0)


def test_at_once_from_closing_needs_the_closing(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD), says(PHONE_TEXT, OLD, closed=OLD)])
    at_once = promise("anonymize", channel="chat", within="P0D", clock="closed")
    with swept(tmp_path) as store:
        found = one(store, policy(CHAT, at_once))
    assert (found.overdue, found.undetermined) == (1, 1)


def test_a_clock_that_starts_at_closing_waits_for_it(tmp_path: Path) -> None:
    table = (
        "id,subject,description,created,solved\n"
        f"1,x,{PHONE_TEXT!r},2026-01-02T10:00:00Z,2026-09-02T10:00:00Z\n"
        f"2,x,{PHONE_TEXT!r},2026-01-02T10:00:00Z,2026-11-12T10:00:00Z\n"
        f"3,x,{PHONE_TEXT!r},2026-01-02T10:00:00Z,\n"
    ).replace("'", '"')
    write(tmp_path / "arkiv" / "tickets.csv", table)
    tickets = '[[channel]]\nname = "case"\nmatch = { profile = "generic-tickets-csv" }\n'
    closing = promise("anonymize", channel="case", within="P30D", clock="closed")
    with swept(tmp_path) as store:
        found = one(store, policy(tickets, closing))
    assert (found.messages, found.overdue, found.later, found.undetermined) == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("created", "undetermined"),
    [
        ("2026-03-29 02:30:00", 1),  # the clock skipped this hour
        ("2026-10-25 02:30:00", 1),  # it showed this hour twice
        ("2026-03-29 03:30:00", 0),
        ("2026-10-25 03:30:00", 0),
    ],
)
def test_a_local_time_that_is_none_or_two_makes_undetermined(
    created: str, undetermined: int, tmp_path: Path
) -> None:
    table = f"id,subject,description,created,solved\n1,x,{PHONE},{created},\n"
    write(tmp_path / "arkiv" / "tickets.csv", table)
    tickets = '[[channel]]\nname = "case"\nmatch = { profile = "generic-tickets-csv" }\n'
    with swept(tmp_path) as store:
        found = one(store, policy(tickets, promise("erase", channel="case", within="P1Y")))
    assert (found.messages, found.undetermined) == (1, undetermined)


BAD_TIMES: list[object] = [
    None,
    "",
    " ",
    0,
    "0",
    "1970-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z",
    "2026-02-30T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-09-02T25:61:00Z",
    "9999-12-31T23:59:59Z",
    "1994-12-31T12:00:00Z",
    "2027-01-01T00:00:00Z",
    "26-09-02",
    "02/09/26",
    "02/09/2026 10:00",
    "09-02-2026",
    "i går",
    "Wed",
    "2026",
    -1,
    99,
    1e30,
    True,
    [2026, 9, 2],
    {"year": 2026},
]


@pytest.mark.parametrize("sent", BAD_TIMES, ids=repr)
def test_a_bad_time_makes_undetermined(sent: object, tmp_path: Path) -> None:
    """Never taken from elsewhere: the file itself is a year old."""
    path = chat(tmp_path, [says(PHONE_TEXT, sent)])
    year_ago = (NOW - timedelta(days=365)).timestamp()
    os.utime(path, (year_ago, year_ago))
    with swept(tmp_path) as store:
        for of in (policy(CHAT, MONTH), policy(CHAT, ERASE)):
            found = one(store, of)
            assert (found.messages, found.undetermined, found.overdue) == (1, 1, 0)


def test_nothing_after_now_is_due(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, "2026-11-22T12:00:01Z")])
    with swept(tmp_path) as store:
        assert one(store, policy(CHAT, MONTH)).undetermined == 1


def test_an_attachment_goes_with_its_mail(tmp_path: Path) -> None:
    box = mail(1, "Wed, 2 Sep 2026 10:00:00 +0200", PLAIN_TEXT, attached=PHONE)
    box += mail(2, "Wed, 2 Sep 2026 10:00:00 +0200", PHONE_TEXT, attached=PHONE)
    box += mail(3, "Fri, 20 Nov 2026 10:00:00 +0100", PLAIN_TEXT, attached=PHONE)
    write(tmp_path / "arkiv" / "in.mbox", box)
    post = '[[channel]]\nname = "post"\nmatch = { format = "mbox" }\n'
    with swept(tmp_path) as store:
        found = one(store, policy(post, promise("anonymize", channel="post", within="P30D")))
        erased = one(store, policy(post, promise("erase", channel="post", within="P30D")))
    assert (found.messages, found.overdue, found.later) == (3, 2, 1)
    assert found.findings == 3
    assert (erased.messages, erased.overdue, erased.later) == (3, 2, 1)


def test_a_file_without_messages_has_no_time(tmp_path: Path) -> None:
    write(tmp_path / "arkiv" / "chat" / "anteckning.txt", PERSON_TEXT)
    write(tmp_path / "arkiv" / "chat" / "tom.txt", "")
    with swept(tmp_path) as store:
        for of in (policy(CHAT, MONTH), policy(CHAT, ERASE)):
            found = one(store, of)
            assert (found.messages, found.undetermined, found.overdue) == (1, 1, 0)


def hold(**scope: str) -> Hold:
    return Hold(
        id="1", kind="audit", scope=msgspec.convert(scope, HoldScope), reason="x", owner="x"
    )


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        ({"path": "chat/a.jsonl"}, 1),
        ({"path": "chat"}, 3),
        ({"channel": "chat"}, 3),
        ({"channel": "post"}, 0),
        ({"path": "chat/a.jsonl", "channel": "post"}, 0),
    ],
)
def test_a_hold_beats_the_clock(scope: dict[str, str], held: int, tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)], "a")
    chat(tmp_path, [says(PHONE_TEXT, OLD), says(PHONE_TEXT, OLD), says(PHONE_TEXT, NEW)], "b")
    with swept(tmp_path) as store:
        found = one(store, policy(CHAT, MONTH), hold(**scope))
    assert (found.held, found.overdue, found.later) == (held, 3 - held, 1)


def test_a_hold_names_a_message_a_sender_and_a_person(tmp_path: Path) -> None:
    chat(
        tmp_path,
        [
            says(PHONE_TEXT, OLD, id="a-1"),
            says(EMAIL_TEXT, OLD, id="a-2", **{"from": "kim.andersson@example.org"}),
        ],
    )
    with swept(tmp_path) as store:
        (owner,) = store.objects()
        keys = [row["key"].tobytes().hex() for row in store.messages(owner)]
        prints = {
            (number, row.role): store.fingerprint(row)
            for number, row in store.message_findings(owner)
        }
        of = policy(CHAT, MONTH)
        by_key = Hold(
            id="1", kind="audit", scope=HoldScope(case="x"), reason="x", owner="x",
            aliases=frozenset([keys[0]]),
        )  # fmt: skip
        by_sender = Hold(
            id="2", kind="audit", scope=HoldScope(sender="x"), reason="x", owner="x",
            aliases=frozenset([prints[1, "sender"]]),
        )  # fmt: skip
        subject = HoldScope(subject=(prints[0, "body"],))
        by_subject = Hold(id="3", kind="audit", scope=subject, reason="x", owner="x")
        for each in (by_key, by_sender, by_subject):
            found = one(store, of, each)
            assert (found.held, found.overdue) == (1, 1), each
        assert one(store, of, by_key, by_sender).held == 2
        (place,) = one(store, of, by_key).spots[:1]
        assert place.loc.startswith("chat/logg.jsonl#1/")


def test_the_first_channel_that_fits_counts(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD, channel="web"), says(PHONE_TEXT, OLD)])
    first = '[[channel]]\nname = "web"\nmatch = { channel = "web" }\n'
    with swept(tmp_path) as store:
        whole = policy(first, CHAT, MONTH)
        assert one(store, whole).messages == 1
        assert one(store, policy(CHAT, first, MONTH)).messages == 2


def test_entries_fit_by_their_container_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as into:
        into.write(chat(tmp_path, [says(PHONE_TEXT, OLD)]), "inre/logg.jsonl")
    write(tmp_path / "arkiv" / "ut" / "export.zip", (tmp_path / "a.zip").read_bytes())
    globs = ["ut/**", "ut/*.zip", "**/inre/*.jsonl", "ut/export.zip/inre/logg.jsonl", "chat/**"]
    expected = [1, 1, 1, 1, 1]
    with swept(tmp_path) as store:
        for glob, count in zip(globs, expected, strict=True):
            own = f'[[channel]]\nname = "own"\nmatch = {{ path = "{glob}" }}\n'
            every = '[[channel]]\nname = "rest"\n'
            found = one(store, policy(own, every, promise("erase", channel="own", within="P30D")))
            assert found.messages == count, glob


def test_a_root_may_be_named_or_not_where_several_are_swept() -> None:
    assert paths("arkiv/chat/a.zip!/b.txt", many=True) == [
        "arkiv/chat/a.zip/b.txt",
        "chat/a.zip/b.txt",
    ]


def test_fields_and_readings_choose(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD, note=EMAIL_TEXT)])
    with swept(tmp_path) as store:
        for fields, count in ((["body"], 1), (["/note"], 1), (["/none"], 0), (["*"], 2)):
            own = promise("anonymize", channel="chat", within="P30D", fields=fields)
            assert one(store, policy(CHAT, own)).findings == count


@pytest.mark.parametrize("keep", [["/**/tlf"], ["meta"], ["/TLF"]])
def test_what_a_channel_keeps_does_not_count(keep: list[str], tmp_path: Path) -> None:
    chat(tmp_path, [says(PLAIN_TEXT, OLD, tlf=PHONE), says(PHONE_TEXT, OLD)])
    keeping = f"{CHAT}keep = {keep}\ndeclared = []\n"
    with swept(tmp_path) as store:
        found = one(store, policy(keeping, MONTH))
        assert (found.overdue, found.findings) == (1, 1)
        (unsaid,) = surveyed(store, policy(keeping)).undeclared
        assert unsaid.findings == 1
        assert one(store, policy(CHAT, MONTH)).overdue == 2


def test_people_are_counted_once(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)] * 3 + [says(EMAIL_TEXT, OLD), says(EMAIL_TEXT, NEW)])
    with swept(tmp_path) as store:
        found = one(store, policy(CHAT, MONTH))
    assert (found.findings, found.people) == (4, 2)


def test_what_no_notice_speaks_of_is_noted(tmp_path: Path) -> None:
    chat(tmp_path, [says(f"{PHONE_TEXT} Jag har diabetes."), says(EMAIL_TEXT)])
    write(tmp_path / "arkiv" / "annat.jsonl", '{"text": "hej", "sent": "2026-09-02T07:14:00Z"}\n')
    declared = CHAT + 'declared = ["email"]\n'
    grounded = CHAT + 'declared = ["contact"]\ngrounds = { health = "Art. 9(2)(h)" }\n'
    with swept(tmp_path) as store:
        found = surveyed(store, policy(declared))
        assert {(each.channel, each.category) for each in found.undeclared} == {
            ("chat", "contact"),
            ("chat", "health"),
        }
        assert [(each.category, each.findings) for each in found.groundless] == [("health", 1)]
        assert (found.uncovered, found.uncovered_places) == (1, ("annat.jsonl",))
        found = surveyed(store, policy(grounded))
        assert not found.undeclared
        assert not found.groundless
        assert not surveyed(store, policy(CHAT)).undeclared


def test_columns_agree_with_counting_one_by_one(tmp_path: Path) -> None:
    """The truth is computed message by message, by the rule for each."""
    rng = random.Random(7)  # noqa: S311 - the same archive in every run
    zone, period = STOCKHOLM, Period(months=1)
    of = policy(CHAT, promise("anonymize", channel="chat", within="P1M"))
    now = instant(NOW, of)
    truth = dict.fromkeys(("messages", "concerned", "overdue", "undetermined", "findings"), 0)
    for number in range(40):
        messages = []
        for _ in range(rng.randrange(1, 40)):
            day = NOW - timedelta(minutes=rng.randrange(100_000))
            start = None if rng.random() < 0.1 else int(day.timestamp() * 1000)
            count = rng.choice([0, 1, 2])
            text = " ".join([PHONE_TEXT, EMAIL_TEXT][:count]) or PLAIN_TEXT
            messages.append(says(text, None if start is None else day.isoformat()))
            truth["messages"] += 1
            if not count:
                continue
            truth["concerned"] += 1
            if start is None:
                truth["undetermined"] += 1
            elif erasable_from(start, period, zone) <= now:
                truth["overdue"] += 1
                truth["findings"] += count
        chat(tmp_path, messages, f"log{number}")
    with swept(tmp_path) as store:
        found = one(store, of)
    assert {name: getattr(found, name) for name in truth} == truth
    assert found.later + found.soon == truth["concerned"] - truth["overdue"] - truth["undetermined"]


def test_due_is_public(tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    with swept(tmp_path) as store:
        found = piiscan.due(
            store, policy="nordic-default", today=datetime(2026, 11, 22, tzinfo=UTC)
        )
    assert all(isinstance(each, piiscan.Due) for each in found)
