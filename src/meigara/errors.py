"""Every exception of Meigara, and what each one means to the person who meets it.

MeigaraError
├── ConfigurationError          a setting, a file or the schema does not let the program start
│   ├── UnknownSetting, InvalidSetting, MissingKey
│   └── SchemaNewer, SchemaOutdated
├── InvalidInput                what a person or program typed cannot be read
│   ├── InvalidIssueCode
│   ├── InvalidDate
│   └── UnknownClass
├── NotFound                    nothing is stored under that name
│   ├── IssueNotFound
│   ├── RunNotFound
│   └── NothingSynced, BeforeFirstRoster
├── Conflict                    the request is well formed, but not possible in the present state
│   ├── RunAlreadyActive        carries run_id
│   ├── RunAlreadyFinished
│   ├── RunNotHeld
│   └── RunNotApplicable
├── RosterHeld                  the run is held, nobody is delisted
│   └── RosterDefective         and nobody can apply it
├── RunCancelled                somebody stopped the run; the list is unchanged
├── LeaseLost                   stop at once, write nothing; never shown
├── StoreUnavailable            the database cannot be reached, read or written
└── JQuantsError                the source did not give a roster; the run fails
    ├── JQuantsUnavailable      network, timeout, 5xx, non-JSON; retryable
    ├── JQuantsRateLimited      too many calls; retryable after a minute or two
    ├── JQuantsRefused          asking again does not help; final
    │   ├── KeyRefused, NoSubscription, PlanRefused
    │   └── DateOutsidePlan, RequestRefused
    └── JQuantsContractBroken   the payload is not what the documents say; final

`message` says what happened and `hint` what to do; both are English templates that
`meigara.i18n` also uses as the keys of the catalogue. They are filled from `params`.
"""

from typing import ClassVar


class MeigaraError(Exception):
    """Anything that Meigara reports to a person; never raised itself."""

    message: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    retryable: ClassVar[bool] = False

    def __init__(self, **params: object) -> None:
        """Keep `params`, the values of the placeholders in `message` and `hint`."""
        self.params = params
        super().__init__(self.message.format(**params))


class ConfigurationError(MeigaraError):
    """A setting, a file or the database schema does not let the program start."""


class UnknownSetting(ConfigurationError):
    """An environment variable starts with MEIGARA_ and is not a setting."""

    message = "The environment variable {name} is not a setting of Meigara."
    hint = "Did you mean {nearest}? `meigara check` shows every setting."


class InvalidSetting(ConfigurationError):
    """A setting has a value that cannot be used."""

    message = "The setting {name} has a value that cannot be used: {reason}"
    hint = "Correct {name}; `meigara check` shows every setting and where it comes from."


class MissingKey(ConfigurationError):
    """No J-Quants API key is configured."""

    message = "No J-Quants API key is configured."
    hint = (
        "Issue a key in the J-Quants dashboard (https://jpx-jquants.com/dashboard/api-keys) and set"
        " MEIGARA_JQUANTS_API_KEY, or try the program without one: `meigara demo`."
    )


class SchemaNewer(ConfigurationError):
    """The database was written by a newer program."""

    message = "The database has schema {found}, which this version of Meigara does not know."
    hint = "Update Meigara to the version that wrote the database, or point it at another database."


class SchemaOutdated(ConfigurationError):
    """The database was written by an older program and is not upgraded yet."""

    message = "The database has schema {found}; this version of Meigara needs {needed}."
    hint = "Make a backup, then run `meigara db upgrade`."


class InvalidInput(MeigaraError):
    """What a person or program typed cannot be read."""


class InvalidIssueCode(InvalidInput):
    """The text is not an issue code."""

    message = "“{text}” is not an issue code."
    hint = "A code has 4 or 5 digits or capital letters, for example 7203, 72030 or 130A."


class InvalidDate(InvalidInput):
    """The text is not a date."""

    message = "“{text}” is not a date."
    hint = "Write a date as YYYY-MM-DD or YYYYMMDD, for example 2025-07-11."


