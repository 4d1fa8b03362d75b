"""How pages name what tables hold as ids: categories, classes, statuses, alerts, verdicts, actions.

The English names are messages of the catalogs. An id without a name is shown as it is: detectors
keep their ids in every language, since documents and commands use them.
"""

from collections.abc import Mapping

from piiscan.reports.words import Words

__all__ = ["CLOCKS", "NAMES", "N_", "named"]


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a marked message
    """Return a message as it is: a mark for the extraction of messages."""
    return message


NAMES = {
    "identity-number": N_("identity numbers"),
    "organization-number": N_("organization numbers"),
    "contact": N_("contact details"),
    "online-identifier": N_("online identifiers"),
    "financial": N_("accounts and cards"),
    "document": N_("travel and identity documents"),
    "asset": N_("vehicles and properties"),
    "case": N_("case numbers"),
    "address": N_("addresses"),
    "person": N_("names and dates of birth"),
    "number": N_("other long numbers"),
    "health": N_("health"),
    "sexual-orientation": N_("sexual orientation"),
    "political-opinion": N_("political opinion"),
    "religion": N_("religion or belief"),
    "ethnic-origin": N_("ethnic origin"),
    "trade-union": N_("trade union membership"),
    "genetic": N_("genetic data"),
    "biometric": N_("biometric data"),
    "criminal-offense": N_("criminal offenses"),
    "gender": N_("gender"),
    "social-services": N_("social services"),
    "ordinary": "",
    "art9": N_("special category (Art. 9)"),
    "art10": N_("criminal offenses (Art. 10)"),
    "protected": N_("in need of protection"),
    "ok": N_("scanned"),
    "warn": N_("scanned, with a remark"),
    "limit": N_("stopped by a limit"),
    "error": N_("damaged or not readable"),
    "encrypted": N_("encrypted"),
    "unsupported": N_("unknown format"),
    "skipped": N_("left out on request"),
    "threat": N_("threat"),
    "suicide": N_("suicide"),
    "violence": N_("violence"),
    "protected-identity": N_("protected identity"),
    "complete": N_("complete"),
    "incomplete": N_("incomplete"),
    "interrupted": N_("interrupted"),
    "kept": N_("kept"),
    "broken": N_("broken"),
    "undecidable": N_("cannot be decided"),
    "anonymize": N_("anonymize"),
    "erase": N_("erase"),
    "encrypt": N_("encrypt"),
    "keep": N_("keep"),
    "never": N_("must not occur"),
    "manual": N_("checked by hand"),
    "public-access": N_("request for a public record"),
    "legal-claim": N_("legal claim"),
    "restriction": N_("restriction of processing"),
    "audit": N_("audit"),
    "gallringsbeslut": N_("disposal decision"),
    "informationsstyrningsplan": N_("information management plan"),
    "legal-obligation": N_("legal obligation"),
    "working-copy": N_("working copy"),
    "anonymized": N_("anonymized"),
    "pseudonymized": N_("pseudonymized"),
    "erased": N_("erased"),
    "nothing": N_("nothing was done"),
    "drop": N_("removed"),
    "label": N_("replaced by a label"),
    "mask": N_("masked"),
    "generalize": N_("generalized"),
    "shift_date": N_("dates shifted"),
    "pseudonymize": N_("replaced by a token"),
    "sealed": N_("sealed"),
    "emptied": N_("emptied with its message"),
    "low": N_("low"),
    "medium": N_("medium"),
    "high": N_("high"),
}

CLOCKS = {
    "sent": N_("message came"),
    "closed": N_("case closed"),
    "contact": N_("contact ended"),
    "contract_end": N_("contract ended"),
}


def named(words: Words, term: str, names: Mapping[str, str] = NAMES) -> str:
    """Return the name of an id in a language.

    Args:
        words: Of the language.
        term: The id.
        names: Where its English name stands.

    """
    name = names.get(term, term)
    return words.gettext(name) if name else ""
