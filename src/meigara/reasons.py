"""Why is an answer held, and what is there to know of one that was believed, in words?

Each sentence names the rule, what was measured, what is believed, and what is usual.
"""

from collections.abc import Mapping
from typing import Any

from meigara.domain.guard import HoldKind
from meigara.domain.warnings import WarningKind
from meigara.i18n import Translate

Message = str | tuple[str, str]
"""A text; a pair where one issue asks for another form than many."""

HOLD_MESSAGES: Mapping[HoldKind, Message] = {
    HoldKind.EMPTY_ANSWER: "The answer holds no issue at all.",
    HoldKind.PAGE_MISSING: "A page of the answer is missing.",
    HoldKind.FIELD_MISSING: (
        "{count:,} row has no {field}.",
        "{count:,} rows have no {field}.",
    ),
    HoldKind.CODE_DOUBLED: (
        "{count:,} code occurs more than once ({sample}).",
        "{count:,} codes occur more than once ({sample}).",
    ),
    HoldKind.CODE_MALFORMED: (
        "{count:,} code is no issue code ({sample}).",
        "{count:,} codes are not issue codes ({sample}).",
    ),
    HoldKind.DATES_MIXED: "The rows carry {count} different dates ({sample}).",
    HoldKind.DATE_IN_FUTURE: (
        "The answer is of {as_of}; no list is later than the next business day, {latest}."
    ),
    HoldKind.DATE_NOT_BUSINESS_DAY: (
        "The answer is of {as_of}, on which the exchange is closed; lists are of business days."
    ),
    HoldKind.TOO_FEW_ISSUES: (
        "The first list has only {count:,} issues; {minimum:,} to {maximum:,} are expected."
    ),
    HoldKind.TOO_MANY_ISSUES: (
        "The first list has {count:,} issues; {minimum:,} to {maximum:,} are expected."
    ),
    HoldKind.DATE_BACKWARDS: (
        "The answer is of {as_of}, older than the newest list that is stored, of {newest}."
        " It never becomes today's list; applying it adds that day to the past."
    ),
    HoldKind.MASS_DELISTING: (
        "Delistings: {count:,} of {stored:,} issues ({share:.2%}) in {days} days;"
        " up to {limit:,} are believed. Usual: at most 0.45 % in a month."
    ),
    HoldKind.MASS_LISTING: (
        "New listings: {count:,} beside {stored:,} issues ({share:.2%}) in {days} days;"
        " up to {limit:,} are believed. Usual: at most 0.56 % in a month."
    ),
    HoldKind.MASS_CHANGE: (
        "{field}: changed in {count:,} of {stored:,} issues ({share:.2%}) in {days} days;"
        " up to {limit:,} are believed. Usual: {often}."
    ),
    HoldKind.NEIGHBOURS_GONE: (
        "{count:,} neighbouring codes would leave the list together ({sample});"
        " up to {limit} are believed. Usual: at most 2."
    ),
    HoldKind.END_GONE: (
        "The first or the last code of the list is missing ({sample}):"
        " the answer may have been cut off. Usual: from 13010 to 99970."
    ),
    HoldKind.CLASS_GONE: (
        "{field} {value}: {count:,} of {size:,} issues would be missing at once;"
        " up to {limit:.0%} are believed. Usual: at most 15 %."
    ),
    HoldKind.CLASS_UNKNOWN: (
        (
            "{field}: {count:,} issue has a code that nobody knows ({sample});"
            " up to {limit} are believed. Usual: none."
        ),
        (
            "{field}: {count:,} issues have codes that nobody knows ({sample});"
            " up to {limit} are believed. Usual: none."
        ),
    ),
    HoldKind.CLASSES_CONTRADICT: (
        "{rule}: {count:,} issues contradict each other there ({sample});"
        " up to {limit} are believed. Usual: at most 4."
    ),
    HoldKind.SCALE_SIZE: (
        "{scale} would have {count:,} issues; it has {usual}, give or take {limit}."
    ),
    HoldKind.COMPANIES_CHANGED: (
        (
            "{count:,} issue would become a company, or cease to be;"
            " up to {limit} are believed. Usual: none."
        ),
        (
            "{count:,} issues would become companies, or cease to be;"
            " up to {limit} are believed. Usual: none."
        ),
    ),
    HoldKind.NAME_TAKEN: (
        (
            "{count:,} issue would take the name of another one ({sample});"
            " up to {limit} are believed. Usual: none."
        ),
        (
            "{count:,} issues would take the name of another one ({sample});"
            " up to {limit} are believed. Usual: none."
        ),
    ),
    HoldKind.NAMES_EQUAL: (
        (
            "{count:,} more issue than before would share a name ({sample});"
            " up to {limit} are believed. Usual: none."
        ),
        (
            "{count:,} more issues than before would share a name ({sample});"
            " up to {limit} are believed. Usual: none."
        ),
    ),
    HoldKind.NAMES_CUT: (
        (
            "{count:,} name would be the beginning of what it was ({sample});"
            " up to {limit} are believed. Usual: at most 12 in ten months."
        ),
        (
            "{count:,} names would be the beginning of what they were ({sample});"
            " up to {limit} are believed. Usual: at most 12 in ten months."
        ),
    ),
    HoldKind.NAMES_AGAINST_CLASSES: (
        "{field}: {count:,} of {size:,} issues named “{word}” are not in {value} ({sample})."
        " Usual: at most one in ten."
    ),
    HoldKind.FIELD_PARTLY_MISSING: (
        (
            "{field}: {count:,} row lacks it and others have it; up to {limit} are believed."
            " Usual: all have it, or none."
        ),
        (
            "{field}: {count:,} rows lack it and others have it; up to {limit} are believed."
            " Usual: all have it, or none."
        ),
    ),
    HoldKind.NAME_UNREADABLE: (
        "{count:,} name cannot be that of a Japanese issue ({sample}). Usual: none.",
        "{count:,} names cannot be names of Japanese issues ({sample}). Usual: none.",
    ),
    HoldKind.LABELS_CHANGED: (
        (
            "{count:,} code of a market or sector has another name than before ({sample});"
            " up to {limit} are believed. Usual: none."
        ),
        (
            "{count:,} codes of markets or sectors have other names than before ({sample});"
            " up to {limit} are believed. Usual: none."
        ),
    ),
    HoldKind.OLDER_LIST: (
        "The list of {as_of} equals that of {day}, which was replaced since;"
        " the source may have gone back to an old list. Usual: never."
    ),
    HoldKind.UNCHANGED: (
        "The list has been the same for {days} business days; fewer than {limit} are believed."
        " Usual: a change within three."
    ),
    HoldKind.CONSEQUENCE: (
        "Nothing but run {run_id}, of {as_of}, keeps this list from being published:"
        " the decision on that run decides this one."
    ),
}

