"""Who may import whom, and what must never occur, in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUST = ROOT / "rust" / "piiscan" / "src"
PYTHON = ROOT / "python" / "piiscan"

RUST_DOORS: dict[str, set[str]] = {
    "finding": set(),
    "checksum": set(),
    "calendar": set(),
    "coverage": set(),
    "simd": set(),
    "token": {"finding", "error"},
    "operate": {"finding", "token", "error"},
    "message": {"finding"},
    "error": {"message", "coverage"},
    "view": {"finding", "coverage", "error"},
    "lexicon": {"finding", "error"},
    "detect": {"finding", "checksum", "calendar", "lexicon", "simd", "error"},
    "scan": {"detect", "lexicon", "finding", "view", "simd", "token", "error"},
    "archive": {"message", "view", "coverage", "error", "simd", "calendar"},
    "sweep": {
        "archive", "scan", "view", "message", "finding", "coverage", "error", "token", "operate",
        "rewrite", "simd",
    },
    "rewrite": {"archive", "view", "message", "coverage", "error"},
}  # fmt: skip
PYTHON_DOORS: dict[str, set[str]] = {
    "errors": set(),
    "files": set(),
    "findings": {"errors"},
    "feed": {"_core"},
    "scanning": {"_core", "feed", "findings", "errors"},
    "policy": {"files", "findings", "errors"},
    "rewriting": {"_core", "feed", "scanning", "findings", "errors"},
    "anonymize": {
        "rewriting", "scanning", "sweeping", "policy", "holds", "store", "findings", "files",
        "errors",
    },
    "store": {"findings", "files", "errors"},
    "holds": {"policy", "store", "errors"},
    "sweeping": {"scanning", "store", "findings", "files", "errors"},
    "retention": {"anonymize", "policy", "holds", "store", "findings", "files", "errors"},
    "promises": {"retention", "policy", "holds", "store", "errors"},
    "rights": {
        "anonymize", "rewriting", "sweeping", "scanning", "retention", "policy", "holds", "store",
        "findings", "files", "errors",
    },
    "reports": {
        "promises", "retention", "policy", "holds", "store", "findings", "files", "errors",
    },
    "outputs": {
        "promises", "retention", "reports", "holds", "store", "findings", "files", "errors",
    },
    "cli": {
        "anonymize", "errors", "files", "findings", "holds", "outputs", "policy", "promises",
        "reports", "retention", "rewriting", "rights", "scanning", "store", "sweeping",
        "__version__",
    },
    "__main__": {"cli"},
}  # fmt: skip
UNSAFE = {"simd/avx2.rs", "simd/sse2.rs", "simd/neon.rs"}

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
TEXT = re.compile(r'b?r?"(?:[^"\\]|\\.)*"', re.DOTALL)
TESTS = re.compile(r"^#\[cfg\(test\)\].*\Z", re.DOTALL | re.MULTILINE)


def rust_files() -> list[Path]:
    return sorted(path for path in RUST.rglob("*.rs") if path.stem != "tests")


def python_files() -> list[Path]:
    return sorted(PYTHON.rglob("*.py"))


def code(path: Path) -> str:
    """Rust without comments, strings and the tests at its foot."""
    return TEXT.sub('""', COMMENT.sub("", TESTS.sub("", path.read_text())))


def room(path: Path, house: Path) -> str:
    return path.relative_to(house).parts[0].removesuffix(".rs").removesuffix(".py")


def entered(source: str) -> set[str]:
    """The rooms that a Rust file names after `crate::`, alone or in braces."""
    rooms = set(re.findall(r"\bcrate::([a-z_]+)", source))
    for group in re.findall(r"\bcrate::\{([^;]*)\}", source):
        depth = 0
        for word in re.findall(r"[{}]|[a-z_]+(?=::|\s*[,}]|\s*$)", group):
            if word in "{}":
                depth += 1 if word == "{" else -1
            elif depth == 0:
                rooms.add(word)
    return rooms


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = node.module or ""
            if module == "piiscan":
                yield from (f"piiscan.{alias.name}" for alias in node.names)
            else:
                yield module


@pytest.mark.parametrize("path", rust_files(), ids=lambda path: str(path.relative_to(RUST)))
def test_a_rust_room_enters_only_its_doors(path: Path) -> None:
    name = room(path, RUST)
    if name == "lib":
        return
    assert entered(code(path)) - {name} <= RUST_DOORS[name] | {"Error", "ErrorKind"}


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(PYTHON)))
def test_a_python_room_enters_only_its_doors(path: Path) -> None:
    name = room(path, PYTHON)
    if name == "__init__":
        return
    names = [module.split(".")[1] for module in imported(path) if module.startswith("piiscan.")]
    assert set(names) - {name} <= PYTHON_DOORS[name]


def test_every_rust_room_has_its_doors_listed() -> None:
    assert {room(path, RUST) for path in rust_files()} - {"lib"} == set(RUST_DOORS)


def test_every_python_room_has_its_doors_listed() -> None:
    assert {room(path, PYTHON) for path in python_files()} - {"__init__"} == set(PYTHON_DOORS)


def test_grouped_imports_are_seen() -> None:
    assert entered("use crate::{finding::{Span, Category}, view};") == {"finding", "view"}


@pytest.mark.parametrize("path", rust_files(), ids=lambda path: str(path.relative_to(RUST)))
def test_unsafe_stands_only_where_vectors_are_used(path: Path) -> None:
    if str(path.relative_to(RUST)) not in UNSAFE:
        assert not re.search(r"\bunsafe\b", code(path))


@pytest.mark.parametrize(
    "forbidden",
    ["std::fs", "std::thread", "std::time", "SystemTime", "Instant", "rand::"],
)
def test_detection_knows_no_files_threads_or_clock(forbidden: str) -> None:
    for path in rust_files():
        if room(path, RUST) in {"detect", "scan", "lexicon"}:
            assert forbidden not in code(path), path


@pytest.mark.parametrize(
    "forbidden",
    [
        "pyo3",
        "rayon",
        "TcpStream",
        "UdpSocket",
        "ToSocketAddrs",
        "memmap",
        "temp_dir",
        "std::process",
    ],
)
def test_the_core_never_uses(forbidden: str) -> None:
    for path in rust_files():
        assert forbidden not in code(path), path


def test_the_core_depends_on_no_python() -> None:
    assert "pyo3" not in (ROOT / "rust" / "piiscan" / "Cargo.toml").read_text()


def test_threads_are_made_in_the_sweep_alone() -> None:
    for path in rust_files():
        if room(path, RUST) != "sweep":
            assert not re.search(r"\bthread::(spawn|scope|Builder)\b", code(path)), path


@pytest.mark.parametrize(
    "module",
    [
        "click",
        "rich",
        "pickle",
        "marshal",
        "shelve",
        "yaml",
        "tempfile",
        "socket",
        "urllib",
        "http",
    ],
)
def test_a_module_is_imported_only_where_it_may_be(module: str) -> None:
    for path in python_files():
        if module in {"click", "rich"} and room(path, PYTHON) == "cli":
            continue
        assert module not in {name.split(".")[0] for name in imported(path)}, path


def calls(path: Path) -> Iterator[tuple[str, str]]:
    """What a Python file calls: the name, and what it is called on."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, ""
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, ast.unparse(node.func.value)


