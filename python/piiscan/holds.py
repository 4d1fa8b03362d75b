"""Holds: what stays, whatever the promises say.

A hold stands in the policy (`[[hold]]`) or in the store (`subject hold`). It never ends by itself:
after its day of review it is listed as due for review, and it goes on. Every room that changes data
asks `Hold.covers`. A hold of the policy ends when the policy is changed, one of the store when
somebody releases it and says why.

A store holds no values, so a hold made there names messages and people by their keyed hashes. A
path with a masked value, as outputs show it, covers whatever stands in the place of the mask, in a
check as in a rewrite; a path with the value itself is found in a store by its mask.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from piiscan.errors import PolicyError, RefusedError
from piiscan.policy import LoadedPolicy, path_fits
from piiscan.policy.model import HoldKind, HoldRule, Policy, Scope
from piiscan.store import Store, open_store
from piiscan.store.audit_log import AuditLog
from piiscan.store.hold_table import StoredHold, add_hold, mark_released

__all__ = ["Hold", "HoldScope", "Release", "active", "place", "release", "resolve"]


KEY_HASH = re.compile(r"[0-9a-f]{16}")
FINGERPRINT = re.compile(r"[a-z]{4}:[0-9a-f]{32}")
MASK = re.compile(r"\[[a-z][a-z-]* \d+(?: (?:[a-z]{4}:)?[0-9a-f]{8})?\]")


class HoldScope(Scope, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a hold covers: every given part must fit."""

    subject: tuple[str, ...] = ()  # fingerprints of a person, `key:32 hex`; one of them is enough
    senders: tuple[str, ...] = ()  # likewise, of who sent the message


