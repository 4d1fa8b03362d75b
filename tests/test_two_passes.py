"""The source is read twice: the first pass finds, the second knows every value that goes."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from rewrites import content, job, rewrite
from samples import EMAIL, PERSON, ROOT, write

from piiscan.anonymize import FileResult, Job, Progress
from piiscan.anonymize.dry import dry_run
from piiscan.anonymize.surveying import surveyed
from piiscan.anonymize.writing import write as write_file
from piiscan.rewriting import Edits, Known, ObjectDone, Rewriter, Survey

DEMO = ROOT / "corpora" / "demo"
SAID = "Mitt personnummer är {}. Mejla {}, tack.\n"
PLAIN = "Se {} ovan.\n"


def first_pass(made: Job, survey: Survey) -> Known:
    """Carry out the first pass."""
    known: list[Known] = []

    def run() -> Iterator[Progress]:
        known.append((yield from surveyed(made, made.roots, survey=survey)))

    assert {progress.step for progress in run()} == {"scanning"}
    return known[0]


def told(rewriter: Rewriter) -> list[tuple[object, ...]]:
    """Everything that a pass says, in order."""
    said: list[tuple[object, ...]] = []
    for event, _ in rewriter.events():
        if isinstance(event, Edits):
            said.append((event.object, event.rows, event.kinds, event.outcomes, event.alerts))
        elif isinstance(event, ObjectDone):
            row = (event.loc, event.status, event.reason, event.scanned, event.lossy)
            said.append((*row, event.messages, event.edits, event.renamed, event.unchanged))
    return said


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_a_first_pass_found_changes_nothing(jobs: int, tmp_path: Path) -> None:
    made = job(DEMO, tmp_path / "copy", jobs=jobs)
    survey = Survey(tmp_path)
    known = first_pass(made, survey)
    second, alone = (
        told(made.rewriter(made.roots, sought=known, only=None, survey=found, spool=tmp_path))
        for found in (survey, None)
    )
    assert second == alone
    assert len(second) > 50
    assert not any(tmp_path.iterdir())


def test_a_first_pass_says_nothing_of_changes(tmp_path: Path) -> None:
    made = job(DEMO, tmp_path / "copy")
    rewriter = made.rewriter(made.roots, sought=None, only=None, first=True)
    events = [event for event, _ in rewriter.events()]
    assert not any(isinstance(event, Edits) for event in events)
    assert not any(event.edits for event in events if isinstance(event, ObjectDone))
    assert rewriter.removed()


def test_a_value_goes_from_files_before_in_one_round(tmp_path: Path) -> None:
    write(tmp_path / "archive" / "a.txt", PLAIN.format(PERSON.replace("-", " ")))
    write(tmp_path / "archive" / "b.txt", SAID.format(PERSON, EMAIL))
    run = rewrite(job(tmp_path / "archive", tmp_path / "copy"))
    assert (run.total.residues, run.total.rounds) == ([], 1)
    assert content(tmp_path / "copy", "a.txt") == b"Se [personal-number] ovan.\n"


CHANNELS = """
[notice]
name = "prov"
title = "Prov"
controller = "Nämnden"
[[channel]]
name = "chatt"
match = { path = "chatt/**" }
[[channel]]
name = "post"
match = { path = "post/**" }
[[promise]]
id = "chatt"
clause = "Allt går"
channel = "chatt"
within = "P0D"
action = "anonymize"
[[promise]]
id = "post"
clause = "Nummer går"
channel = "post"
find = ["identity-number"]
within = "P0D"
action = "anonymize"
"""


def test_a_value_goes_from_a_channel_only_if_it_was_promised_there(tmp_path: Path) -> None:
    write(tmp_path / "archive/chatt/a.txt", SAID.format(PERSON, EMAIL))
    plain = f"Se {PERSON.replace('-', ' ')} och {EMAIL}.\n"
    write(tmp_path / "archive/post/b.txt", plain)
    policy = write(tmp_path / "policy.toml", CHANNELS)
    run = rewrite(job(tmp_path / "archive", tmp_path / "copy", str(policy)))
    assert (run.total.residues, run.total.rounds) == ([], 1)
    left = content(tmp_path / "copy", "post/b.txt").decode()
    assert left == f"Se [personnummer] och {EMAIL}.\n"


def test_a_dry_run_tells_what_a_rewrite_does(tmp_path: Path) -> None:
    write(tmp_path / "archive" / "a.txt", PLAIN.format(PERSON))
    write(tmp_path / "archive" / "b.txt", SAID.format(PERSON, EMAIL))
    made = job(tmp_path / "archive", tmp_path / "copy")
    dry = [event for event in dry_run(made) if isinstance(event, FileResult)]
    assert not (tmp_path / "copy").exists()
    assert {one.loc: one.kinds for one in dry} == {
        loc: result.kinds for loc, (result, _) in rewrite(made).files.items()
    }
    assert sum((Counter(one.kinds) for one in dry), Counter()) == {"se-personnummer": 2, "email": 1}


def test_a_file_that_changes_between_the_passes_is_scanned_again(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    for name in ("a.txt", "b.txt", "c.txt"):
        write(archive / name, SAID.format(PERSON, EMAIL))
    made = job(archive, tmp_path / "copy")
    survey = Survey()
    known = first_pass(made, survey)
    write(archive / "a.txt", "Ingenting.\n")
    write(archive / "b.txt", "Nyss: " + SAID.format(PERSON, EMAIL))
    rewriter = made.rewriter(made.roots, sought=known, only=None, survey=survey)
    edits = {e.loc: e.edits for e, _ in rewriter.events() if isinstance(e, ObjectDone)}
    assert edits == {"a.txt": 0, "b.txt": 2, "c.txt": 2}


def test_values_of_two_passes_are_looked_for_together(tmp_path: Path) -> None:
    first = write(tmp_path / "first.txt", SAID.format(PERSON, EMAIL))
    second = write(tmp_path / "second.txt", "Jag heter Kim Exempelsson.\n")
    third = write(tmp_path / "third.txt", "hej kim exempelsson\n")
    known = first_pass(job(first, None), Survey())

    def edits(source: Path, sought: Known) -> tuple[int, Known]:
        made = job(source, None)
        rewriter = made.rewriter(made.roots, sought=sought, only=None)
        [done] = [event for event, _ in rewriter.events() if isinstance(event, ObjectDone)]
        return done.edits, rewriter.removed()

    count, removed = edits(second, known)
    assert (count, edits(third, known)[0]) == (1, 0)
    assert edits(third, known.joined(removed))[0] == 1


def test_a_write_ends_when_its_pass_is_stopped(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", SAID.format(PERSON, EMAIL))
    made = job(tmp_path / "a.txt", tmp_path / "copy")
    rewriter = made.rewriter(made.roots, sought=None, only=None, spool=tmp_path)
    [done] = [event for event, _ in rewriter.events() if isinstance(event, ObjectDone)]
    write_file(rewriter, done, tmp_path / "a.txt", tmp_path / "b.txt")
    rewriter.stop()
    with pytest.raises(KeyboardInterrupt):
        write_file(rewriter, done, tmp_path / "a.txt", tmp_path / "c.txt")
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "b.txt"}
