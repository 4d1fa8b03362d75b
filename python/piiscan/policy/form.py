"""From TOML to a policy: what does not fit the form is named with its path and a hint."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from piiscan.findings import printable
from piiscan.policy.model import Policy

__all__ = ["Problem", "convert", "read_form"]

_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_PLACE = re.compile(r"^(.*?)(?: - at `\$(.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(?:\d+|\.\.\.)\]")
_WORDS = {"object": "table", "str": "text", "array": "list", "int": "number"}


class Problem(NamedTuple):
    """What is wrong in a policy, where in its file, and what to do."""

    path: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return printable(f"{self.what} at {self.path}")


def read_form(text: str) -> tuple[Policy | None, dict[str, Any], list[Problem]]:
    """Return a policy, the document it was read from, and what does not fit the form.

    Args:
        text: TOML.

    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, {}, [Problem("$", f"no TOML: {_lowered(str(error))}")]
    except RecursionError:
        return None, {}, [Problem("$", "no policy: brackets within brackets without end")]
    policy, found = convert(document)
    return policy, document, found


def convert(document: Mapping[str, Any]) -> tuple[Policy | None, list[Problem]]:
    """Return a policy, or what does not fit the form.

    Args:
        document: As read from TOML.

    """
    try:
        return msgspec.convert(document, Policy), []
    except msgspec.ValidationError:
        return None, list(_misfits(document))


def _misfits(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Convert each part by itself, so that a fault in one does not hide those in others."""
    kinds = {field.name: field.type for field in msgspec.structs.fields(Policy)}
    for key, value in document.items():
        if key not in kinds:
            yield _unknown("$", key, kinds)
            continue
        for path, part, kind in _parts(f"$.{key}", value, kinds[key]):
            try:
                msgspec.convert(part, kind)
            except msgspec.ValidationError as error:
                yield _explained(path, str(error), kind)
    if "notice" not in document:
        yield Problem("$", "table `notice` is missing", "name, title and controller in [notice]")


def _parts(path: str, value: object, kind: Any) -> Iterator[tuple[str, object, Any]]:
    """Return a value, or the members of a list or table of tables one by one."""
    member = get_args(kind)[-1] if get_args(kind) else None
    if get_origin(kind) is list and isinstance(value, list):
        for number, part in enumerate(value):
            yield f"{path}[{number}]", part, member
    elif get_origin(kind) is dict and isinstance(value, dict):
        for key, part in value.items():
            name = key if re.fullmatch(r"[\w-]+", key) else f'"{key}"'
            yield f"{path}.{name}", part, member
    else:
        yield path, value, kind


def _explained(path: str, message: str, kind: Any) -> Problem:
    """Say in the words of the file what msgspec said of a part."""
    found = _PLACE.match(message)
    what, inner = (found[1], found[2] or "") if found else (message, "")
    target = _kind_at(kind, inner)
    if unknown := _UNKNOWN.fullmatch(what):
        known = {field.name: field.type for field in msgspec.structs.fields(target)}
        return _unknown(path + inner, unknown[1], known)
    if missing := _MISSING.fullmatch(what):
        return Problem(path + inner, f"key `{missing[1]}` is missing")
    if get_origin(target) is Literal:
        choices = [str(choice) for choice in get_args(target)]
        given = re.search(r"'(.*)'", what, re.DOTALL)
        said = f"`{given[1]}`" if given else "this"
        return Problem(path + inner, f"{said} is no choice here", _near(given, choices))
    if "date" in what:
        return Problem(path + inner, "no date", "without quotes, such as 2026-11-22")
    return Problem(path + inner, _in_words(what))


def _unknown(path: str, key: str, known: Mapping[str, object]) -> Problem:
    near = get_close_matches(key, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"
    return Problem(path, f"unknown key `{key}`", hint)


def _near(given: re.Match[str] | None, choices: list[str]) -> str:
    near = get_close_matches(given[1], choices, n=1) if given else []
    return f"did you mean `{near[0]}`?" if near else f"one of: {', '.join(choices)}"


def _kind_at(kind: Any, path: str) -> Any:
    """Return the type of the value at a path within a value of type `kind`."""
    for step in _STEP.finditer(path):
        if step[1] and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            kind = {field.name: field.type for field in msgspec.structs.fields(kind)}.get(step[1])
        else:
            kind = get_args(kind)[-1] if get_args(kind) else None
    return kind


def _in_words(what: str) -> str:
    for word, plain in _WORDS.items():
        what = re.sub(rf"\b{word}\b", plain, what)
    return _lowered(what.replace("`", ""))


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
