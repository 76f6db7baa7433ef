"""What proves that stored texts are those that were stored?

The digest of a set of texts is the sum of their SHA-256 modulo 2^256, as 64 hexadecimal digits. It
does not depend on an order, and it follows a change of the set at the cost of what changed: a day
on which nothing happened costs nothing.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from meigara.domain.roster import Labels

EMPTY = "0" * 64
"""The digest of nothing."""

_SPACE = 2**256
_SEPARATOR = "\x1f"
_NOTHING = "\x1e"


class Digests(NamedTuple):
    """What a roster is known by: its list, the changes of its run, the labels of its day."""

    of_list: str
    of_changes: str
    of_labels: str


def digest_of(texts: Iterable[str]) -> str:
    """Return the digest of texts; one that occurs twice counts twice."""
    return shifted(EMPTY, come=texts)


def shifted(digest: str, *, gone: Iterable[str] = (), come: Iterable[str] = ()) -> str:
    """Return what a digest becomes when some texts go and others come."""
    moved = sum(map(weight_of, come)) - sum(map(weight_of, gone))
    return digest_with(int(digest, 16) + moved)


def weight_of(text: str) -> int:
    """Return what one text adds to a digest."""
    return int.from_bytes(sha256(text.encode()).digest(), "big")


def digest_with(weight: int) -> str:
    """Return the digest of texts whose weights have this sum."""
    return f"{weight % _SPACE:064x}"


def text_of_change(values: Sequence[object], retracts: int | None = None) -> str:
    """Return a change (code, kind, field, before, after) as the text that its digest counts."""
    return _joined((*values, retracts))


def text_of_label(kind: str, code: str, name: str) -> str:
    """Return a label as the text that its digest counts."""
    return _joined((kind, code, name))


def digest_of_labels(labels: Labels) -> str:
    """Return the digest of the labels of a day."""
    return digest_of(text_of_label(*key, name) for key, name in labels.items())


def _joined(values: Iterable[object]) -> str:
    return _SEPARATOR.join(_NOTHING if value is None else str(value) for value in values)
