"""How right the detectors were when `make eval` measured them: precision, recall.

Measured at medium confidence or higher on synthetic messages that the authors of the rules wrote,
hence an upper bound for letters of others. The README has the same figures; a test compares them.
Sensitive categories were measured by language and not by detector, so they stand in the README.
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["RATES"]

RATES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "se-personnummer": (1.0, 1.0),
        "fi-hetu": (1.0, 1.0),
        "email": (1.0, 1.0),
        "phone": (1.0, 1.0),
        "ip-address": (1.0, 1.0),
        "iban": (1.0, 1.0),
        "payment-card": (1.0, 1.0),
        "mac-address": (1.0, 1.0),
        "se-organisationsnummer": (1.0, 1.0),
        "passport": (1.0, 0.820),
        "vehicle-plate": (1.0, 0.774),
        "property-designation": (1.0, 0.666),
        "person-name": (1.0, 0.965),
        "street-address": (1.0, 0.937),
    }
)