class UnknownClass(InvalidInput):
    """The text names no market segment or sector."""

    message = "“{text}” is not known here."
    hint = "Give a code or a name: {choices}."


class NotFound(MeigaraError):
    """Nothing is stored under that name."""


class IssueNotFound(NotFound):
    """No roster that was synced holds the code."""

    message = "No issue with the code {code} is in the list."
    hint = "Search by name instead: `meigara issues --search TEXT`."


class RunNotFound(NotFound):
    """There is no run with that number."""

    message = "There is no run {run_id}."
    hint = "`meigara runs` shows the runs there are."


class NothingSynced(NotFound):
    """No roster was published yet."""

    message = "No list has been synced yet."
    hint = "Run `meigara sync` first, or try the program with an invented market: `meigara demo`."


class BeforeFirstRoster(NotFound):
    """The as-of date lies before the oldest roster that is held."""

    message = "Nothing is known as of {as_of}: the oldest list that is held is of {first}."
    hint = "`meigara sync --as-of {as_of} --backfill` adds that day, if your plan covers it."


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


class RunCancelled(MeigaraError):
    """Somebody stopped the run; the list is unchanged."""

    message = "Run {run_id} was cancelled. The list is unchanged."
    hint = "Start again with `meigara sync`."


class LeaseLost(MeigaraError):
    """Another process took the run over; stop at once and write nothing. Never shown."""

    message = "Run {run_id} is no longer held by this process."


class StoreUnavailable(MeigaraError):
    """The database cannot be reached, read or written."""

    message = "The database {database} cannot be used: {reason}"
    hint = "Nothing was lost. Mend the cause (disk space, permissions, server), then try again."


class JQuantsError(MeigaraError):
    """The source did not give a roster; the run fails and the list is unchanged."""


class JQuantsUnavailable(JQuantsError):
    """Network, timeout, 5xx, or an answer that is not JSON."""

    message = "J-Quants could not be reached: {reason}"
    hint = "Check the network and MEIGARA_JQUANTS_BASE_URL ({base_url}), then try again later."
    retryable = True


class JQuantsRateLimited(JQuantsError):
    """Too many calls in a minute, or the five-minute block that follows."""

    message = "J-Quants answered that there were too many calls (429)."
    hint = (
        "Wait two minutes, or five if it stays so; other programs with the same key count as well."
        " Set MEIGARA_JQUANTS_PLAN to your plan."
    )
    retryable = True


class JQuantsRefused(JQuantsError):
    """Key, plan, contract or window; asking again does not help."""


class KeyRefused(JQuantsRefused):
    """The key is missing, wrong or expired."""

    message = "J-Quants refused the API key: {reason}"
    hint = (
        "Check the key in the dashboard (https://jpx-jquants.com/dashboard/api-keys),"
        " then set MEIGARA_JQUANTS_API_KEY."
    )


class NoSubscription(JQuantsRefused):
    """The account has no active contract."""

    message = "J-Quants says that there is no active subscription: {reason}"
    hint = "Take or renew a plan at https://jpx-jquants.com (the Free plan ends after a year)."


class PlanRefused(JQuantsRefused):
    """The plan does not include the endpoint."""

    message = "Your J-Quants plan does not include this data: {reason}"
    hint = "Check the plan in the J-Quants dashboard."


class DateOutsidePlan(JQuantsRefused):
    """The date lies outside the plan's window."""

    message = "The date lies outside what your J-Quants plan covers: {reason}"
    hint = "Choose a date inside the window, or leave --as-of away for the newest list."


class RequestRefused(JQuantsRefused):
    """A refusal that the documents do not list."""

    message = "J-Quants refused the request ({status}): {reason}"
    hint = "Check MEIGARA_JQUANTS_BASE_URL ({base_url}) and the date asked for."


class JQuantsContractBroken(JQuantsError):
    """The payload is not what the documents say."""

    message = "The answer of J-Quants is not what its documentation says: {reason}"
    hint = "Nothing was applied. Try again later; if it stays so, an update of Meigara is needed."
