"""What the README shows is so."""

import doctest
import re
import shlex

import click
import pytest
from samples import ROOT

from piiscan.cli import piiscan

TEXT = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^piiscan [^#\n]+", TEXT, re.MULTILINE)


def test_the_examples_in_python_do_what_they_show() -> None:
    test = doctest.DocTestParser().get_doctest(TEXT, {}, "README.md", None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("shown", COMMANDS)
def test_a_command_exists_with_its_options(shown: str) -> None:
    words = shlex.split(shown.partition("<")[0])[1:]
    made: click.Command = piiscan
    while isinstance(made, click.Group):
        inner = made.get_command(click.Context(made), words.pop(0))
        assert inner
        made = inner
    known = {name for option in made.params for name in option.opts}
    assert {word for word in words if word.startswith("-")} <= known


@pytest.mark.parametrize("target", ["make sweep", "make test"])
def test_the_two_commands_of_the_first_minute_are_named(target: str) -> None:
    assert target in TEXT
    assert re.search(rf"^{target.split()[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
