"""Loading a policy: a shipped one by its name, or a file; and asking it."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from os import PathLike, fspath
from pathlib import Path
from types import MappingProxyType

import msgspec

from piiscan.errors import PolicyError
from piiscan.findings import printable
from piiscan.policy.checks import problems
from piiscan.policy.form import Problem, read_form
from piiscan.policy.labels import label, language
from piiscan.policy.matching import name_fits, place_fits
from piiscan.policy.model import Channel, Operator, Policy, Promise

__all__ = ["BUILTIN", "LoadedPolicy", "examine", "load", "parse", "policy_text"]

BUILTIN: Mapping[str, str] = MappingProxyType(
    {
        "nordic-default": "Sensible defaults for an archive without a notice",
        "upplands-bro": "Contact center: personal data out of messages after 30 days",
        "kommun-kim": "Chatbot: long numbers and sensitive words at once, the log after 21 days",
        "kommune-kari": "Norwegian chatbot: numbers of more than five digits, names, e-mail",
        "borga": "Call recordings: erased after three months, threats on hold",
        "karlstad": "Customers of power and city networks: contract, then what the law demands",
        "dvv": "Customer service of an agency: a year from closing, a year from the call",
    }
)
"""Name -> title of every policy that ships; one file of `builtin/` each."""


@dataclass(frozen=True)
class LoadedPolicy:
    """A checked policy, with the questions that others ask it.

    `digest` names what applies, defaults included: SHA-256 in hex over the policy as JSON. `folder`
    is what relative paths of the policy count from, None for a shipped one.
    """

    policy: Policy
    name: str
    digest: str
    folder: Path | None = None

    @cached_property
    def language(self) -> str:
        """The language of the labels."""
        return language(self.policy.notice.locale)

    def channel_of(
        self,
        path: str,
        profile: str = "",
        format: str = "",  # noqa: A002 - the word of the field
        channel: str = "",
    ) -> Channel | None:
        """Return the first channel that matches a message, None if none does.

        Args:
            path: Of the file below its root, `/` between steps.
            profile: Id of the profile that the file was read with.
            format: Id of its format.
            channel: What the message says of its channel, else what its profile says.

        """
        for candidate in self.policy.channel:
            match = candidate.match
            if (
                place_fits(match.path, path)
                and name_fits(match.profile, profile)
                and name_fits(match.format, format)
                and name_fits(match.channel, channel)
            ):
                return candidate
        return None

    def promises_of(self, channel: Channel | None) -> tuple[Promise, ...]:
        """Return what is promised about the messages of a channel, in the order of the file.

        Args:
            channel: None for messages of no channel: only what holds for all of them.

        """
        return tuple(
            promise
            for promise in self.policy.promise
            if promise.channel == "*" or (channel and name_fits(promise.channel, channel.name))
        )

    def operator_of(self, detector: str, category: str = "") -> Operator:
        """Return what comes in the place of a finding; a label where the policy says nothing.

        The label of an operator `label` is filled in.

        Args:
            detector: Its id.
            category: Its category.

        """
        fitting = (
            operator
            for glob, operator in self.policy.operators.items()
            if name_fits(glob, detector, category)
        )
        operator = next(fitting, Operator(op="label"))
        if operator.op != "label" or operator.label:
            return operator
        return Operator(op="label", label=label(detector, category, lang=self.language))


def policy_text(source: str | PathLike[str]) -> tuple[str, Path | None]:
    """Return the TOML of a policy, and the folder that its paths count from.

    Args:
        source: The name of a shipped policy, or a file.

    Raises:
        FileNotFoundError: There is no such file.
        PolicyError: The name is unknown, or the file is not UTF-8.

    """
    if isinstance(source, str) and source in BUILTIN:
        shipped = files("piiscan.policy") / "builtin" / f"{source}.toml"
        return shipped.read_text(encoding="utf-8"), None
    path = Path(source)
    if isinstance(source, str) and path.name == source and not path.suffix and not path.exists():
        near = get_close_matches(source, BUILTIN, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "piiscan policy list"
        raise PolicyError(f"no policy is called `{source}`\n\nhint: {hint}")
    try:
        return path.read_text(encoding="utf-8-sig"), path.parent
    except UnicodeDecodeError:
        raise PolicyError(f"policy `{path}` is not UTF-8") from None


def load(source: str | PathLike[str]) -> LoadedPolicy:
    """Load a policy.

    Args:
        source: The name of a shipped policy, or a file.

    Raises:
        FileNotFoundError: There is no such file.
        PolicyError: The name is unknown, or something in the file is wrong: says where.

    """
    text, folder = policy_text(source)
    return parse(text, name=fspath(source), folder=folder)


def parse(text: str, *, name: str = "policy", folder: Path | None = None) -> LoadedPolicy:
    """Return the policy that a text of TOML is.

    Args:
        text: TOML.
        name: Shown in errors.
        folder: What its relative paths count from.

    Raises:
        PolicyError: Something in it is wrong: says where.

    """
    policy, found = examine(text, folder)
    if policy is None or found:
        first = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        hint = f"\n\nhint: {printable(first.hint)}" if first.hint else ""
        raise PolicyError(f"policy `{name}`: {first}{more}{hint}")
    return LoadedPolicy(policy, policy.notice.name, _digest(policy), folder)


def examine(text: str, folder: Path | None = None) -> tuple[Policy | None, list[Problem]]:
    """Return the policy that a text of TOML is, and everything that is wrong in it.

    Args:
        text: TOML.
        folder: What its relative paths count from.

    """
    policy, document, found = read_form(text)
    if policy is not None:
        found = list(problems(policy, document, folder))
    return policy, found


def _digest(policy: Policy) -> str:
    """Hash the operators as a list: their order counts, and sorting would lose it."""
    parts = msgspec.to_builtins(policy)
    parts["operators"] = list(parts["operators"].items())
    return sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
