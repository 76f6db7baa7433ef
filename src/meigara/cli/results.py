"""How is the result of a run told, to a person and to a program?"""

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from meigara.cli.edge import State, tell
from meigara.cli.output import write_json
from meigara.counted import counted
from meigara.db.models import SyncRun
from meigara.domain.guard import HoldKind, HoldReason
from meigara.domain.run import RunStatus
from meigara.errors import RosterDefective, RosterFollows, RosterHeld
from meigara.i18n import explain_stored
from meigara.reasons import explain_hold, explain_warning
from meigara.sentences import (
    CHANGE_COUNTS,
    counts_sentence,
    retry_sentence,
    sentence_of,
    warnings_about,
)

if TYPE_CHECKING:
    from meigara.db.accounts import AuditEntry
    from meigara.services.assess import Assessment


_COUNTS = ("companies", "listed", "delisted", "changed", "unchanged")


class RunRecord(msgspec.Struct, frozen=True):
    """The result of a sync as JSON; documented in docs/cli.md, fields are only ever added."""

    run_id: int | None
    status: str
    as_of: dt.date | None
    total: int | None
    companies: int | None
    listed: int | None
    delisted: int | None
    changed: int | None
    unchanged: int | None
    duration_ms: int | None
    phases: dict[str, float]
    reasons: list[dict[str, Any]]
    error: dict[str, Any] | None = None
    trigger: str | None = None
    actor: str | None = None
    scheduled_for: dt.datetime | None = None
    missed_reason: str | None = None
    attempt: int = 1
    retry_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    warnings: list[dict[str, Any]] = []
    consequence_of: int | None = None


def record_of(run: SyncRun) -> RunRecord:
    """Return a run as the record that is printed as JSON."""
    own = {"run_id": run.id, "duration_ms": _milliseconds(run), "reasons": run.hold_reasons or []}
    stored = {name: getattr(run, name) for name in RunRecord.__struct_fields__ if name not in own}
    filled = {"phases": run.phases or {}, "warnings": run.warnings or []}
    return RunRecord(**own | stored | filled)


def end_of_run(state: State, run: SyncRun, *, as_json: bool) -> None:
    """Print the result of a run. Raises RosterHeld, after printing, if the run is held."""
    if as_json:
        write_json(record_of(run))
    elif run.status is RunStatus.SUCCEEDED:
        show_summary(state, run)
    if run.status is RunStatus.HELD:
        told = {"run_id": run.id, "reasons": " ".join(reasons_of(state, run))}
        if run.consequence_of is not None:
            raise RosterFollows(**told, root_id=run.consequence_of)
        raise RosterDefective(**told) if is_defective(run) else RosterHeld(**told)


def show_summary(state: State, run: SyncRun) -> None:
    """Print what a succeeded run did, in three lines."""
    tell(sentence_of(run, state.translate))
    for warning in warnings_about(run, state.translate):
        tell(warning)
    if run.requested_as_of is not None and run.requested_as_of != run.as_of:
        state.say(
            "The day asked for was {asked}; this is the list the source gave for it.",
            asked=run.requested_as_of,
        )
    tell(counts_sentence(run, state.translate))
    state.say(
        "Run {run_id}, {seconds:.1f} s", run_id=run.id, seconds=(_milliseconds(run) or 0) / 1000
    )


def show_rehearsal(state: State, found: "Assessment", *, as_json: bool) -> None:
    """Print what a sync would do; nothing was written."""
    verdict = found.verdict()
    reasons, warnings = verdict["hold_reasons"], verdict["warnings"] or []
    counts: dict[str, Any] = dict.fromkeys(_COUNTS) | found.counts()
    if as_json:
        write_json(
            RunRecord(
                run_id=None,
                status="dry_run",
                duration_ms=None,
                phases={},
                reasons=reasons,
                warnings=warnings,
                **counts,
            )
        )
        return
    state.say(
        "Dry run: nothing was written. The list is of {as_of}: {issues}.",
        as_of=counts["as_of"],
        issues=counted(state.translate, "issues", counts["total"]),
    )
    if found.comparison is not None:
        state.say(CHANGE_COUNTS, **counts)
    for reason in reasons:
        state.say("A sync would be held: {reason}", reason=explain_hold(reason, state.translate))
    for warning in warnings:
        tell(explain_warning(warning, state.translate))


