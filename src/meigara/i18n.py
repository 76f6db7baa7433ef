"""How does a message reach a person in Japanese or in English?

English texts are the keys of one catalogue, `locale/ja/LC_MESSAGES/meigara.po`.
"""

import gettext
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from meigara import errors

LOCALES = Path(__file__).parent / "locale"
DOMAIN = "meigara"


class Translate:
    """The texts of one language, asked for by their English ones."""

    def __init__(self, catalogue: gettext.NullTranslations) -> None:
        """Look texts up in `catalogue`."""
        self._catalogue = catalogue

    def __call__(self, text: str) -> str:
        """Return a text in the language."""
        return self._catalogue.gettext(text) if text else ""  # "" is the catalogue's header

    def plural(self, one: str, other: str, number: int) -> str:
        """Return the form of a text that a number asks for."""
        return self._catalogue.ngettext(one, other, number)


class Explanation(NamedTuple):
    """What happened, and what to do about it."""

    message: str
    hint: str


def translator(language: str) -> Translate:
    """Return the texts in `language` (`ja` or `en`)."""
    return Translate(gettext.translation(DOMAIN, LOCALES, [language], fallback=True))


def explain(error: errors.MeigaraError, translate: Translate) -> Explanation:
    """Return the words for an error."""
    return _explanation(type(error), error.params, translate)


def explain_outside(error: errors.MeigaraError, translate: Translate) -> Explanation:
    """Return the words for an error that may be said to anybody who asks over the network."""
    kind = type(error)
    told = _explanation(kind, error.params, translate)
    outside = translate(kind.message_outside()).format(**_words(error.params, translate))
    return told._replace(message=outside)


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
    filled = _words(params, translate)
    return Explanation(
        translate(kind.message).format(**filled), translate(kind.hint).format(**filled)
    )


def _words(params: Mapping[str, object], translate: Translate) -> dict[str, object]:
    return {name: _in_words(value, translate) for name, value in params.items()}


def _in_words(value: object, translate: Translate) -> object:
    if isinstance(value, errors.Reason):
        return translate(value.template).format(**value.values)
    if isinstance(value, Mapping):
        return translate(str(value["template"])).format(**value["values"])
    return translate(value) if isinstance(value, str) else value
