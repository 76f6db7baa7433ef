"""What is a listed issue, and how is it named?"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from meigara.errors import InvalidIssueCode

_SHORT_OR_FULL_CODE = re.compile(r"[0-9A-Z]{4,5}")
_COMPANY_PRODUCTS = frozenset({"011", "021", "024"})
_COMPANY_MARKETS = frozenset(
    {"0101", "0102", "0104", "0105", "0106", "0107", "0111", "0112", "0113"}
)
_NO_SECTOR = "9999"
_SEPARATOR = "\x1f"
REPLACEMENT = "\ufffd"
"""What stands in a text for a character that no text can hold."""

# Control characters of ASCII and of Latin 1, line separators, marks that turn the direction of
# writing or that nobody sees, and halves of surrogate pairs.
_UNWRITABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff]"
)


def parse_issue_code(text: str) -> str:
    """Return the five-character issue code that `text` means.

    Four characters mean the ordinary share (`7203` → `72030`, `130a` → `130A0`);
    full-width characters and surrounding space are accepted.

    Raises InvalidIssueCode for anything else.
    """
    code = unicodedata.normalize("NFKC", text).strip().upper()
    if not _SHORT_OR_FULL_CODE.fullmatch(code):
        raise InvalidIssueCode(text=text)
    return code if len(code) == 5 else f"{code}0"


class ListedIssue(NamedTuple):
    """One row of a roster: the attributes of an issue on one day.

    Codes are text with their zero padding; names are as received, without surrounding space.
    `margin` and `product` are empty where the answer did not carry them (a plan or a date
    without the field): unknown, which is not the same as changed.
    """

    code: str
    name: str
    name_en: str
    sector17: str
    sector33: str
    scale: str
    market: str
    margin: str
    product: str

    @property
    def is_company(self) -> bool:
        """Say whether this is the ordinary share of an issuer (社), not just an issue (件).

        Product categories 011, 021 and 024 are shares; the last character 0 marks the ordinary
        one (J-Quants, product category codes). Without a category, market and sector decide.
        """
        if self.code[-1] != "0":
            return False
        if self.product:
            return self.product in _COMPANY_PRODUCTS
        return self.market in _COMPANY_MARKETS and self.sector33 != _NO_SECTOR

    @property
    def content(self) -> str:
        """All attributes in one string: equal strings mean equal issues."""
        return _SEPARATOR.join(self)

    def completed_from(self, earlier: "ListedIssue") -> "ListedIssue":
        """Return the issue with its unknown attributes taken from `earlier`."""
        return self._replace(
            margin=self.margin or earlier.margin, product=self.product or earlier.product
        )


def issue_of(content: str) -> ListedIssue:
    """Return the issue whose `content` this is, as it is held."""
    return ListedIssue._make(content.split(_SEPARATOR))


def received_issue_of(content: str) -> ListedIssue:
    """Return the issue whose `content` the source gave, as it is stored.

    Space around its texts is dropped; a character that no text can hold is replaced.
    """
    return ListedIssue._make(writable(text).strip() for text in content.split(_SEPARATOR))


def writable(text: str) -> str:
    """Return a text with U+FFFD in place of each character that no text can hold."""
    return _UNWRITABLE.sub(REPLACEMENT, text)


def is_readable(name: str) -> bool:
    """Say whether a name has at least one letter or digit."""
    return any(map(str.isalnum, name))


def contents_of(issues: Iterable[Sequence[str]]) -> Iterator[str]:
    """Return the `content` of each issue, given as a tuple of its attributes in order.

    The attributes hold no U+001F: it stands between them.
    """
    return map(_SEPARATOR.join, issues)


def names_in(contents: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return those of `names` that stand as a text in any of `contents`, much faster than apart."""
    everything = f"{_SEPARATOR}{_SEPARATOR.join(contents)}{_SEPARATOR}"
    return [name for name in names if f"{_SEPARATOR}{name}{_SEPARATOR}" in everything]