WARNING_MESSAGES: Mapping[WarningKind, Message] = {
    WarningKind.UNCHANGED: (
        "The list has been the same for {days} business days; the source may have stopped."
    ),
    WarningKind.TEXT_MENDED: (
        "In {count:,} issue a character that no text can hold was replaced by � ({sample}).",
        "In {count:,} issues a character that no text can hold was replaced by � ({sample}).",
    ),
}

FIELDS: Mapping[str, str] = {
    "name": "Name",
    "name_en": "English name",
    "sector17": "Sector (17)",
    "sector33": "Sector (33)",
    "scale": "Scale",
    "scale_other": "Scale, away from the revisions of the index",
    "market": "Market",
    "market_other": "Market, other than from Prime to Standard",
    "margin": "Margin",
    "product": "Product",
}
"""The fields of an issue in words."""

USUAL: Mapping[str, str] = {
    "name": "at most 0.80 % in a month",
    "name_en": "not known",
    "sector17": "at most 0.12 % in a month",
    "sector33": "at most 0.16 % in a month",
    "scale": "at most 3 % in a month, once 9.6 %",
    "scale_other": "at most 0.2 % in two months",
    "market": "at most 0.2 % in a month, once 4.2 %",
    "market_other": "at most 0.2 % in a month",
    "margin": "not known",
    "product": "never",
}
"""How much of the list changes in a field, in words."""


def explain_hold(reason: Mapping[str, object], translate: Translate) -> str:
    """Return the words for a reason to hold as it is written on a held run."""
    return _told(HOLD_MESSAGES[HoldKind(str(reason["kind"]))], reason, translate)


def explain_warning(warning: Mapping[str, object], translate: Translate) -> str:
    """Return the words for a warning as it is written on a run."""
    return _told(WARNING_MESSAGES[WarningKind(str(warning["kind"]))], warning, translate)


def _told(message: Message, found: Mapping[str, object], translate: Translate) -> str:
    """Fill in the words; a run that an earlier version held has other figures."""
    details = found["details"]
    if not isinstance(details, Mapping):
        details = {}
    field = str(details.get("field"))
    parts = str(details.get("rule", "")).split("-")
    words = {
        "field": translate(FIELDS.get(field, field)),
        "rule": " · ".join(translate(FIELDS.get(part, part)) for part in parts),
        "often": translate(USUAL.get(field, "")),
    }
    template = _form_of(message, details.get("count"), translate)
    return template.format(**{**_of_an_earlier_version(details), **details, **words})


def _form_of(message: Message, count: object, translate: Translate) -> str:
    if isinstance(message, str):
        return translate(message)
    return translate.plural(*message, count if isinstance(count, int) else 0)


def _of_an_earlier_version(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures in place of those that a run held before 0.2 does not have."""
    stored, months = details.get("held", 0), details.get("months", 1)
    share = details.get("count", 0) / stored if stored else 0.0
    return {"stored": stored, "days": months * 30, "share": share, "limit": 0, "maximum": 5500}
