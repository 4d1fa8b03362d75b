"""What reports are made from, and the facts that stand in all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from piiscan.errors import PolicyError
from piiscan.holds import Hold
from piiscan.policy import LoadedPolicy, Promise
from piiscan.reports.words import Words
from piiscan.retention.clocks import PLAUSIBLE_FROM, tz_version
from piiscan.retention.survey import Survey, survey
from piiscan.store import Store, StoredSweep, Summary, named, sent_text

__all__ = ["Source", "policy_facts", "run_facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a report may look at."""

    store: Store
    words: Words
    policy: LoadedPolicy | None = None
    now_ms: int | None = None  # of the report, for ages
    holds: Sequence[Hold] = ()
    period: tuple[date, date] | None = None  # first and last day, of what happened in between
    promises: Sequence[str] = ()  # ids of those that are judged; all if empty

    def need_policy(self, kind: str) -> LoadedPolicy:
        """Return the policy.

        Args:
            kind: Of the report that needs it.

        Raises:
            PolicyError: None was given.

        """
        if self.policy is None:
            raise PolicyError(
                f"report `{kind}` is about a policy, and none was given\n\n"
                "hint: --policy NAME or FILE; `piiscan policy list` names those that ship"
            )
        return self.policy

    def need_now(self) -> int:
        """Return the time of the report.

        Raises:
            ValueError: None was given.

        """
        if self.now_ms is None:
            raise ValueError("ages need the time of the report: now_ms")
        return self.now_ms

    def survey(self, policy: LoadedPolicy, promises: Sequence[Promise] | None = None) -> Survey:
        """Return how the archive stands against a policy now.

        Args:
            policy: The policy.
            promises: Which of its promises, or others; all if None.

        """
        return survey(
            self.store, policy, now_ms=self.need_now(), holds=self.holds, promises=promises
        )


def policy_facts(policy: LoadedPolicy, now_ms: int) -> dict[str, object]:
    """Return what a report was held against.

    Args:
        policy: The policy.
        now_ms: The time of the report.

    """
    notice = policy.policy.notice
    return {
        "policy": policy.name,
        "policy_digest_now": policy.digest,  # that of the sweep may be another
        "notice_title": notice.title,
        "notice_locale": notice.locale,
        "controller": notice.controller,
        "time_zone": notice.time_zone,
        "tz_version": tz_version(),
        "now": sent_text(now_ms),
    }


def run_facts(store: Store, run: StoredSweep, totals: Summary) -> dict[str, object]:
    """Return what was swept and by which rules: the same facts stand in every report."""
    first, last = store.period(after=PLAUSIBLE_FROM - 1, before=_next_day(run.started))
    missed = sum(totals.incomplete.values())
    return {
        "version": str(run.info.get("version", "")),
        "roots": list(run.roots),
        "started": run.started,
        "ended": run.ended,
        "state": totals.state,
        "objects": totals.total,
        "objects_not_scanned": missed,
        "messages": totals.messages,
        "bytes": totals.size,
        "bytes_scanned": totals.scanned,
        "bytes_not_scanned": totals.not_scanned,
        "first_message": sent_text(first),
        "last_message": sent_text(last),
        "findings": totals.personal,
        "findings_topical": totals.sure - totals.personal,
        "findings_low": totals.findings - totals.sure,
        "values": totals.people,
        "detectors": list(run.detectors),
        "engine_digest": run.engine_digest,
        "policy_digest": run.policy_digest,
        "detectors_digest": str(run.info.get("detectors_digest", "")),
        "lexicons_digest": str(run.info.get("lexicons_digest", "")),
        "profiles_digest": str(run.info.get("profiles_digest", "")),
        "lexicons": named(run.lexicons),
        "key_id": store.key_id,
    }


def _next_day(started: str) -> int | None:
    """Return the instant a day after a sweep: no message was sent later, whatever it says."""
    if not started:
        return None
    return int((datetime.fromisoformat(started) + timedelta(days=1)).timestamp() * 1000)
