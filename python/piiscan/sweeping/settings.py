"""What a sweep reads and how: part of what makes a file known."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides which bytes are read, and how; part of what makes a file known."""

    roots: tuple[str, ...]
    profiles: tuple[tuple[str, str], ...] = ()
    limits: Mapping[str, int] | None = None
    jobs: int | None = None
    follow: bool = False
    exclude: tuple[str, ...] = ()
    full: bool = False
    all_keys: bool = False  # of messages without findings too: a hold may name them

    @property
    def profiles_digest(self) -> str:
        """Digest of the profiles that were given."""
        return _digest(self.profiles)

    @property
    def digest(self) -> str:
        """Digest of everything but the scanner and the number of threads."""
        keys = ["all keys"] if self.all_keys else []
        return _digest([self.profiles, dict(self.limits or {}), self.follow, *keys])


def _digest(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
