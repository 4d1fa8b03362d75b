"""Exceptions of piiscan. No message holds text of an archive.

    PiiscanError
     ├── ArchiveError        an archive, or a place in it, cannot be read
     ├── PolicyError         a policy, profile, lexicon or option is wrong
     ├── StoreError          the store is damaged, locked, or not a store
     │    └── KeyMismatchError    the key is not the one the store was made with
     ├── RefusedError        refused as a whole: nothing was done
     └── InternalError       a bug in piiscan

Where a builtin exception fits, it is used: `FileNotFoundError`, `PermissionError`. A message may
end with a line that starts with `hint: ` and says what to do.
"""

__all__ = [
    "ArchiveError",
    "InternalError",
    "KeyMismatchError",
    "PiiscanError",
    "PolicyError",
    "RefusedError",
    "StoreError",
]


class PiiscanError(Exception):
    """Any error that piiscan raises itself."""


class ArchiveError(PiiscanError):
    """An archive, or a place in it, cannot be read."""


class PolicyError(PiiscanError):
    """A policy, profile, lexicon or option is wrong."""


class StoreError(PiiscanError):
    """The store is damaged, locked by another sweep, or not a store."""


class KeyMismatchError(StoreError):
    """The key is not the one that the store was made with."""


class RefusedError(PiiscanError):
    """Refused as a whole: nothing was done."""


class InternalError(PiiscanError):
    """A bug in piiscan."""
