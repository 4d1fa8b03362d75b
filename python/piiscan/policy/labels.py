"""What stands where a finding was: a word for its type, in the language of the policy.

ASCII, lower case, in brackets, without a digit: fits every charset and format, and no detector
finds it again. The table also says which detectors a policy may name, so that this room needs no
door to the scanner; a test holds it against the scanner's own table.
"""

import re

__all__ = ["CATEGORIES", "LABELS", "LANGUAGES", "fits_everywhere", "label", "language"]

LANGUAGES = ("sv", "fi", "en")
REMOVED = ("[borttaget]", "[poistettu]", "[removed]")

LABELS: dict[str, tuple[str, str, str]] = {
    "long-number": ("[nummer]", "[numero]", "[number]"),
    "se-personnummer": ("[personnummer]", "[henkilonumero]", "[personal-number]"),
    "fi-hetu": ("[personbeteckning]", "[henkilotunnus]", "[personal-code]"),
    "email": ("[e-post]", "[sahkoposti]", "[e-mail]"),
    "phone": ("[telefon]", "[puhelin]", "[phone]"),
    "ip-address": ("[ip-adress]", "[ip-osoite]", "[ip-address]"),
    "iban": ("[iban]", "[iban]", "[iban]"),
    "payment-card": ("[kortnummer]", "[korttinumero]", "[card-number]"),
    "se-bank-account": ("[bankkonto]", "[pankkitili]", "[bank-account]"),
    "se-bankgiro": ("[bankgiro]", "[pankkisiirto]", "[bankgiro]"),
    "se-plusgiro": ("[plusgiro]", "[postisiirto]", "[plusgiro]"),
    "mac-address": ("[mac-adress]", "[mac-osoite]", "[mac-address]"),
    "case-number": ("[arendenummer]", "[asianumero]", "[case-number]"),
    "passport": ("[passnummer]", "[passinumero]", "[passport]"),
    "vehicle-plate": ("[registreringsnummer]", "[rekisteritunnus]", "[vehicle-plate]"),
    "profile-url": ("[profil]", "[profiili]", "[profile]"),
    "property-designation": ("[fastighet]", "[kiinteisto]", "[property]"),
    "se-organisationsnummer": ("[organisationsnummer]", "[organisaationumero]", "[company-number]"),
    "fi-y-tunnus": ("[fo-nummer]", "[y-tunnus]", "[business-id]"),
    "fi-satu": ("[kundnummer]", "[asiointitunnus]", "[client-id]"),
    "no-fodselsnummer": ("[fodselsnummer]", "[henkilonumero]", "[personal-number]"),
    "no-organisasjonsnummer": ("[organisationsnummer]", "[organisaationumero]", "[company-number]"),
    "dk-cpr": ("[cpr-nummer]", "[cpr-numero]", "[cpr-number]"),
    "dk-cvr": ("[cvr-nummer]", "[cvr-numero]", "[cvr-number]"),
    "is-kennitala": ("[kennitala]", "[kennitala]", "[kennitala]"),
    "person-name": ("[namn]", "[nimi]", "[name]"),
    "street-address": ("[adress]", "[osoite]", "[address]"),
    "date-of-birth": ("[fodelsedatum]", "[syntymaaika]", "[date-of-birth]"),
    "health": ("[halsa]", "[terveys]", "[health]"),
    "sexual-orientation": ("[laggning]", "[suuntautuminen]", "[orientation]"),
    "political-opinion": ("[politik]", "[politiikka]", "[politics]"),
    "religion": ("[tro]", "[usko]", "[belief]"),
    "ethnic-origin": ("[ursprung]", "[alkupera]", "[origin]"),
    "trade-union": ("[medlemskap]", "[jasenyys]", "[membership]"),
    "genetic": ("[arv]", "[perima]", "[genetic]"),
    "biometric": ("[kroppsdata]", "[ruumiintieto]", "[body-data]"),
    "criminal-offense": ("[lagbrott]", "[lainrikkomus]", "[offense]"),
    "gender": ("[kon]", "[sukupuoli]", "[sex]"),
    "social-services": ("[socialt]", "[sosiaaliasia]", "[social]"),
    "threat": ("[allvar]", "[uhka]", "[threat]"),
}
"""Detector -> label in each of `LANGUAGES`."""

CATEGORIES: dict[str, tuple[str, str, str]] = {
    "identity-number": ("[id-nummer]", "[tunnus]", "[id-number]"),
    "organization-number": ("[organisationsnummer]", "[organisaationumero]", "[company-number]"),
    "contact": ("[kontakt]", "[yhteystieto]", "[contact]"),
    "online-identifier": ("[natidentitet]", "[verkkotunniste]", "[online-id]"),
    "financial": ("[konto]", "[tili]", "[account]"),
    "document": ("[handling]", "[asiakirja]", "[document]"),
    "asset": ("[egendom]", "[omaisuus]", "[asset]"),
    "case": ("[arende]", "[asia]", "[case]"),
    "address": ("[adress]", "[osoite]", "[address]"),
    "person": ("[person]", "[henkilo]", "[person]"),
    "number": ("[nummer]", "[numero]", "[number]"),
}
"""Category of several detectors -> label; a sensitive category is a detector of its own."""

_SAFE = re.compile(r"[\[(]?[A-Za-z](?:[A-Za-z._ -]*[A-Za-z])?[\])]?")


def language(locale: str) -> str:
    """Return the language of the labels of a locale, `en` where there is none.

    >>> language("sv-FI")
    'sv'
    """
    head = locale.partition("-")[0]
    return head if head in LANGUAGES else "en"


def label(detector: str, category: str = "", *, lang: str = "en") -> str:
    """Return the label of a detector, else of its category, else one that fits all.

    >>> label("se-personnummer", lang="sv")
    '[personnummer]'

    Args:
        detector: Its id.
        category: Of what it finds.
        lang: One of `LANGUAGES`.

    """
    words = LABELS.get(detector) or CATEGORIES.get(category) or LABELS.get(category) or REMOVED
    return words[LANGUAGES.index(lang)]


def fits_everywhere(text: str) -> bool:
    """Return whether `text` may stand in any charset and format in the place of a finding.

    Printable ASCII on one line without digits, quotes and separators, and no beginning that a
    table or a mailbox would take for its own.

    >>> fits_everywhere("[nummer]"), fits_everywhere("=nummer"), fits_everywhere("From me")
    (True, False, False)
    """
    return bool(_SAFE.fullmatch(text)) and not text.startswith("From ")
