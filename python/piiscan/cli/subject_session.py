"""What the `subject` commands share: the person, the store, the policy, the audit log."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import click
import msgspec

from piiscan import __version__
from piiscan.cli.options import read_toml
from piiscan.cli.running import profile_folders
from piiscan.cli.subject_options import PersonOptions, SubjectOptions
from piiscan.errors import PolicyError
from piiscan.findings import LOW
from piiscan.holds import Hold, active, resolve
from piiscan.policy import LoadedPolicy, Scan, load
from piiscan.retention.clocks import find_zone
from piiscan.rights import Overview, Person, find, read_person
from piiscan.rights.archive import Reading, read, roots_of
from piiscan.rights.finding import channel_name
from piiscan.rights.identifiers import read_values, refuse_values
from piiscan.rights.pseudonyms import domains_of, tokens_of
from piiscan.rights.reading import Message
from piiscan.scanning import Scanner
from piiscan.store import Store, default_path, open_store
from piiscan.store import load as load_key
from piiscan.store.audit_log import AuditLog, default_log
from piiscan.sweeping import keep_outside, mask_name, mask_text, time_text

__all__ = ["Session", "key_of", "opened_log", "session"]

ASKED = "Identifiers of the person, one a line; an empty line ends"


@dataclass(frozen=True, slots=True)
class Session:
    """One command about one person."""

    options: PersonOptions
    store: Store
    key: bytes
    scanner: Scanner
    policy: LoadedPolicy | None
    person: Person
    log: AuditLog

    @property
    def today(self) -> date:
        """The day of the run, where the policy is."""
        zone = find_zone(self.policy.policy.notice.time_zone) if self.policy else None
        return self.options.now.astimezone(zone).date() if zone else self.options.now.date()

    @property
    def digests(self) -> bytes:
        """The person's fingerprints, as the table of requests keeps them."""
        return b"".join(sorted(self.person.digests))

    @property
    def profiles(self) -> tuple[tuple[str, str], ...]:
        """Profiles of the policy and of the user, as for the sweep."""
        return read_toml([*profile_folders(self.policy), *self.options.profile])

    def overview(self) -> Overview:
        """Return the person's messages, as the store knows them."""
        return find(self.store, self.person, policy=self.policy, names=self.options.names)

    def read(self, overview: Overview, *, texts: bool = True) -> Reading:
        """Read the person's messages again."""
        return read(
            self.store,
            self.person,
            overview,
            self.options.paths,
            scanner=self.scanner,
            key=self.key,
            names=self.options.names,
            texts=texts,
            profiles=self.profiles,
            skip=[self.options.store],
        )

    def pseudonymized(self, overview: Overview, reading: Reading) -> list[str]:
        """Return where pseudonyms alone stand for the person."""
        known = {one.place for one in overview.located}
        found = [one.place for one in reading.messages if one.place not in known]
        return found if self.person.tokens else []

    def channel(self, message: Message) -> str:
        """Return the name of the channel of a message."""
        return channel_name(
            self.policy, message.paths, message.profile, message.format, message.channel
        )

    def keep_outside(self, overview: Overview, target: Path) -> None:
        """Refuse to write into the archive."""
        owners = [one.owner for one in overview.located]
        for roots in roots_of(self.store, owners, self.options.paths, key=self.key):
            keep_outside(roots, target)

    def holds(self) -> list[Hold]:
        """Return every hold that lasts, with the hashes under which the store knows its scope."""
        return resolve(
            active(self.policy, self.store),
            ident=lambda name: self.scanner.ident(name.encode()).hex(),
            fingerprints=lambda text: [one.fingerprint for one in self.scanner.scan(text)],
            masked=lambda step: mask_name(self.scanner, step),
        )

    def mask_path(self, path: str) -> str:
        """Return the path of a field with its values masked."""
        return mask_text(self.scanner, path)

    def note(self, event: str, **fields: object) -> None:
        """Add an entry to the audit log."""
        if self.person.tokens:
            fields["pseudonyms"] = len(self.person.tokens)
        self.log.append(event, case=self.options.case, subject=self.person.shown, **fields)


@contextmanager
def session(options: PersonOptions, **texts: str) -> Iterator[Session]:
    """Open what a command about a person needs.

    Args:
        options: Of the command.
        **texts: Free texts that go into the log, by option; they may hold no value.

    Yields:
        The session.

    """
    key = key_of(options)
    policy = load(options.policy) if options.policy else None
    scanner = _scanner(options, key, policy)
    refuse_values(scanner, case=options.case, by=options.by, **texts)
    said = _identifiers(options)
    person = read_person(said, scanner)
    if options.token_key_file is not None:
        tokens = tokens_of(
            read_values(said, scanner),
            key=load_key(options.token_key_file),
            scanner=scanner,
            domains=domains_of(policy),
        )
        person = replace(person, tokens=tokens)
    with open_store(options.store) as store, opened_log(options, policy) as log:
        store.agree(key, scanner.key_id, options.key_file or default_path(options.store))
        yield Session(options, store, key, scanner, policy, person, log)


def _scanner(options: PersonOptions, key: bytes, policy: LoadedPolicy | None) -> Scanner:
    """Return a scanner that finds what the sweep has found, and more: others are to be masked."""
    if policy is not None:
        scan = policy.policy.scan
    else:
        with open_store(options.store) as store:
            told = store.last_sweep().info.get("scan")
        scan = msgspec.convert(told, Scan) if told else Scan()
    return Scanner(
        locales=scan.locales,
        min_digits=min(scan.min_digits, Scan().min_digits),
        strict=scan.strict,
        reference_date=options.now.date(),
        minimum=LOW,
        key=key,
    )


def key_of(options: SubjectOptions) -> bytes:
    """Return the key of the store's fingerprints."""
    open_store(options.store).close()  # a missing store is said before a missing key
    return load_key(options.key_file or default_path(options.store))


def opened_log(options: SubjectOptions, policy: LoadedPolicy | None = None) -> AuditLog:
    """Return the audit log of the store, for appending.

    Args:
        options: Of the command.
        policy: That is carried out.

    """
    return AuditLog(
        default_log(options.store),
        who=options.by,
        tool=f"piiscan {__version__}",
        policy_digest=policy.digest if policy else "",
        decision=policy.policy.decision.ref if policy else "",
        clock=partial(time_text, options.now),
        store=options.store,
    )


def _identifiers(options: PersonOptions) -> str:
    """Return the identifiers: from a file, from stdin, or asked for."""
    if options.id_file is not None and str(options.id_file) != "-":
        try:
            return options.id_file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise PolicyError(f"`{options.id_file}` is not UTF-8") from None
    if not sys.stdin.isatty():
        try:
            return sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError:
            raise PolicyError("the identifiers on stdin are not UTF-8") from None
    if options.no_input:
        raise click.UsageError("nobody is named\n\nhint: --id-file FILE, or identifiers on stdin")
    click.echo(ASKED, err=True)
    lines = []
    while line := click.prompt("", default="", show_default=False, prompt_suffix="> ", err=True):
        lines.append(line)
    return os.linesep.join(lines)
