"""The disposal protocol: the paper that says what was disposed of, by whom, on whose decision.

Only its data stands here; a report gives it its form. Every field is plain text, a number, or a
list of such, so that it can be read without this program. It holds no value of the archive.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import msgspec

from piiscan.errors import PolicyError
from piiscan.files import replacing
from piiscan.policy import LoadedPolicy
from piiscan.retention.apply import Done
from piiscan.retention.plan import Kept, Plan, plan_id
from piiscan.store import sent_text
from piiscan.store.audit_log import AuditEntry

__all__ = [
    "DisposalProtocol",
    "Disposed",
    "Refused",
    "protocol",
    "protocol_path",
    "read_protocol",
    "write_protocol",
]

SCHEMA = 1
NOT_SOUGHT = (
    "identifying circumstances in free text",
    "the content of images, sound and video",
    "backups, journals and copies elsewhere",
)
KEYED = frozenset({"pseudonymize", "encrypt", "shift_date"})  # reversible, or joined by a key


class Disposed(msgspec.Struct, kw_only=True, frozen=True):
    """One kind of information that was disposed of: a promise of the policy."""

    promise: str  # id in the policy
    clause: str  # what was promised, in the policy's words
    section: str  # of the notice
    information_type: str  # name of the channel
    clock: str  # what the period counts from: sent, closed, contact, contract_end
    period: str  # ISO 8601, such as P30D
    action: str  # anonymize, erase, encrypt
    messages: int  # whose time was over
    oldest: str  # time of the oldest of them, RFC 3339
    newest: str  # and of the newest
    held: int  # that stayed because of a hold
    undetermined: int  # that stayed because nobody knows their time


class Refused(msgspec.Struct, kw_only=True, frozen=True):
    """A file that could not be treated and is as it was."""

    loc: str
    reason: str


class DisposalProtocol(msgspec.Struct, kw_only=True, frozen=True):
    """What a run of `retain --apply` did."""

    schema: int = SCHEMA
    # The decision.
    decision_kind: str
    decision_ref: str
    decision_body: str
    decision_date: str  # ISO 8601; empty if the policy does not say
    decision_paragraph: str  # of the reference, such as `§ 4`; empty if it names none
    # What, and where.
    controller: str
    title: str  # of the register
    place: list[str]  # what was swept
    time_zone: str
    tz_version: str
    disposed: list[Disposed]
    period_from: str  # time of the oldest message that was disposed of
    period_to: str  # and of the newest
    # How much.
    messages_changed: int  # that lost personal data and are still there
    messages_erased: int  # that are gone, recordings included
    findings_replaced: int
    files_changed: int
    files_removed: int
    recordings_removed: int
    bytes_before: int  # of these files
    bytes_after: int
    # How.
    method: str  # anonymized | pseudonymized | erased, joined by commas
    operators: list[str]  # that came in the place of findings
    not_sought: list[str]
    # Who and when.
    executed_by: str
    executed_uid: int | None
    executed_at: str
    checked_by: str = ""  # left to be signed
    checked_at: str = ""
    # Verification.
    verification: str  # of the result
    verified_files: int  # read and scanned again
    refused: list[Refused]
    linked: list[str]  # files that have other names, which lead to what they were
    # Exceptions.
    exceptions: list[Kept]  # holds, and what has no known time
    undetermined: int
    # What it stands on.
    policy: str
    policy_digest: str
    plan: str  # SHA-256
    plan_id: str
    plan_time: str  # the instant against which the periods were counted
    tool: str
    audit_count: int
    audit_head: str

    def to_dict(self) -> dict[str, object]:
        """Return the fields as plain dictionaries and lists."""
        found: dict[str, object] = msgspec.to_builtins(self)
        return found


def protocol(
    plan: Plan,
    digest: str,
    *,
    policy: LoadedPolicy,
    done: Sequence[Done],
    ended: AuditEntry,
) -> DisposalProtocol:
    """Return what a run did, as data of a paper.

    Args:
        plan: What was carried out.
        digest: Its SHA-256.
        policy: Its policy.
        done: What became of each file.
        ended: The entry of the audit log that says so.

    """
    treated = [each for each in done if each.state in {"changed", "removed", "unchanged"}]
    removed = [each for each in treated if each.state == "removed"]
    rules = [rule for rule in plan.rules if rule.overdue]
    erased = sum(each.erased for each in treated)
    operators = _operators(policy) if any(each.findings for each in treated) else []
    decision = plan.decision
    return DisposalProtocol(
        decision_kind=decision.kind,
        decision_ref=decision.ref,
        decision_body=decision.body,
        decision_date=_day(decision.date),
        decision_paragraph=_paragraph(decision.ref),
        controller=policy.policy.notice.controller,
        title=policy.policy.notice.title,
        place=list(plan.roots),
        time_zone=plan.time_zone,
        tz_version=plan.tz_version,
        disposed=[
            Disposed(
                promise=rule.promise,
                clause=rule.clause,
                section=rule.section,
                information_type=rule.channel,
                clock=rule.clock,
                period=rule.within,
                action=rule.action,
                messages=rule.overdue,
                oldest=rule.oldest,
                newest=rule.newest,
                held=rule.held,
                undetermined=rule.undetermined,
            )
            for rule in rules
        ],
        period_from=min((rule.oldest for rule in rules if rule.oldest), default=""),
        period_to=max((rule.newest for rule in rules if rule.newest), default=""),
        messages_changed=sum(each.messages for each in treated) - erased,
        messages_erased=erased,
        findings_replaced=sum(each.findings for each in treated),
        files_changed=sum(each.state == "changed" for each in treated),
        files_removed=len(removed),
        recordings_removed=sum(each.file.recording for each in removed),
        bytes_before=sum(each.file.size for each in treated),
        bytes_after=sum(each.size for each in treated),
        method=_method(operators, erased=erased),
        operators=operators,
        not_sought=list(NOT_SOUGHT),
        executed_by=ended.who,
        executed_uid=ended.uid,
        executed_at=ended.time,
        verification=_verification(treated),
        verified_files=sum(each.state == "changed" for each in treated),
        refused=[
            Refused(loc=each.file.loc, reason=each.reason)
            for each in done
            if each.state == "refused"
        ],
        linked=[each.file.loc for each in treated if each.links > 1],
        exceptions=list(plan.kept),
        undetermined=sum(rule.undetermined for rule in plan.rules),
        policy=plan.policy,
        policy_digest=plan.policy_digest,
        plan=digest,
        plan_id=plan_id(digest),
        plan_time=sent_text(plan.now_ms),
        tool=ended.tool,
        audit_count=ended.seq,
        audit_head=ended.hash,
    )


def protocol_path(store: Path, digest: str) -> Path:
    """Return where the protocol of a plan goes: beside the audit log.

    Args:
        store: The file of the store.
        digest: SHA-256 of the plan.

    """
    return store.with_name(f"{store.stem}.disposal-{plan_id(digest)}.json")


def write_protocol(found: DisposalProtocol, path: Path) -> None:
    """Write a protocol as JSON, for its owner only.

    Args:
        found: The protocol.
        path: The file.

    """
    with replacing(path) as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")


def read_protocol(path: Path) -> DisposalProtocol:
    """Read a protocol.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: There is no such file.
        PolicyError: The file is no protocol.

    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=DisposalProtocol)
    except (msgspec.DecodeError, RecursionError):
        raise PolicyError(f"`{path}` is no disposal protocol of piiscan") from None


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _paragraph(ref: str) -> str:
    """Return the paragraph that a reference names: `§ 4` of `KS 2021/1311 § 4`."""
    before, sign, after = ref.partition("§")
    del before
    return f"{sign} {after.strip()}" if sign else ""


def _operators(policy: LoadedPolicy) -> list[str]:
    named = {operator.op for operator in policy.policy.operators.values()}
    return sorted(named or {"label"})


def _method(operators: Iterable[str], *, erased: int) -> str:
    """Return what may be said of the result: pseudonymized as long as any key exists."""
    words = []
    if operators:
        words.append("pseudonymized" if KEYED.intersection(operators) else "anonymized")
    if erased:
        words.append("erased")
    return ", ".join(words) or "nothing"


def _verification(treated: Sequence[Done]) -> str:
    changed = sum(each.state == "changed" for each in treated)
    removed = sum(each.state == "removed" for each in treated)
    parts = []
    if changed:
        parts.append(f"changed files were read and scanned again before they took place: {changed}")
    if removed:
        parts.append(f"files are gone: {removed}")
    return "; ".join(parts)
