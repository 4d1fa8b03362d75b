"""Anonymizing: what a policy decides, carried out in the archive's own formats, and proved."""

from piiscan.anonymize.decisions import decisions, needs_key, rules
from piiscan.anonymize.operators import OPERATORS, OperatorInfo, wording
from piiscan.anonymize.outcome import FileResult, Progress, Residue, Total
from piiscan.anonymize.texts import Anonymizer, policy_scanner
from piiscan.anonymize.tree import Job, rewrite_tree

__all__ = [
    "OPERATORS",
    "Anonymizer",
    "FileResult",
    "Job",
    "OperatorInfo",
    "Progress",
    "Residue",
    "Total",
    "decisions",
    "needs_key",
    "policy_scanner",
    "rewrite_tree",
    "rules",
    "wording",
]
