"""`piiscan subject erase|rectify`: what changes what is kept of a person."""

import shlex
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piiscan.cli.options import command as make
from piiscan.cli.subject_options import AnswerOptions, answer, seal_key_option

if TYPE_CHECKING:
    from piiscan.anonymize import FileResult
    from piiscan.cli.subject_session import Session
    from piiscan.rights import Overview
    from piiscan.rights.erasing import Erasure

__all__ = ["COMMANDS", "seal_key"]

LISTED = 20
KIND = "rectification"  # what sealed entries are bound to


@dataclass(frozen=True, slots=True, kw_only=True)
class _Erase(AnswerOptions):
    apply: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rectify(AnswerOptions):
    change_file: Path | None
    seal_key_file: Path | None


@click.option("--apply", is_flag=True, help="Carry it out; without it, only say what would be.")
@answer
def _erase(options: _Erase) -> int:
    """Erase a person's messages (Art. 17): a dry run, until --apply.

    Refused as a whole if one message is on hold, or without a decision in the policy.
    """
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.cli.subject_answers import many, noted, refused, request_of
    from piiscan.cli.subject_session import session
    from piiscan.errors import RefusedError
    from piiscan.rights.archive import files_of
    from piiscan.rights.erasing import DONE, check_decision, erasure

    with session(options, verified=options.verified, refuse=options.refuse) as about:
        request = request_of(options, about, "erase")
        if options.refuse:
            return refused(options, about, request)
        overview = about.overview()
        reading = about.read(overview, texts=False)
        plan = erasure(
            overview,
            about.holds(),
            key_id=about.store.key_id,
            paths=reading.paths,
            files=files_of(about.store),
        )
        places = [one.place for one in overview.located if one.message.number is not None]
        by_hand = [one.place for one in plan.by_hand] + about.pseudonymized(overview, reading)
        if plan.held:
            about.note("subject-erase", state="held", held=len(plan.held), apply=options.apply)
            raise RefusedError(_held(plan, len(overview.located)))
        if not options.apply:
            about.note("subject-erase", state="dry-run", messages=plan.count)
            with opened(options) as stream:
                stream.writelines(f"{line}\n" for line in _preview(options, plan, places, by_hand))
            return exits.INCOMPLETE if overview.incomplete else exits.COMPLETE
        check_decision(about.policy.policy.decision if about.policy else None, about.today)
        _signed(options)
        noted(about, request, state="open", messages=plan.count)
        results = _carry_out(about, overview, plan)
        refusals = [one for one in results if one.state not in DONE]
        erased = sum(
            one.outcomes.get("subject", {}).get("done", 0) for one in results if one.state in DONE
        )
        whole = erased >= plan.count and not by_hand
        noted(about, request, state="done" if whole else "open", erased=erased)
        with opened(options) as stream:
            stream.write(f" {many(erased, 'message')} erased.\n")
            stream.writelines(
                f"  not changed {one.loc}: {one.reason or one.state}\n" for one in refusals
            )
            stream.writelines(f"{line}\n" for line in _by_hand(by_hand))
            stream.write(" Sweep again, so that the store knows: piiscan sweep\n")
    return exits.COMPLETE if whole else exits.INCOMPLETE


@click.option(
    "--change-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Two lines: `old: ...` as it is written, `new: ...` as it should be.",
)
@seal_key_option
@answer
def _rectify(options: _Rectify) -> int:
    """Note that an entry about a person is wrong, and what is right (Art. 16).

    The archive keeps the original entry. Who, when and where go on record; the old and the new
    entry are sealed under a key of their own and shown by `subject log --reveal` only.
    """
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.cli.subject_answers import many, noted, refused, request_of
    from piiscan.cli.subject_session import session
    from piiscan.errors import PolicyError
    from piiscan.rewriting import seal
    from piiscan.rights.trail import Trail, default_trail, spots
    from piiscan.sweeping import time_text

    with session(options, verified=options.verified, refuse=options.refuse) as about:
        request = request_of(options, about, "rectify")
        if options.refuse:
            return refused(options, about, request)
        _signed(options)
        old, new = _change(options.change_file)
        found = spots(about.read(about.overview()).messages, old)
        if not found:
            raise PolicyError(
                "no message of the person holds the old entry\n\nhint: write it as it stands there"
            )
        key = seal_key(options.store, options.seal_key_file, new=True)
        entry = Trail(default_trail(options.store)).add(
            time=time_text(options.now),
            who=options.by,
            case=options.case,
            found=found,
            old=old,
            new=new,
            seal=partial(seal, key, KIND),
        )
        noted(about, request, state="done", rectification=entry.id, places=len(found))
        with opened(options) as stream:
            stream.write(
                f" Rectification {entry.id}: the entry stands in {many(len(found), 'place')},"
                " and stays there.\n See: piiscan subject log --reveal\n"
            )
    return exits.COMPLETE


