"""What can become of a run, and of the store it works on?"""

from meigara.errors.base import MeigaraError


class Conflict(MeigaraError):
    """The request is well formed, but not possible in the present state."""


class RunAlreadyActive(Conflict):
    """A run of the endpoint is queued or running; `run_id` says which."""

    message = "Run {run_id} is already active; its lease ends at {lease_until}."
    hint = (
        "Wait for it (`meigara runs show {run_id}`) or stop it (`meigara runs cancel {run_id}`)."
        " If its process is dead, the next sync after that time takes over."
    )

    def __init__(self, *, run_id: int, lease_until: str) -> None:
        """Carry the active run's number and the time its lease ends, for people."""
        self.run_id = run_id
        super().__init__(run_id=run_id, lease_until=lease_until)


class StoreBusy(Conflict):
    """A run is active, so that nothing can be taken out of the store."""

    message = "Run {run_id} is active."
    hint = "Wait for it, or stop it with `meigara runs cancel {run_id}`, and try again."


class StoreNotEmpty(Conflict):
    """A backup would replace what the store holds."""

    message = "The database holds lists or accounts already."
    hint = "Take an empty one, or drop what it holds with --replace."


class NoLaterRoster(Conflict):
    """A purge would leave nothing."""

    message = "No list would be left: the newest one is of {last}."
    hint = "Give an earlier day than {day}, or delete everything with `meigara purge`."


class MarketsMixed(Conflict):
    """Real lists and those of the invented market do not belong into one database."""


class InventedAnswer(MarketsMixed):
    """The answer is of the invented market, the stored lists are real."""

    message = "This source serves an invented market, and the database holds real lists."
    hint = (
        "Nothing was written. Give the invented market a database of its own"
        " (MEIGARA_DATABASE_URL; `meigara simulate` prints the line),"
        " or take MEIGARA_JQUANTS_BASE_URL away to fetch from J-Quants."
    )


class RealAnswer(MarketsMixed):
    """The answer is real, the stored lists are of the invented market."""

    message = "This source serves real lists, and the database holds an invented market."
    hint = (
        "Nothing was written. Take another database (MEIGARA_DATABASE_URL),"
        " or delete the invented market first with `meigara purge`."
    )


class RunAlreadyFinished(Conflict):
    """The run has ended; it cannot be cancelled."""

    message = "Run {run_id} has already ended: {status}."
    hint = "`meigara runs show {run_id}` shows its result; start another with `meigara sync`."


class RunNotHeld(Conflict):
    """The run is not held; there is nothing to apply, discard or retry."""

    message = "Run {run_id} is not held: {status}."
    hint = "Only a held run can be applied, discarded or retried; `meigara runs` shows them."


class RunNotApplicable(Conflict):
    """The held answer is defective; applying it would put a wrong list in place."""

    message = "Run {run_id} cannot be applied: its answer is incomplete or contradicts itself."
    hint = (
        "Fetch again with `meigara runs retry {run_id}`,"
        " or drop it: `meigara runs discard {run_id}`."
    )


class RunFollowsAnother(Conflict):
    """The run is held because of another one, whose decision decides both."""

    message = "Run {run_id} is held only because of run {root_id}."
    hint = "Decide run {root_id}: what you do with it is done with this one as well."


class ScheduleChanged(Conflict):
    """Somebody else changed the schedule meanwhile."""

    message = "The schedule was changed meanwhile: it is {execution_time} ({timezone}) now."
    hint = "Look at it again, then change it if that is still needed."


class TargetExists(Conflict):
    """The name of a target is taken."""

    message = "Notices go to a target {name} already."
    hint = "Choose another name, or remove that one first."


class DemoUnavailable(Conflict):
    """The invented market would take the place of a list that other people use."""

    message = "This server has accounts: the demo would take its list from everybody."
    hint = "Start the demo on your own machine: `meigara serve --fill` without a key."


class RosterHeld(MeigaraError):
    """The answer looked wrong; the run is held and the list is unchanged."""

    message = "Run {run_id} is held: {reasons} The list is unchanged."
    hint = (
        "Look at it with `meigara runs show {run_id}`, then `meigara runs apply {run_id}`,"
        " `meigara runs discard {run_id}` or `meigara runs retry {run_id}`."
    )


class RosterDefective(RosterHeld):
    """The answer is broken in itself: the run is held, and nobody can apply it."""

    hint = RunNotApplicable.hint


class RosterFollows(RosterHeld):
    """The run is held because of another one, whose decision decides both."""

    hint = "Decide run {root_id}: look at it with `meigara runs show {root_id}`."


class RunCancelled(MeigaraError):
    """Somebody stopped the run; the list is unchanged."""

    message = "Run {run_id} was cancelled. The list is unchanged."
    hint = "Start again with `meigara sync`."


class LeaseLost(MeigaraError):
    """Another process took the run over; stop at once and write nothing. Never shown."""

    message = "Run {run_id} is no longer held by this process."


class UnexpectedFailure(MeigaraError):
    """A defect of the program itself ended the run; the list is unchanged."""

    message = "Something unexpected ended the run: {reason}"
    hint = "The log tells where. Please report it; starting the run again may help."


class StoreUnavailable(MeigaraError):
    """The database cannot be reached, read or written."""

    message = "The database {database} cannot be used: {reason}"
    outside = "The database does not answer."
    hint = "Mend the cause (disk space, permissions, server), then try again."


class StoreDamaged(StoreUnavailable):
    """What lies in the place of the database cannot be read as one."""

    message = "The database {database} is damaged, or is no database: {reason}"
    outside = "What lies in the place of the database cannot be read."
    hint = (
        "Stop the server, move away what lies there, bring a backup back (`meigara restore FILE`),"
        " then start the server again."
    )


class StoreLost(StoreUnavailable):
    """The file was deleted, replaced or written over while the program used it."""

    message = "{reason}"
    outside = message
    hint = (
        "Nothing is written any more: it would be lost. Stop the server, move away what lies there,"
        " bring a backup back (`meigara restore FILE`), then start the server again."
    )


class TooManyExports(Conflict):
    """So many other files are made or sent that there is no room for one more."""

    message = "Too many files are asked for at once. Try again in {seconds} seconds."
    hint = "Files are made a few at a time; one that nobody takes is given up after a minute."
