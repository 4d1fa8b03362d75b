"""A person in a pseudonymized archive: tokens made again from the identifiers, with the key.

A token is no finding, so the store does not know it: every field of the archive is read. That this
was done is logged by the caller.
"""

from collections.abc import Collection, Iterable

from piiscan.policy import LoadedPolicy
from piiscan.rewriting import token
from piiscan.scanning import Scanner

__all__ = ["domains_of", "holds_token", "tokens_of"]


def tokens_of(
    values: Iterable[tuple[str, str]], *, key: bytes, scanner: Scanner, domains: Collection[str]
) -> frozenset[str]:
    """Return the tokens that may stand for a person, in lower case.

    Args:
        values: Detector and value of each identifier.
        key: Of the pseudonyms.
        scanner: Whose options decide, such as the century of a short number.
        domains: In which tokens were made.

    """
    return frozenset(
        token(key, detector, value, scanner=scanner, domain=domain).lower()
        for detector, value in values
        for domain in domains
    )


def domains_of(policy: LoadedPolicy | None) -> set[str]:
    """Return the domains in which a policy makes pseudonyms, and the one without a name.

    Args:
        policy: With the operators.

    """
    named = policy.policy.operators.values() if policy else ()
    return {"", *(operator.domain for operator in named)}


def holds_token(text: str, tokens: Collection[str]) -> bool:
    """Return whether one of some tokens stands in a text; addresses lose the case of theirs.

    Args:
        text: A field.
        tokens: In lower case.

    """
    if "_" not in text:
        return False
    folded = text.lower()
    return any(token in folded for token in tokens)
