"""Texts of their own: each message anonymized before it is logged, stored or shown."""

from collections.abc import Callable, Mapping
from datetime import date
from os import PathLike

from piiscan.anonymize.decisions import decisions
from piiscan.policy import LoadedPolicy, load
from piiscan.policy.model import Operator
from piiscan.rewriting import Replaced, TreatedText, Treatment
from piiscan.scanning import Scanner

__all__ = ["Anonymizer", "policy_scanner"]


class Anonymizer:
    """Replaces what a policy promises to remove, in one text after the other.

    Immutable; threads may share it. Clocks do not count: what comes in has just been written.

    >>> Anonymizer("upplands-bro").text("Mitt nummer är 070-174 06 05, ring gärna.").text
    'Mitt nummer är [telefon], ring gärna.'

    Args:
        policy: A shipped policy by its name, a file, or a policy.
        key: 32 bytes, for operators that make tokens.
        operators: Detector or category -> the name of an operator, or a function of the value, that
            goes before those of the policy.
        reference_date: Latest date that a date of birth may have.

    Raises:
        PolicyError: The policy is wrong, or an operator needs a key and there is none.

    """

    __slots__ = ("_own", "_scanner", "_treatment", "policy")

    def __init__(
        self,
        policy: str | PathLike[str] | LoadedPolicy,
        *,
        key: bytes | None = None,
        operators: Mapping[str, str | Callable[[str], str]] | None = None,
        reference_date: date | None = None,
    ) -> None:
        self.policy = policy if isinstance(policy, LoadedPolicy) else load(policy)
        self._scanner = policy_scanner(self.policy, reference_date=reference_date)
        given = operators or {}
        named = {
            glob: Operator(op="label") if callable(op) else Operator(op=op)  # type: ignore[arg-type]
            for glob, op in given.items()
        }
        catalog = self._scanner.catalog
        self._own = {
            detector: function
            for detector, (category, _) in catalog.items()
            if callable(function := given.get(detector, given.get(category)))
        }
        spec = decisions(self.policy, catalog, operators=named)
        self._treatment = Treatment(spec, scanner=self._scanner, key=key)

    def text(self, text: str, *, channel: str = "") -> TreatedText:
        """Return a text with what was promised replaced, and where.

        Args:
            text: What somebody wrote.
            channel: What the message says of its channel.

        """
        done = self._treatment.text(text, channel=channel)
        return _spliced(text, done, self._own) if self._own else done


def policy_scanner(
    policy: LoadedPolicy, *, key: bytes | None = None, reference_date: date | None = None
) -> Scanner:
    """Return the scanner that a policy asks for: its own detectors, and those of its promises.

    Args:
        policy: With its scan options.
        key: Of fingerprints.
        reference_date: Latest date that a date of birth may have.

    """
    scan = policy.policy.scan
    promised = [glob for promise in policy.policy.promise for glob in promise.find]
    return Scanner(
        detectors=list(dict.fromkeys([*scan.detectors, *promised])),
        locales=scan.locales,
        min_digits=scan.min_digits,
        strict=scan.strict,
        grouped=scan.grouped,
        reference_date=reference_date,
        key=key,
    )


def _spliced(text: str, done: TreatedText, own: Mapping[str, Callable[[str], str]]) -> TreatedText:
    """Put what functions give in the place of values."""
    old, new = text.encode(), done.text.encode()
    out, places, at = bytearray(), [], 0
    for place in done.replaced:
        out += old[at : place.start]
        value = old[place.start : place.end]
        function = own.get(place.detector)
        output = (
            function(value.decode()).encode() if function else new[place.new_start : place.new_end]
        )
        start = len(out)
        out += output
        places.append(Replaced(place.start, place.end, start, len(out), place.detector))
        at = place.end
    out += old[at:]
    return TreatedText(out.decode(), tuple(places), done.alerts)