def is_defective(run: SyncRun) -> bool:
    """Say whether the answer of a held run is broken in itself, so that nobody can apply it."""
    reasons = run.hold_reasons or []
    return any(HoldReason(HoldKind(each["kind"]), {}).is_defect for each in reasons)


def reasons_of(state: State, run: SyncRun) -> list[str]:
    """Return the reasons for which a run is held, as sentences."""
    return [explain_hold(reason, state.translate) for reason in run.hold_reasons or []]


def show_run(state: State, run: SyncRun, taken_back: "AuditEntry | None") -> None:
    """Print everything about a run that a person may want to know."""
    from meigara.cli.output import write_table

    t = state.translate
    rows = [
        (t("Run"), str(run.id)),
        (t("State"), t(run.status)),
        (t("Started by"), " ".join(filter(None, (t(run.trigger), run.actor)))),
        (t("Scheduled for"), _moment(run.scheduled_for)),
        (t("Attempt"), str(run.attempt) if run.attempt > 1 else ""),
        (t("Started"), _moment(run.started_at)),
        (t("Ended"), _moment(run.finished_at)),
        (t("Decided"), " ".join(filter(None, (_moment(run.decided_at), run.decided_by)))),
        (t("Taken back"), _deed(taken_back)),
        (t("Held because of"), _root(state, run)),
        (t("As of"), str(run.as_of or "")),
        (t("Issues"), _number(run.total)),
        (t("Companies"), _number(run.companies)),
        (t("Changes"), change_counts(run)),
        (t("Phases"), ", ".join(f"{t(k)} {v:,.1f} ms" for k, v in (run.phases or {}).items())),
    ]
    write_table(("", ""), [row for row in rows if row[1]])
    for reason in reasons_of(state, run):
        state.say("Held: {reason}", reason=reason)
    for warning in run.warnings or []:
        tell(explain_warning(warning, t))
    if run.status in (RunStatus.MISSED, RunStatus.ABANDONED):
        tell(sentence_of(run, t))
    if run.error:
        explanation = explain_stored(run.error, t)
        state.say("Cause: {cause}", cause=explanation.message)
        state.say("What to do: {hint}", hint=explanation.hint)
        if again := retry_sentence(run, t):
            tell(again)


def change_counts(run: SyncRun) -> str:
    """Return `+listed −delisted ~changed`, empty for a run without a change set."""
    if run.listed is None:
        return ""
    return f"+{run.listed:,} −{run.delisted or 0:,} ~{run.changed or 0:,}"


def run_row(state: State, run: SyncRun) -> list[str]:
    """Return a run as a row of the table of runs."""
    milliseconds = _milliseconds(run)
    seconds = "" if milliseconds is None else f"{milliseconds / 1000:.1f} s"
    cells = (
        str(run.id),
        _moment(run.started_at or run.scheduled_for or run.queued_at),
        state.translate(run.trigger),
    )
    figures = (str(run.as_of or ""), _number(run.total), change_counts(run))
    status = " ".join(filter(None, (state.translate(run.status), _because(state, run))))
    return [*cells, status, *figures, seconds]


def _deed(entry: "AuditEntry | None") -> str:
    return " ".join(filter(None, (_moment(entry.at), entry.actor))) if entry else ""


def _root(state: State, run: SyncRun) -> str:
    text = state.translate("Run {run_id}") if run.consequence_of else ""
    return text.format(run_id=run.consequence_of)


def _because(state: State, run: SyncRun) -> str:
    text = state.translate("because of run {run_id}") if run.consequence_of else ""
    return text.format(run_id=run.consequence_of)


def _milliseconds(run: SyncRun) -> int | None:
    return None if run.duration is None else round(run.duration.total_seconds() * 1000)


def _moment(moment: dt.datetime | None) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}" if moment else ""


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
