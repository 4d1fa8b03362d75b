"""Policies: what a controller has promised in its privacy notice, in a form that can be checked.

A policy is a TOML file. `load` gives a shipped one by name, or reads a file.
"""

from piiscan.policy.loading import BUILTIN, LoadedPolicy, builtin_text, examine, load, parse
from piiscan.policy.matching import covers, field_fits, finds, name_fits, path_fits
from piiscan.policy.model import (
    Channel,
    Decision,
    HoldRule,
    Match,
    Notice,
    Operator,
    Policy,
    Promise,
    Scan,
    Scope,
)
from piiscan.policy.register import REGISTER

__all__ = [
    "BUILTIN",
    "REGISTER",
    "Channel",
    "Decision",
    "HoldRule",
    "LoadedPolicy",
    "Match",
    "Notice",
    "Operator",
    "Policy",
    "Promise",
    "Scan",
    "Scope",
    "builtin_text",
    "covers",
    "examine",
    "field_fits",
    "finds",
    "load",
    "name_fits",
    "parse",
    "path_fits",
]
