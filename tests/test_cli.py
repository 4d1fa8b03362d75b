"""The real command: cases as data, and how it behaves when things go wrong."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samples import CASES, EMAIL, PERSON, UPDATE, Ran, Run, tree, write

FILES = sorted((CASES / "cli").glob("*.txt"))
PLAN = r"(?<=plan[ -])[0-9a-f]{8}\b|(?<=disposal-)[0-9a-f]{8}\b"


def stable(text: str) -> str:
    """Text without what differs from run to run: digests, times, sizes of the store."""
    text = re.sub(r"\b[0-9a-f]{64}\b", "(digest)", text)
    text = re.sub(r"(?<= )\([0-9a-f]{8}\)", "(digest)", text)
    text = re.sub(r'"elapsed_s":[0-9.]+', '"elapsed_s":(number)', text)
    text = re.sub(r'"ended":"[^"]+"', '"ended":(time)', text)
    text = re.sub(r'"version":"[^"]+"', '"version":(version)', text)
    text = re.sub(r'"tzdata":"[^"]+"', '"tzdata":(version)', text)
    text = re.sub(r"\btzdata 20\d\d[a-z]", "tzdata (version)", text)
    text = re.sub(r'"ids":\[[^\]]*\]', '"ids":[(list)]', text)
    text = re.sub(r'"files":\[[^\]]*\]', '"files":[(list)]', text)
    text = re.sub(
        r"^(lexicons  )[0-9a-f]{16}  \d+ of [^,\n]+", r"\1(shipped)", text, flags=re.MULTILINE
    )
    text = re.sub(r'"limits":\{[^}]*\}', '"limits":{(list)}', text)
    text = re.sub(PLAN, "(plan)", text)
    text = re.sub(r"(?<=entries, head )[0-9a-f]{16}", "(digest)", text)
    text = re.sub(r"^(store .*) \(.*\)$", r"\1 (size)", text, flags=re.MULTILINE)
    return re.sub(r"^piiscan \d+\.\d+\.\d+$", "piiscan (version)", text, flags=re.MULTILINE)


def played(script: str, folder: Path, run: Run) -> str:
    """Run a case again and return it as it is now.

    `> name` begins a file whose lines follow after `| `; `$ ` begins a command, whose output
    follows, lines of stderr after `! `, an empty line as `.`, and then `exit CODE`. `< name` at the
    end of a command is its stdin. `(plan)` stands for the id of the last plan.
    """
    now: list[str] = []
    plan = ""
    file: Path | None = None
    for line in script.splitlines():
        if line.startswith("> "):
            file = write(folder / line[2:], b"")
            file.chmod(0o600)
            now.append(line)
        elif line.startswith("| ") or line == "|":
            assert file
            file.write_text(file.read_text() + line[2:] + "\n")
            now.append(line)
        elif line.startswith("$ piiscan"):
            words = shlex.split(line[2:].replace("(plan)", plan))[1:]
            stdin = b""
            if "<" in words:
                stdin = (folder / words[-1]).read_bytes()
                words = words[: words.index("<")]
            done = run(*words, stdin=stdin)
            plan = "".join(re.findall(PLAN, done.out)[:1]) or plan
            now.append(line)
            now += [text or "." for text in stable(done.out).splitlines()]
            now += [f"! {text}" for text in stable(done.err).splitlines()]
            now.append(f"exit {done.code}")
        elif not line or line.startswith("#"):
            now.append(line)
    return "\n".join(now) + "\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_case_plays_as_written(file: Path, tmp_path: Path, run: Run) -> None:
    now = played(file.read_text(), tmp_path, run)
    if UPDATE:
        file.write_text(now)
    assert now == file.read_text()


def loaded(*arguments: str) -> set[str]:
    """The modules that a command imports."""
    code = (
        "import sys; from piiscan.cli import run; code = run(sys.argv[1:]);"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("module", ["numpy", "jinja2", "rich", "babel", "sqlite3"])
def test_asking_for_the_version_loads_nothing_heavy(module: str) -> None:
    assert module not in loaded("--version")


def test_asking_for_help_loads_nothing_heavy() -> None:
    assert not {"numpy", "jinja2"} & loaded("--help")


def assert_clear(done: Ran, *, code: int = 2) -> None:
    """One line that says what is wrong, at most one hint, and no trace of the program."""
    lines = done.err.splitlines()
    assert done.code == code
    assert lines
    assert lines[0].startswith("piiscan: ")
    assert len(lines) <= 2
    assert all(line.startswith("hint: ") for line in lines[1:])
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["swep"],
        ["sweep"],
        ["sweep", "missing"],
        ["sweep", "."],
        ["sweep", "empty"],
        ["sweep", "--jobs", "many", "."],
        ["sweep", "--jobs", "0", "."],
        ["sweep", "--nothing", "."],
        ["sweep", "--limit", "depth", "empty"],
        ["sweep", "--limit", "deepness=3", "empty"],
        ["sweep", "--now", "yesterday", "empty"],
        ["sweep", "--now", "2026-11-22T09:00:00", "empty"],
        ["sweep", "--exclude", "[", "empty"],
        ["sweep", "--lexicon", "text", "empty"],
        ["sweep", "--profile", "text", "empty"],
        ["sweep", "--store", "text", "empty"],
        ["sweep", "--store", "empty", "empty"],
        ["sweep", "--key-file", "text", "empty"],
        ["scan", "missing"],
        ["scan", "text", "--detectors", "emial"],
        ["scan", "text", "--fail-on", "helth"],
        ["scan", "text", "--fail-on", "any>many"],
        ["scan", "text", "--format", "xml"],
        ["scan", "text", "--reveal"],
        ["scan", "text", "-o", "missing/out"],
        ["scan", "text", "-o", "empty"],
        ["scan", "text", "--key-file", "missing"],
        ["report"],
        ["report", "swep"],
        ["report", "sweep"],
        ["store", "info", "--store", "text"],
        ["detectors", "show", "emial"],
    ],
    ids=" ".join,
)
def test_a_mistake_gets_a_clear_sentence(arguments: list[str], run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "text", "Hej.\n")
    assert_clear(run(*arguments))


def test_a_wrong_key_is_refused_with_code_4(run: Run, archive: Path, tmp_path: Path) -> None:
    write(tmp_path / "one", "01" * 32).chmod(0o600)
    write(tmp_path / "two", "02" * 32).chmod(0o600)
    run("sweep", str(archive), "--store", "s.db", "--key-file", "one")
    assert_clear(run("sweep", str(archive), "--store", "s.db", "--key-file", "two"), code=4)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("any", 1),
        ("contact", 1),
        ("email", 1),
        ("se-*", 1),
        ("se-*@high>0", 1),
        ("email>100", 0),
        ("art9", 0),
        ("skipped", 0),
        ("warn", 0),
    ],
)
def test_a_condition_decides_the_exit_code(
    condition: str, code: int, run: Run, archive: Path
) -> None:
    assert run("scan", str(archive), "--fail-on", condition).code == code


def test_findings_alone_are_no_failure(run: Run, archive: Path) -> None:
    assert run("scan", str(archive)).code == 0


def encrypted(folder: Path) -> None:
    """A zip whose only entry is marked as encrypted."""
    local = (
        b"PK\x03\x04\x14\x00\x01\x00\x00\x00"
        + bytes(4)
        + bytes(4)
        + b"\x04\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00x"
    )
    central = (
        b"PK\x01\x02\x14\x00\x14\x00\x01\x00\x00\x00"
        + bytes(8)
        + b"\x04\x00\x00\x00\x04\x00\x00\x00\x01\x00"
        + bytes(16)
        + b"x"
    )
    end = b"PK\x05\x06" + bytes(4) + b"\x01\x00\x01\x00" + len(central).to_bytes(4, "little")
    write(
        folder / "a.zip",
        local + b"abcd" + central + end + (len(local) + 4).to_bytes(4, "little") + b"\0\0",
    )


def test_incomplete_outranks_a_condition(run: Run, archive: Path) -> None:
    encrypted(archive)
    assert run("scan", str(archive), "--fail-on", "any").code == 3


def test_what_was_not_scanned_is_said(run: Run, archive: Path) -> None:
    encrypted(archive)
    assert "Not scanned" in run("scan", str(archive)).out


def test_the_second_sweep_says_that_nothing_has_changed(run: Run, archive: Path) -> None:
    run("sweep", str(archive))
    assert "nothing has changed: 4 objects" in run("sweep", str(archive)).out


def test_the_folder_of_the_store_and_its_key_are_made(
    run: Run, archive: Path, tmp_path: Path
) -> None:
    run("sweep", str(archive))
    assert (tmp_path / ".piiscan" / "store.db").is_file()
    assert (tmp_path / ".piiscan" / "key").is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ["empty"],
        ["empty", "--store", "new/sweep.db", "--key-file", "keys/key"],
        ["archive", "--detectors", "nonsense"],
        ["archive", "--limit", "deepness=3"],
    ],
)
def test_a_sweep_that_comes_to_nothing_leaves_no_store(
    arguments: list[str], run: Run, archive: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    if "archive" not in arguments:
        shutil.rmtree(archive)
    before = tree(tmp_path)
    assert run("sweep", *arguments).code == 2
    assert tree(tmp_path).keys() == before.keys()


def test_a_store_that_was_there_stays(run: Run, archive: Path, tmp_path: Path) -> None:
    run("sweep", str(archive))
    before = (tmp_path / ".piiscan" / "key").read_bytes()
    assert run("sweep", str(archive), "--limit", "deepness=3").code == 2
    assert (tmp_path / ".piiscan" / "key").read_bytes() == before
    assert run("store", "info").code == 0


def test_quiet_is_quiet(run: Run, archive: Path) -> None:
    assert run("sweep", str(archive), "-q").err == ""


def test_every_object_is_named_when_asked(run: Run, archive: Path) -> None:
    assert len(run("sweep", str(archive), "-v").err.splitlines()) == 4


def test_a_scanned_file_is_not_written_over(run: Run, archive: Path) -> None:
    file = archive / "brev.txt"
    assert_clear(run("scan", str(file), "-o", str(file)))
    assert PERSON in file.read_text()


def test_no_progress_without_a_terminal(run: Run, archive: Path) -> None:
    assert run("sweep", str(archive)).err == ""


def test_text_on_stdin_is_scanned(run: Run) -> None:
    assert "[email 9]" in run("scan", stdin="Mejla a@b.co.uk, hej@x.se").out.replace(
        "[email 10]", ""
    )


def test_a_number_cut_by_a_newline_at_the_end_is_found(run: Run) -> None:
    assert "[se-personnummer 11]" in run("scan", "-", stdin=f"pnr {PERSON}").out


def test_text_on_stdin_that_is_not_utf8_is_scanned_with_a_warning(run: Run) -> None:
    done = run("scan", stdin=f"Förnamn: {PERSON}".encode("cp1252"))
    assert "[se-personnummer 11]" in done.out
    assert "not valid UTF-8" in done.out


def test_context_is_masked(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.txt", f"Mitt personnummer är {PERSON}, mejla {EMAIL} nu.\n")
    shown = run("scan", "a.txt", "--context", "60").out
    assert "personnummer är [se-personnummer 11], mejla [email 23] nu." in shown
    assert PERSON not in shown


def test_context_masks_what_was_not_asked_for(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.txt", f"Mitt personnummer är {PERSON}, mejla {EMAIL} nu.\n")
    for width in (9, 12, 20, 40):
        shown = run("scan", "a.txt", "--context", str(width), "--detectors", "email").out
        assert "9876" not in shown
        assert "8112" not in shown


def test_revealed_values_are_warned_of_and_private(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.txt", f"pnr {PERSON}\n")
    done = run("scan", "a.txt", "--reveal", "-o", "out.txt")
    assert done.err.startswith("warning: ")
    assert PERSON in (tmp_path / "out.txt").read_text()
    if os.name == "posix":
        assert (tmp_path / "out.txt").stat().st_mode & 0o077 == 0


def test_color_is_used_only_when_asked_without_a_terminal(run: Run, archive: Path) -> None:
    assert "\x1b" not in run("scan", str(archive)).out
    assert "\x1b[1m" in run("scan", str(archive), "--color", "always").out


def test_a_result_in_the_archive_is_refused(run: Run, archive: Path) -> None:
    assert_clear(run("sweep", str(archive), "-o", str(archive / "out.txt")))
