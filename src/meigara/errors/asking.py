"""What can be wrong with what a person or a program asks for?"""

from meigara.errors.base import MeigaraError


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


class InvalidSchedule(InvalidInput):
    """The text is no time of day, or no zone."""

    message = "“{text}” is neither a time of day nor a time zone."
    hint = "Write the time as HH:MM, 05:00 for example, and the zone by its IANA name: Asia/Tokyo."


class UnknownClass(InvalidInput):
    """The text names no market segment or sector."""

    message = "“{text}” is not known here."
    hint = "Give a code or a name: {choices}."


class BackupUnreadable(InvalidInput):
    """The file is no backup."""

    message = "“{file}” is not a backup of Meigara: {reason}"
    hint = "Take a file that `meigara backup` wrote."


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


class RosterNotFound(NotFound):
    """No list of that day is part of the history."""

    message = "No list of {day} is stored."
    hint = "`meigara rosters` shows the days of which one is."


class SearchTooLong(InvalidInput):
    """Nobody searches for that much text."""

    message = "A search may have at most {limit} characters."
    hint = "Search for a part of the name or for a code."


class InvalidCursor(InvalidInput):
    """The text is no cursor of this list."""

    message = "This is not a cursor of this list."
    hint = "Take next_cursor from the answer before, with the same filters, or begin without one."


class UnknownField(InvalidInput):
    """A field is asked for that there is not."""

    message = "There is no field “{text}”."
    hint = "The fields are: {choices}."


class ParameterUnknown(InvalidInput):
    """An address says something that is not asked there."""

    message = "There is no parameter “{text}” here."
    hint = "The parameters are: {choices}."


class ParameterRepeated(InvalidInput):
    """An address says several times what can be said only once."""

    message = "“{field}” is given more than once."
    hint = "Give it once."


class AddressUnreadable(InvalidInput):
    """A part of an address or of a form is not what it should be."""

    message = "This cannot be read: {where}."
    hint = "Go back and choose again, or begin on the first page."


class TextUnstorable(InvalidInput):
    """A text holds what no text may: NUL, or half of a character."""

    message = "{field} holds a character that cannot be stored."
    hint = "Take out NUL and halves of characters (lone surrogates), and send it again."


class PageNotFound(NotFound):
    """There is no page at that address."""

    message = "There is no such page."
    hint = "The first page leads to all others."


class SourceNotFound(NotFound):
    """There is no data source with that number."""

    message = "There is no data source {source_id}."
    hint = "The page / shows the one there is."


class NothingSynced(NotFound):
    """No roster was published yet."""

    message = "No list has been synced yet."
    hint = "Run `meigara sync` first, or try the program with an invented market: `meigara demo`."


class BeforeFirstRoster(NotFound):
    """The as-of date lies before the oldest roster that is held."""

    message = "Nothing is known as of {as_of}: the oldest list that is held is of {first}."
    hint = "`meigara sync --as-of {as_of} --backfill` adds that day, if your plan covers it."


class TargetUnreadable(InvalidInput):
    """The text is no address that notices can be sent to."""

    message = "Notices cannot be sent to this address."
    hint = "Write it as Apprise does, for example slack://A/B/C or jsons://example.jp/path."


class TargetNotFound(NotFound):
    """There is no target of that number."""

    message = "There is no target of notices {target_id}."
    hint = "The page of notices shows them all."
