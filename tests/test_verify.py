"""`anonymize` and `verify` say nothing of values, and `verify` notices what is put back."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from samples import EMAIL, PERSON, PHONE, ROOT, Run, command, write

DEMO = ROOT / "corpora" / "demo"
TRUTH = ROOT / "corpora" / "demo-truth.jsonl"
LENGTH = 8  # characters: shorter values are words that anybody may use
POLICY = ("--policy", "nordic-default", "--now", "2026-11-22")


def planted() -> set[str]:
    """Values of the demo that identify somebody, as they are written."""
    rows = [json.loads(line) for line in TRUTH.read_text(encoding="utf-8").splitlines()]
    return {row["value"] for row in rows if len(row["value"]) >= LENGTH}


def leaked(text: str, values: set[str]) -> list[str]:
    return sorted(value for value in values if value in text or json.dumps(value)[1:-1] in text)


def test_no_value_of_the_demo_stands_in_what_is_said_or_logged(run: Run, tmp_path: Path) -> None:
    values = planted()
    assert len(values) > 100
    said = ""
    for arguments in (
        ["anonymize", str(DEMO), "-o", "dry", *POLICY, "--dry-run", "-vvv"],
        ["anonymize", str(DEMO), "-o", "copy", *POLICY, "-vvv"],
        ["verify", "copy", *POLICY, "--source", str(DEMO), "-vvv"],
        ["verify", str(DEMO), *POLICY, "-vvv"],
    ):
        done = run(*arguments)
        assert done.code in {0, 1, 3}, done.err
        said += done.out + done.err
    assert not (tmp_path / "dry").exists()
    for name in ("copy.audit.jsonl", "copy.audit.jsonl.head", "copy.edits.jsonl"):
        said += (tmp_path / name).read_text(encoding="utf-8")
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert not leaked(said, values)
    assert leaked((DEMO / "chatt" / "webbchatt-00.jsonl").read_text(encoding="utf-8"), values)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small archive, its clean copy and the trail of it."""
    folder = tmp_path_factory.mktemp("clean")
    write(folder / "archive" / "brev.txt", f"Mitt personnummer är {PERSON}.\nMejla {EMAIL}.\n")
    write(folder / "archive" / "tom.txt", "")
    write(folder / "archive" / "row.json", json.dumps({"text": f"Ring {PHONE}.", "antal": 3}))
    made = ("anonymize", "archive", "-o", "copy", *POLICY)
    for arguments in (made, ("verify", "copy", *POLICY, "--source", "archive")):
        subprocess.run(command(*arguments), cwd=folder, check=True, capture_output=True)  # noqa: S603 - our own command
    return folder


@pytest.fixture
def copied(clean: Path, tmp_path: Path) -> Path:
    """The clean copy, to be spoiled."""
    shutil.copytree(clean, tmp_path, dirs_exist_ok=True)
    return tmp_path / "copy"


@pytest.mark.parametrize(
    ("value", "source"),
    [(PERSON, ()), (EMAIL, ("--source", "archive")), (PHONE, ("--source", "archive"))],
)
def test_a_value_that_is_put_back_is_noticed(
    value: str, source: tuple[str, ...], copied: Path, run: Run
) -> None:
    with (copied / "brev.txt").open("a") as file:
        file.write(f"Ring eller mejla {value}.\n")
    done = run("verify", "copy", *POLICY, *source)
    assert done.code == 1
    assert "Left      brev.txt" in done.out
    assert value not in done.out + done.err


def test_the_names_of_messages_are_no_addresses(run: Run, tmp_path: Path) -> None:
    mail = (
        "From: Kim Exempel <kim@example.org>\nMessage-ID: <1234@mail.example.org>\n"
        "In-Reply-To: <99.anna@example.se>\nReferences: <98.a b@example.se>\n\nHej\n"
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.eml").write_text(mail)
    run("anonymize", "src", "-o", "dst", "--policy", "nordic-default")
    copy = (tmp_path / "dst" / "a.eml").read_text()
    assert ("<1234@mail.example.org>" in copy, "kim@" in copy) == (True, False)
    done = run("verify", "dst", "--policy", "nordic-default", "--source", "src")
    assert (done.code, "Nothing is left" in done.out) == (0, True)


def test_a_removed_key_is_noticed(copied: Path, run: Run) -> None:
    row = json.loads((copied / "row.json").read_text())
    del row["antal"]
    (copied / "row.json").write_text(json.dumps(row))
    done = run("verify", "copy", *POLICY, "--source", "archive")
    assert done.code == 1
    assert "Form      row.json" in done.out


def test_a_changed_byte_is_noticed_by_the_log(copied: Path, run: Run) -> None:
    write(copied / "tom.txt", "x")
    done = run("verify", "copy", *POLICY)
    assert done.code == 1
    assert "Log       tom.txt" in done.out


@pytest.mark.parametrize("fault", ["edited", "removed", "cut", "swapped"])
def test_a_log_that_was_touched_is_noticed(fault: str, copied: Path, run: Run) -> None:
    log = copied.with_name("copy.audit.jsonl")
    lines = log.read_text().splitlines(keepends=True)
    if fault == "edited":
        lines[1] = lines[1].replace('"edits":', '"edits":1', 1)
    elif fault == "removed":
        del lines[2]
    elif fault == "cut":
        del lines[-1]
    else:
        lines[1], lines[2] = lines[2], lines[1]
    log.write_text("".join(lines))
    done = run("verify", "copy", *POLICY)
    assert done.code == 1
    assert " Log  " in done.out


def test_a_filter_writes_each_line_before_it_reads_the_next(tmp_path: Path) -> None:
    running = subprocess.Popen(  # noqa: S603 - our own command
        command("filter", "--policy", "nordic-default"),
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdin
    assert running.stdout
    for value in (PERSON, PHONE, EMAIL):
        running.stdin.write(f"Ring eller mejla {value} nu.\n")
        running.stdin.flush()
        line = running.stdout.readline()
        assert line.startswith("Ring eller mejla [")
        assert value not in line
    running.stdin.close()
    assert running.stdout.read() == ""
    running.stdout.close()
    assert running.wait(60) == 0