def seal_key(store: Path, named: Path | None, *, new: bool) -> bytes:
    """Return the key of sealed entries.

    Args:
        store: The file of the store.
        named: Where the user keeps the key; None for the place beside the store's own.
        new: Make it if there is none.

    """
    from piiscan.store import default_path, load, load_or_create

    path = named or default_path(store).with_name("seal-key")
    return load_or_create(path) if new else load(path)


def _change(file: Path | None) -> tuple[str, str]:
    from piiscan.errors import PolicyError

    if file is None:
        raise click.UsageError("nothing is changed\n\nhint: --change-file FILE")
    said: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        word, colon, value = line.partition(":")
        if colon and value.strip():
            said[word.strip().casefold()] = value.strip()
    if set(said) != {"old", "new"}:
        raise PolicyError(f"`{file}` needs one line `old: ...` and one line `new: ...`")
    return said["old"], said["new"]


def _signed(options: AnswerOptions) -> None:
    if not options.by:
        raise click.UsageError("somebody has to decide\n\nhint: --by NAME")


def _held(plan: "Erasure", total: int) -> str:
    reasons = sorted({f"{hold.kind}, {hold.reason}" for _, hold in plan.held})
    return (
        f"{len(plan.held):,} of {total:,} messages are on hold ({'; '.join(reasons)})\n\n"
        "hint: nothing was changed; piiscan subject release HOLD, or --refuse REASON"
    )


def _preview(options: _Erase, plan: "Erasure", places: list[str], by_hand: list[str]) -> list[str]:
    from piiscan.cli.subject_answers import many

    words = ["piiscan", "subject", "erase", *options.paths]
    words += ["--id-file", str(options.id_file)] if options.id_file else []
    words += ["--store", str(options.store)]
    words += ["--key-file", str(options.key_file)] if options.key_file else []
    words += ["--policy", options.policy] if options.policy else []
    words += ["--case", options.case] if options.case else []
    words += ["--names"] if options.names else []
    return [
        f" Would erase {many(plan.count, 'message')} in {many(len(plan.messages), 'object')}.",
        *_listed(places),
        *_by_hand(by_hand),
        f" Dry run. Carry out: {shlex.join(words)} --by NAME --apply",
    ]


def _by_hand(places: list[str]) -> list[str]:
    """Return the lines about what is no message of its own, or known by a pseudonym alone."""
    from piiscan.cli.subject_answers import many

    if not places:
        return []
    head = f" By hand: {many(len(places), 'place')}, no messages or known by pseudonyms alone"
    return [head, *_listed(places)]


def _listed(places: list[str]) -> list[str]:
    more = [f"  and {len(places) - LISTED:,} more"] if len(places) > LISTED else []
    return [*(f"  {place}" for place in places[:LISTED]), *more]


def _carry_out(about: "Session", overview: "Overview", plan: "Erasure") -> "list[FileResult]":
    """Erase root by root, and empty the sealed entries of what is gone."""
    from piiscan.rights.archive import files_of, roots_of
    from piiscan.rights.erasing import DONE, carry_out
    from piiscan.rights.trail import Trail, default_trail

    policy = about.policy
    assert policy  # noqa: S101 - without one there is no decision
    owners = [one.owner for one in overview.located if one.message.number is not None]
    done: list[FileResult] = []
    for roots in roots_of(about.store, owners, about.options.paths, key=about.key):
        done += carry_out(
            plan,
            about.person,
            roots=roots,
            policy=policy,
            scanner=about.scanner,
            holds=about.holds(),
            log=about.log,
            names=about.options.names,
            profiles=about.profiles,
            skip=[about.options.store],
        )
    files = {one.id for one in done if one.state in DONE}
    lies_in = files_of(about.store)
    Trail(default_trail(about.options.store)).forget(
        {
            ident: numbers
            for ident, numbers in plan.messages.items()
            if lies_in.get(ident, ident) in files
        }
    )
    return done


COMMANDS = (
    make(
        "erase",
        _Erase,
        example="piiscan subject erase --id-file person.txt --policy notice.toml --case D-17",
    )(_erase),
    make(
        "rectify",
        _Rectify,
        example="piiscan subject rectify --id-file person.txt --change-file change.txt --by NAME",
    )(_rectify),
)
