"""The points of a register description as pages name them, and the texts of a policy for them."""

from piiscan.policy import REGISTER, LoadedPolicy
from piiscan.reports.names import N_

__all__ = ["BASIS", "CONTENT", "POINTS", "RETENTION", "register_text", "texts_of"]

RETENTION, BASIS, CONTENT = 6, 7, 8

POINTS = {
    1: N_("Name of the register"),
    2: N_("Controller"),
    3: N_("Person responsible for the register"),
    4: N_("Contact person in matters of the register"),
    5: N_("Data-protection officer"),
    6: N_("How long personal data is kept"),
    7: N_("Purpose and legal basis of the processing"),
    8: N_("Content of the register"),
    9: N_("Regular sources of data"),
    10: N_("Regular disclosure of data"),
    11: N_("Transfer of data outside the EU or the EEA"),
    12: N_("Principles of protection of the register"),
    13: N_("Automated decision-making"),
    14: N_("Right of access"),
    15: N_("Right to have data rectified"),
    16: N_("Withdrawal of consent"),
    17: N_("Other rights of the data subject"),
    18: N_("Right to turn to the supervisory authority"),
    19: N_("Other information"),
    20: N_("Administration of the register"),
}


def register_text(policy: LoadedPolicy, key: str) -> str:
    """Return a text of the register; lists are joined, what is absent is empty.

    Args:
        policy: With the texts.
        key: Of `REGISTER`.

    """
    text = policy.policy.register.get(key, "")
    return text if isinstance(text, str) else "; ".join(text)


def texts_of(policy: LoadedPolicy, point: int) -> list[str]:
    """Return the texts of a point, without the empty ones.

    Args:
        policy: With the texts.
        point: Of the register description.

    """
    keys = [key for key, (number, _) in REGISTER.items() if number == point]
    return [text for key in keys if (text := register_text(policy, key))]
