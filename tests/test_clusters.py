"""Facts that may single somebody out together, in one message or by one author."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import write

import piiscan
from piiscan.reports import clusters
from piiscan.reports.clusters import ALL, CONDITION, RARE, Clusters, find_clusters
from piiscan.store import Store

AGED, HOME, ILL = "Jag är född 1962-03-03.", "Jag bor på Storgatan 12.", "Jag har schizofreni."
COMMON = "Jag har diabetes."
ROLE, SCHOOL = "Jag är rektor på Norrskolan.", "Min son går på Tallbackens skola."
KIM, ROBIN = "kim.example@example.org", "robin.example@example.org"


def swept(folder: Path, lines: list[tuple[str, str]]) -> Store:
    rows = [
        {"id": str(number), "from": sender, "time": "2026-09-02T07:14:00Z", "text": text}
        for number, (sender, text) in enumerate(lines)
    ]
    write(folder / "arkiv" / "chat.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    store = folder / "s.db"
    for _ in piiscan.sweep(folder / "arkiv", store=store):
        pass
    return piiscan.open_store(store)


def found(folder: Path, *lines: tuple[str, str]) -> Clusters:
    with swept(folder, list(lines)) as store:
        return find_clusters(store)


def test_all_three_parts_in_one_message_are_a_cluster(tmp_path: Path) -> None:
    one = found(tmp_path, (KIM, f"{AGED} {HOME} {ILL}"), (KIM, "Hej!"))
    assert (one.messages, one.sure, one.authors) == (1, 1, 1)
    assert one.by_object == {"chat.jsonl": 1}


@pytest.mark.parametrize("text", [f"{AGED} {HOME}", f"{AGED} {ILL}", f"{HOME} {ILL}"])
def test_two_parts_are_none(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, (KIM, text)).messages == 0


def test_the_messages_of_one_author_count_together(tmp_path: Path) -> None:
    one = found(tmp_path, (KIM, AGED), (ROBIN, "Hej!"), (KIM, HOME), (KIM, ILL))
    assert (one.messages, one.authors) == (0, 1)


def test_the_messages_of_two_authors_do_not(tmp_path: Path) -> None:
    assert found(tmp_path, (KIM, AGED), (KIM, HOME), (ROBIN, ILL)).authors == 0


def test_evidence_of_low_confidence_counts_but_not_as_sure(tmp_path: Path) -> None:
    one = found(tmp_path, (KIM, f"Jag är 62 år gammal. {HOME} {ILL}"))
    assert (one.messages, one.sure) == (1, 0)


@pytest.mark.parametrize("text", [ROLE, SCHOOL, "Hän on kirkkoherra.", "I work as a midwife."])
def test_a_role_or_a_school_is_a_third_part(tmp_path: Path, text: str) -> None:
    one = found(tmp_path, (KIM, f"{AGED} {HOME} {text}"))
    assert (one.messages, one.sure) == (1, 0)


def test_a_role_that_many_have_is_one_still(tmp_path: Path) -> None:
    others = [(ROBIN, f"{ROLE} Fråga {number}.") for number in range(RARE)]
    assert found(tmp_path, (KIM, f"{AGED} {HOME} {ROLE}"), *others).messages == 1


def test_a_name_is_none(tmp_path: Path) -> None:
    assert found(tmp_path, (KIM, f"{AGED} {HOME} Jag heter Anna Svensson.")).messages == 0


def test_what_many_speak_of_is_not_rare(tmp_path: Path) -> None:
    others = [(ROBIN, f"{COMMON} Fråga {number}.") for number in range(RARE)]
    assert found(tmp_path, (KIM, f"{AGED} {HOME} {COMMON}")).messages == 1
    assert found(tmp_path, (KIM, f"{AGED} {HOME} {COMMON}"), *others).messages == 0


def test_without_a_sender_there_is_no_author(tmp_path: Path) -> None:
    assert found(tmp_path, ("", f"{AGED} {HOME} {ILL}")).authors == 0


PIECES = st.lists(st.sampled_from([AGED, HOME, ILL, COMMON, ROLE, "Hej!"]), max_size=3).map(
    " ".join
)
CHATS = st.lists(st.tuples(st.sampled_from([KIM, ROBIN, ""]), PIECES), max_size=8)


@given(CHATS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_columns_count_what_a_slow_count_does(
    tmp_path_factory: pytest.TempPathFactory, chat: list[tuple[str, str]]
) -> None:
    with swept(tmp_path_factory.mktemp("chat"), chat) as store:
        assert find_clusters(store) == slow(store)


def slow(store: Store) -> Clusters:
    """The same, finding by finding."""
    names = {number: row[0] for number, row in store.detector_rows.items()}
    rows = [
        (owner, number, row)
        for owner in store.objects()
        for number, row in store.message_findings(owner)
        if number is not None
    ]
    speaks = {
        (owner.id, number, row.attributes.get("term"))
        for owner, number, row in rows
        if names[row.detector] in clusters.CONDITIONS
    }
    often = Counter(term for _, _, term in speaks)
    bits: Counter[tuple[str, int]] = Counter()
    sure: Counter[tuple[str, int]] = Counter()
    senders: dict[tuple[str, int], list[tuple[bool, int, bytes]]] = {}
    for owner, number, row in rows:
        name, at = names[row.detector], (owner.loc, number)
        part = clusters.PARTS.get(name, 0)
        if name in clusters.CONDITIONS and often[row.attributes.get("term")] < RARE:
            part = CONDITION
        if name == clusters.NAMES and row.attributes.get("kind") in clusters.STANDINGS:
            part = CONDITION
        bits[at] |= part
        if row.confidence >= piiscan.MEDIUM:
            sure[at] |= part
        if row.role == "sender":
            contact = store.detector_rows[row.detector][1] == "contact"
            senders.setdefault(at, []).append((not contact, row.ordinal, row.fingerprint))
    authors: Counter[bytes] = Counter()
    for at, candidates in senders.items():
        authors[min(candidates)[2]] |= bits[at]
    whole = [at for at, held in bits.items() if held == ALL]
    return Clusters(
        messages=len(whole),
        sure=sum(held == ALL for held in sure.values()),
        authors=sum(held == ALL for held in authors.values()),
        by_object=dict(Counter(loc for loc, _ in whole)),
    )
