"""How does a message reach a person in Japanese or in English?

English texts are the keys of one catalogue, `locale/ja/LC_MESSAGES/meigara.po`.
"""

import gettext
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from meigara import errors
from meigara.domain.guard import HoldKind

LOCALES = Path(__file__).parent / "locale"
DOMAIN = "meigara"

Translate = Callable[[str], str]

HOLD_MESSAGES: Mapping[HoldKind, str] = {
    HoldKind.EMPTY_ANSWER: "The answer holds no issue at all.",
    HoldKind.PAGE_MISSING: "A page of the answer is missing.",
    HoldKind.FIELD_MISSING: "{count:,} rows have no {field}.",
    HoldKind.CODE_DOUBLED: "{count:,} codes occur more than once ({sample}).",
    HoldKind.CODE_MALFORMED: "{count:,} codes are not issue codes ({sample}).",
    HoldKind.DATES_MIXED: "The rows carry {count} different dates ({sample}).",
    HoldKind.TOO_FEW_ISSUES: (
        "The first list has only {count:,} issues; at least {minimum:,} are expected."
    ),
    HoldKind.DATE_BACKWARDS: (
        "The answer is of {as_of}, older than the newest list that is held, of {newest}."
        " It never becomes today's list; applying it adds that day to the past."
    ),
    HoldKind.MASS_DELISTING: (
        "{count:,} of {held:,} issues would leave the list;"
        " {limit:,} in {months} month(s) are believed."
    ),
    HoldKind.MASS_CHANGE: "{count:,} of {held:,} issues would change: {field}.",
}


FIELDS: Mapping[str, str] = {
    "name": "Name",
    "name_en": "English name",
    "sector17": "Sector (17)",
    "sector33": "Sector (33)",
    "scale": "Scale",
    "market": "Market",
    "margin": "Margin",
    "product": "Product",
}
"""The fields of an issue in words."""


class Explanation(NamedTuple):
    """What happened, and what to do about it."""

    message: str
    hint: str


def translator(language: str) -> Translate:
    """Return the function that translates an English text into `language` (`ja` or `en`)."""
    catalogue = gettext.translation(DOMAIN, LOCALES, [language], fallback=True)
    return lambda text: catalogue.gettext(text) if text else ""  # "" is the catalogue's header


def explain(error: errors.MeigaraError, translate: Translate) -> Explanation:
    """Return the words for an error."""
    return _explanation(type(error), error.params, translate)


def explain_stored(stored: Mapping[str, object], translate: Translate) -> Explanation:
    """Return the words for an error as it is written on a failed run."""
    kind = getattr(errors, str(stored["kind"]), errors.MeigaraError)
    params = stored["params"]
    if not isinstance(params, Mapping):
        params = {}
    return _explanation(kind, params, translate)


def _explanation(
    kind: type[errors.MeigaraError], params: Mapping[str, object], translate: Translate
) -> Explanation:
    """Fill in the words; a parameter that is a word of ours (a state) is translated as well."""
    filled = {name: _in_words(value, translate) for name, value in params.items()}
    return Explanation(
        translate(kind.message).format(**filled), translate(kind.hint).format(**filled)
    )


def _in_words(value: object, translate: Translate) -> object:
    if isinstance(value, errors.Reason):
        return translate(value.template).format(**value.values)
    if isinstance(value, Mapping):
        return translate(str(value["template"])).format(**value["values"])
    return translate(value) if isinstance(value, str) else value


def explain_hold(reason: Mapping[str, object], translate: Translate) -> str:
    """Return the words for a reason to hold as it is written on a held run."""
    details = reason["details"]
    if not isinstance(details, Mapping):
        details = {}
    field = str(details.get("field"))
    named = {"field": translate(FIELDS.get(field, field))}
    return translate(HOLD_MESSAGES[HoldKind(str(reason["kind"]))]).format(**{**details, **named})