@pytest.mark.parametrize("name", ["eval", "exec", "compile", "__import__"])
def test_no_text_is_run_as_code(name: str) -> None:
    for path in python_files():
        assert (name, "") not in set(calls(path)), path


@pytest.mark.parametrize("name", ["now", "today", "utcnow", "print", "exit", "_exit", "input"])
def test_the_clock_the_screen_and_the_end_belong_to_the_command_line(name: str) -> None:
    for path in python_files():
        if room(path, PYTHON) != "cli":
            assert name not in {called for called, _ in calls(path)}, path


def test_no_other_clock_is_read() -> None:
    for path in python_files():
        if room(path, PYTHON) != "cli":
            assert ("time", "time") not in set(calls(path)), path


def test_no_report_names_an_address_on_the_net() -> None:
    for path in (PYTHON / "reports").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert not re.search(r"https?:|//[a-z]+\.", path.read_text()), path


@pytest.mark.parametrize(
    "path", [*rust_files(), *python_files()], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_file_has_a_module_doc(path: Path) -> None:
    text = path.read_text().lstrip()
    assert text.startswith(("//!", "#![", '"""', 'r"""'))


@pytest.mark.parametrize(
    "path", [*rust_files(), *python_files()], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_file_is_at_most_600_lines_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 600


@pytest.mark.parametrize(
    "path", [*rust_files(), *python_files()], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_file_has_a_name_that_says_something(path: Path) -> None:
    assert path.stem not in {"utils", "misc", "common", "manager", "base"}
    assert not path.stem.endswith("2") or path.stem in {"avx2", "sse2", "bzip2"}