class Release(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """How a hold ended."""

    who: str
    why: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A reason to keep something.

    `aliases` are the hashes and fingerprints under which a store knows `case` and `sender`,
    `masked` is the path under which it shows `path`.
    """

    id: str
    kind: HoldKind
    scope: HoldScope
    reason: str
    owner: str
    since: date | None = None
    review: date | None = None
    released: Release | None = None
    aliases: frozenset[str] = frozenset()
    masked: str = ""

    def covers(
        self,
        *,
        path: str = "",
        channel: str = "",
        key: str | Collection[str] = (),
        sender: str | Collection[str] = (),
        subject: Collection[str] = (),
    ) -> bool:
        """Return whether something must stay.

        A path fits if it, or a folder or container that it lies in, fits.

        Args:
            path: Of the file below its root, with `/`, and of the entry after `!/`; masked if the
                hold names it so.
            channel: Name of its channel in the policy.
            key: Case id, Message-ID or other stable key of the message, or its hash as 16 hex.
            sender: Who sent the message, as text or fingerprint.
            subject: Fingerprints of the people in it.

        """
        scope = self.scope
        asked = [
            not scope.path or self.names(path),
            not scope.channel or fnmatchcase(channel, scope.channel),
            not scope.case or self._named(scope.case, key, fold=False),
            not scope.sender or self._named(scope.sender.casefold(), sender, fold=True),
            not scope.senders or not set(scope.senders).isdisjoint(_forms(sender)),
            not scope.subject or not set(scope.subject).isdisjoint(subject),
        ]
        return self.released is None and all(asked)

    def names(self, path: str) -> bool:
        """Return whether the hold speaks of a path, whatever else it asks for.

        Args:
            path: As for `covers`.

        """
        globs = [glob for glob in (self.scope.path, self.masked) if glob]
        return self.released is None and any(_path_fits(glob, path) for glob in globs)

    def specs(self) -> list[dict[str, object]]:
        """Return the hold in the form in which a rewrite takes it.

        A path stands once for itself and once for all that lies below it. Hashes and fingerprints
        stand apart from words: a rewrite compares them with other things.
        """
        scope = self.scope
        hashed = KEY_HASH.fullmatch(scope.case) is not None
        sender = FINGERPRINT.fullmatch(scope.sender)
        names = [*scope.subject, *scope.senders, *([scope.sender] if sender else [])]
        path = MASK.sub("*", scope.path).strip("/")
        return [
            {
                "path": place,
                "channel": scope.channel,
                "case": "" if hashed else scope.case,
                "case_id": scope.case if hashed else "",
                "sender": "" if sender else scope.sender,
                "people": [name.partition(":")[2] for name in names],
            }
            for place in ([path, f"{path}/**"] if path else [""])
        ]

    def due_for_review(self, today: date) -> bool:
        """Return whether the day of review has come; the hold goes on.

        Args:
            today: The day of the run.

        """
        return self.released is None and self.review is not None and self.review <= today

    def _named(self, name: str, given: str | Collection[str], *, fold: bool) -> bool:
        return any(
            form in self.aliases or (form.casefold() if fold else form) == name
            for form in _forms(given)
        )


def active(policy: LoadedPolicy | Policy | None, store: Store | None) -> list[Hold]:
    """Return every hold that lasts: the policy's, then the store's.

    Args:
        policy: A policy; None for none.
        store: An open store; None for none.

    Raises:
        PolicyError: A hold covers nothing because its scope is empty.

    """
    model = policy.policy if isinstance(policy, LoadedPolicy) else policy
    ruled = [_of_rule(at, rule) for at, rule in enumerate(model.hold if model else [], start=1)]
    kept = [_of_row(row) for row in store.holds()] if store else []
    return [hold for hold in [*ruled, *kept] if hold.released is None]


def resolve(
    holds: Iterable[Hold],
    *,
    ident: Callable[[str], str],
    fingerprints: Callable[[str], Collection[str]],
    masked: Callable[[str], str] = str,
) -> list[Hold]:
    """Return holds that also know case, sender and path as a store knows them.

    Args:
        holds: As the policy words them.
        ident: Gives the keyed hash of a message key, 16 hex.
        fingerprints: Gives the fingerprints of the values in a text.
        masked: Gives the form in which a store shows a step of a path.

    Raises:
        PolicyError: A sender is nothing that a detector knows, so no message can be found by it.

    """
    found = []
    for hold in holds:
        aliases = set(hold.aliases)
        if hold.scope.case and not KEY_HASH.fullmatch(hold.scope.case):
            aliases.add(ident(hold.scope.case))
        if hold.scope.sender and not FINGERPRINT.fullmatch(hold.scope.sender):
            known = fingerprints(hold.scope.sender)
            if not known:
                raise PolicyError(
                    f"the sender of hold `{hold.id}` is no value that a detector finds\n\n"
                    "hint: name an address or a number, or hold a path or a case"
                )
            aliases.update(known)
        shown = "/".join(masked(step) for step in hold.scope.path.split("/"))
        path = "" if shown == hold.scope.path else shown
        found.append(replace(hold, aliases=frozenset(aliases), masked=path))
    return found


def place(
    store: Path,
    *,
    kind: HoldKind,
    scope: HoldScope,
    reason: str,
    owner: str,
    since: date,
    review: date,
    log: AuditLog,
) -> str:
    """Put a hold into a store and return its id.

    Args:
        store: The file of the store.
        kind: Why, in one word.
        scope: What is held; case, sender and subject as hashes and fingerprints.
        reason: Why, without values of the archive.
        owner: Who decides about it.
        since: The day.
        review: The day on which somebody looks at it again.
        log: Learns of it.

    Raises:
        PolicyError: The scope is empty, or reason or owner are missing.
        StoreError: Store or log cannot be written to.

    """
    if not reason.strip() or not owner.strip():
        raise PolicyError("a hold needs a reason and an owner")
    _not_empty("", scope)
    text = msgspec.json.encode(scope).decode()
    number = add_hold(
        store,
        kind=kind,
        scope=text,
        reason=reason,
        owner=owner,
        since=since.isoformat(),
        review=review.isoformat(),
    )
    log.append("hold-placed", hold=str(number), kind=kind, reason=reason, owner=owner)
    return str(number)


def release(hold: str, *, store: Path, who: str, why: str, time: str, log: AuditLog) -> None:
    """End a hold of a store.

    The log comes first: if the run is killed in between, the hold goes on.

    Args:
        hold: Its id.
        store: The file of the store.
        who: Who decides so.
        why: And why, without values of the archive.
        time: When, RFC 3339.
        log: Learns of it.

    Raises:
        PolicyError: `who` or `why` are missing, or there is no such hold.
        RefusedError: The hold stands in the policy.
        StoreError: Store or log cannot be written to.

    """
    if not who.strip() or not why.strip():
        raise PolicyError("a hold is released by somebody and for a reason")
    if hold.startswith("policy-"):
        raise RefusedError(
            f"hold `{hold}` stands in the policy\n\nhint: take it out there, with a comment why"
        )
    with open_store(store) as opened:
        lasting = {each.id for each in active(None, opened)}
    if hold not in lasting:
        raise PolicyError(
            f"there is no hold `{hold}` that lasts\n\nhint: piiscan subject log lists them"
        )
    log.append("hold-released", hold=hold, by=who, why=why)
    mark_released(
        store, int(hold), msgspec.json.encode(Release(who=who, why=why, time=time)).decode()
    )


def _of_rule(at: int, rule: HoldRule) -> Hold:
    name = f"policy-{at}"
    scope = msgspec.convert(msgspec.to_builtins(rule.scope), HoldScope)
    _not_empty(name, scope)
    return Hold(
        id=name,
        kind=rule.kind,
        scope=scope,
        reason=rule.reason,
        owner=rule.owner,
        since=rule.since,
        review=rule.review,
    )


def _of_row(row: StoredHold) -> Hold:
    scope = msgspec.json.decode(row.scope, type=HoldScope)
    return Hold(
        id=str(row.id),
        kind=msgspec.convert(row.kind, HoldKind),
        scope=scope,
        reason=row.reason,
        owner=row.owner,
        since=date.fromisoformat(row.since) if row.since else None,
        review=date.fromisoformat(row.review) if row.review else None,
        released=msgspec.json.decode(row.released, type=Release) if row.released else None,
    )


def _not_empty(name: str, scope: HoldScope) -> None:
    parts = (scope.path, scope.channel, scope.case, scope.sender, scope.subject, scope.senders)
    if not any(parts):
        raise PolicyError(
            f"hold{f' `{name}`' if name else ''} has an empty scope\n\n"
            "hint: say what stays; path = `**` stands for everything"
        )


def _forms(given: str | Collection[str]) -> Collection[str]:
    return [given] if isinstance(given, str) else given


def _path_fits(glob: str, path: str) -> bool:
    """Return whether a path, or a folder or container above it, fits a glob."""
    steps = path.replace("!/", "/").split("/")
    wanted = glob.replace("!/", "/").strip("/")
    open_to_all = MASK.sub("*", wanted)
    above = ["/".join(steps[:end]) for end in range(1, len(steps) + 1)]
    return wanted in above or any(path_fits(open_to_all, each) for each in above)
