"""Why a finding was made: what the detector's rule says of its confidence, and what was seen."""

import re
from collections.abc import Mapping

__all__ = ["explain"]

CLAUSE = re.compile(
    r"(?:^|(?<=\. ))(high|medium|low): (.*?)(?=$| (?:high|medium|low): )", re.MULTILINE
)
EVERYWHERE = re.compile(r"(?:^|(?<=\. ))One step down.*?(?:\.|$)", re.MULTILINE)
CONTEXTS = {
    "adjacent": "a context word directly before it, or in its label",
    "before": "a context word before it",
    "after": "a context word after it",
    "none": "no context word near",
}
CHECKS = {
    "pass": "the check digit is right",
    "fail": "the check digit is wrong",
    "none": "no check digit",
}
SPOKEN = ("context", "check", "digits", "grouped")  # told in words, not as they are


def explain(rule: str, confidence: str, attributes: Mapping[str, object]) -> list[str]:
    """Return lines for people: what was seen, then the part of the rule that it fits.

    Args:
        rule: Of the detector.
        confidence: Of the finding: `high`, `medium` or `low`.
        attributes: Of the finding, from a scanner that explains.

    """
    return [f"seen: {'; '.join(_seen(attributes)) or 'the shape'}", *_ruled(rule, confidence)]


def _seen(attributes: Mapping[str, object]) -> list[str]:
    seen = [CONTEXTS[str(attributes["context"])]] if "context" in attributes else []
    if "check" in attributes:
        seen.append(CHECKS[str(attributes["check"])])
    if digits := attributes.get("digits"):
        seen.append(f"{digits} digits{' in groups' if attributes.get('grouped') else ''}")
    for name, value in attributes.items():
        if name in SPOKEN:
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        seen.append(name if value is True else f"{name} {text}")
    return seen


def _ruled(rule: str, confidence: str) -> list[str]:
    clauses = CLAUSE.findall(rule)
    if not clauses:
        return [f"rule: {rule.splitlines()[0]}"] if rule else []
    told = [f"{name}: {text}" for name, text in clauses if name == confidence]
    everywhere = [text for text in EVERYWHERE.findall(rule) if not any(text in t for t in told)]
    return [*told, *everywhere]
