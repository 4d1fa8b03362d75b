"""Every list is a table; every line of a table is complete."""

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from piiscan.cli import COMMANDS
from piiscan.outputs import OUTPUTS, load
from piiscan.reports import REPORTS
from piiscan.scanning import detectors

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases"


def commands() -> list[tuple[str, click.Command]]:
    """Every command and sub-command, with its full name."""
    found = []
    for name in COMMANDS:
        made = import_module(f"piiscan.cli.{name}").command
        if isinstance(made, click.Group):
            found += [(f"{name} {sub}", inner) for sub, inner in made.commands.items()]
        else:
            found.append((name, made))
    return found


NAMES = [name for name, _ in commands()]


@pytest.mark.parametrize(("name", "made"), commands(), ids=NAMES)
def test_a_command_has_help(name: str, made: click.Command) -> None:
    assert made.help, name
    assert len(made.help) > 20


@pytest.mark.parametrize(("name", "made"), commands(), ids=NAMES)
def test_a_command_has_an_example_of_itself(name: str, made: click.Command) -> None:
    assert made.epilog
    assert f"piiscan {name}" in made.epilog


@pytest.mark.parametrize(("name", "made"), commands(), ids=NAMES)
def test_every_option_has_help(name: str, made: click.Command) -> None:
    silent = [
        option.name
        for option in made.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert not silent, name


@pytest.mark.parametrize("name", NAMES)
def test_a_command_has_a_case(name: str) -> None:
    cases = "".join(path.read_text() for path in (CASES / "cli").glob("*.txt"))
    assert re.search(rf"^\$ piiscan {name}\b", cases, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_a_command(name: str) -> None:
    assert f"piiscan {name}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_has_a_function_and_a_case(name: str) -> None:
    assert callable(load(name))
    cases = "".join(path.read_text() for path in (CASES / "cli").glob("*.txt"))
    assert name == "table" or f"--format {name}" in cases


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_has_a_case(kind: str) -> None:
    assert (CASES / "reports" / kind / "expected.html").is_file()


def test_every_file_of_outputs_and_reports_is_in_its_table() -> None:
    package = ROOT / "python" / "piiscan"
    assert {
        path.stem.removesuffix("_output") for path in (package / "outputs").glob("*_output.py")
    } == set(OUTPUTS)
    assert {
        path.stem.removesuffix("_report") for path in (package / "reports").glob("*_report.py")
    } == set(REPORTS)


@pytest.mark.parametrize("detector", detectors(), ids=lambda detector: detector.id)
def test_a_detector_says_what_it_finds_and_how(detector: object) -> None:
    assert getattr(detector, "summary", "")
    assert getattr(detector, "legal_class", "") in {"ordinary", "art9", "art10", "protected"}


def test_ids_of_detectors_are_unique() -> None:
    ids = [detector.id for detector in detectors()]
    assert len(ids) == len(set(ids))
