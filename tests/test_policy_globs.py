"""Globs of a policy: over paths and over fields."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piiscan.policy import (
    field_fits,
    path_fits,
)

STEPS = st.lists(st.text("ab.", min_size=1, max_size=3), min_size=1, max_size=5)


@given(STEPS)
def test_a_path_fits_itself_and_any_number_of_steps(steps: list[str]) -> None:
    path = "/".join(steps)
    for glob in (
        path,
        "**",
        "**/" + path,
        f"**/{steps[-1]}",
        f"{steps[0]}/**" if steps[1:] else "*",
    ):
        assert path_fits(glob, path)


@given(STEPS, st.lists(st.sampled_from(["a", "b", "*", "**", "?", "a*"]), min_size=1, max_size=5))
def test_steps_are_compared_as_by_trying_everything(steps: list[str], globs: list[str]) -> None:
    def tried(globs: list[str], steps: list[str]) -> bool:
        if not globs:
            return not steps
        if globs[0] == "**":
            return any(tried(globs[1:], steps[at:]) for at in range(len(steps) + 1))
        return bool(steps) and fnmatchcase(steps[0], globs[0]) and tried(globs[1:], steps[1:])

    assert path_fits("/".join(globs), "/".join(steps)) == tried(globs, steps)


def test_many_stars_cost_no_more_than_length_times_length() -> None:
    assert not path_fits("/".join(["**", "a"] * 200 + ["b"]), "/".join(["a"] * 2000))


@pytest.mark.parametrize(
    ("glob", "role", "path", "meant"),
    [
        ("body", "body", "/text", True),
        ("attachment-*", "attachment-name", "", True),
        ("/client/ip", "meta", "/client/ip", True),
        ("/**/browser*", "meta", "/client/browserVersion", True),
        ("/browser", "meta", "Browser", True),
        ("/x-ip", "meta", "X-IP", True),
        ("meta", "body", "meta", False),
        ("/text", "text", "", False),
    ],
)
def test_a_field_is_meant_by_its_role_or_its_path(
    glob: str, role: str, path: str, *, meant: bool
) -> None:
    assert field_fits([glob], role, path) is meant
