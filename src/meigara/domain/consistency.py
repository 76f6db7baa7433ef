"""Do the classes of a list agree with each other, with the code tables and with what is known?

Sector 33 → sector 17 and the markets of funds: J-Quants API v2, code lists. The sizes of the
TOPIX scales are those of the indices: 30, 70 and 400 issues.
"""

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from meigara.domain.changes import ChangeSet
from meigara.domain.classification import CODES_OF_FIELD, PARENT_OF_SECTOR, TABLES
from meigara.domain.guard import GuardLimits, HoldKind, HoldReason, sample_of
from meigara.domain.issue import ListedIssue
from meigara.domain.roster import LabelKind, Labels
from meigara.domain.shape import Stored

_FUNDS, _PRO = "0109", "0105"
_FUND_PRODUCTS = frozenset({"013", "014", "022", "023"})
_SHARE_PRODUCTS = frozenset({"011", "021", "024"})
_NO_SECTOR, _NO_SCALE = "9999", "-"
_LARGEST = {"TOPIX Core30": 30, "TOPIX Large70": 70, "TOPIX Mid400": 400}
_SEGMENTS_OF_THE_LARGEST = frozenset({"0101", "0111"})
_REFORM = dt.date(2022, 4, 4)
_ALL_SECTORS = frozenset(PARENT_OF_SECTOR)
_ALL_SCALES = frozenset((*_LARGEST, "TOPIX Small 1", "TOPIX Small 2", _NO_SCALE))
_SEGMENTS_BEFORE = frozenset({"0101", "0102", "0104", _FUNDS})
_SEGMENTS_AFTER = frozenset({"0111", "0112", "0113", _FUNDS, _PRO})
_ABOLISHED = frozenset({"0101", "0102", "0104", "0106", "0107"})
_LATER = frozenset({"0111", "0112", "0113"})
_COMPANIES = (0.75, 0.98)
_UNLIKE_THE_TABLE = 2
_FEWEST_NAMED = 5
_NAMED = (
    ("投資法人", "market", _FUNDS, 0.9),
    ("銀行", "sector33", "7050", 0.7),
    ("鉄道", "sector33", "5050", 0.7),
)
"""Words of names, the class that goes with each, and the least share that has it."""


class _Contradiction(NamedTuple):
    """A rule between two fields of an issue, and how to tell that an issue breaks it."""

    fields: str
    is_broken: Callable[[ListedIssue], bool]


_RULES = (
    _Contradiction(
        "sector33-sector17",
        lambda i: PARENT_OF_SECTOR.get(i.sector33, i.sector17) != i.sector17,
    ),
    _Contradiction(
        "sector33-market",
        lambda i: i.market != _PRO and (i.market == _FUNDS) != (i.sector33 == _NO_SECTOR),
    ),
    _Contradiction(
        "product-market",
        lambda i: i.product in (_SHARE_PRODUCTS if i.market == _FUNDS else _FUND_PRODUCTS),
    ),
    _Contradiction(
        "scale-market",
        lambda i: (
            (i.scale in _LARGEST and i.market not in _SEGMENTS_OF_THE_LARGEST)
            or (i.scale != _NO_SCALE and i.market in (_FUNDS, _PRO))
        ),
    ),
)


def contradictions(change_set: ChangeSet, limits: GuardLimits) -> Iterator[HoldReason]:
    """Yield a reason for each rule that many more issues break than before."""
    before, after = _turned(change_set)
    for rule in _RULES:
        broken = tuple(issue.code for issue in after if rule.is_broken(issue))
        growth = len(broken) - sum(map(rule.is_broken, before))
        if growth > limits.contradictions:
            details = sample_of(broken) | {"count": growth, "limit": limits.contradictions}
            yield HoldReason(HoldKind.CLASSES_CONTRADICT, details | {"rule": rule.fields})


def unknown_classes(
    stored: Stored, change_set: ChangeSet, limits: GuardLimits
) -> Iterator[HoldReason]:
    """Yield a reason for each field in which many issues have a code that nobody knows."""
    _before, after = _turned(change_set)
    if len(after) <= limits.classes_unknown:
        return
    for field, table in CODES_OF_FIELD.items():
        known = {"", *table, *(getattr(issue, field) for issue in stored.issues.values())}
        found = Counter(getattr(issue, field) for issue in after)
        unknown = {value: count for value, count in found.items() if value not in known}
        if sum(unknown.values()) > limits.classes_unknown:
            details = sample_of(tuple(sorted(unknown))) | {"count": sum(unknown.values())}
            yield HoldReason(
                HoldKind.CLASS_UNKNOWN, details | {"field": field, "limit": limits.classes_unknown}
            )


def segments_of_another_time(
    change_set: ChangeSet, as_of: dt.date, limits: GuardLimits
) -> Iterator[HoldReason]:
    """Yield a reason if issues come to a segment that does not exist yet, or no more."""
    foreign = _ABOLISHED if as_of >= _REFORM else _LATER
    _before, after = _turned(change_set)
    found = tuple(issue.code for issue in after if issue.market in foreign)
    if len(found) > limits.contradictions:
        details = sample_of(found) | {"field": "market", "limit": limits.contradictions}
        yield HoldReason(HoldKind.CLASS_UNKNOWN, details)


def scale_sizes(stored: Stored, change_set: ChangeSet, limits: GuardLimits) -> Iterator[HoldReason]:
    """Yield a reason for each index whose number of issues moves away from what it is."""
    before, after = (Counter(issue.scale for issue in side) for side in _turned(change_set))
    if all(before[scale] == after[scale] for scale in _LARGEST) and stored.contents:
        return
    sizes = Counter(issue.scale for issue in stored.issues.values())
    for scale, usual in _LARGEST.items():
        was, will_be = sizes[scale], sizes[scale] - before[scale] + after[scale]
        most = max(3, int(usual * limits.scale_size_share))
        is_worse = abs(will_be - usual) > abs(was - usual) or not stored.contents
        if abs(will_be - usual) > most and is_worse:
            details: dict[str, str | int | float] = {"scale": scale, "count": will_be}
            yield HoldReason(HoldKind.SCALE_SIZE, details | {"usual": usual, "limit": most})


def first_list(
    issues: Iterable[ListedIssue], as_of: dt.date, limits: GuardLimits
) -> Iterator[HoldReason]:
    """Yield what a first list lacks of the market: an end, a class, or its companies."""
    found = sorted(issues)
    if found[0].code >= "14000" or found[-1].code < "99000":
        details = sample_of((found[0].code, found[-1].code))
        yield HoldReason(HoldKind.END_GONE, details)
    yield from _classes_absent(found, as_of)
    share = sum(issue.is_company for issue in found) / len(found)
    if not _COMPANIES[0] <= share <= _COMPANIES[1]:
        details = {"count": round(share * len(found)), "limit": round(_COMPANIES[1] * len(found))}
        yield HoldReason(HoldKind.COMPANIES_CHANGED, details)
    yield from _names_against_classes(found)
    foreign = tuple(issue.code for issue in found if not _is_japanese(issue.name))
    if len(foreign) > limits.names_unreadable_share * len(found):
        yield HoldReason(HoldKind.NAME_UNREADABLE, sample_of(foreign))


def _names_against_classes(issues: Sequence[ListedIssue]) -> Iterator[HoldReason]:
    """Yield a reason if issues with a telling name are mostly in another class."""
    for word, field, value, share in _NAMED:
        named = [i for i in issues if word in i.name and (i.market != _FUNDS or value == _FUNDS)]
        strange = tuple(i.code for i in named if getattr(i, field) != value)
        if len(named) >= _FEWEST_NAMED and len(strange) > (1 - share) * len(named):
            details = sample_of(strange) | {"word": word, "field": field, "value": value}
            yield HoldReason(HoldKind.NAMES_AGAINST_CLASSES, details | {"size": len(named)})


def labels_changed(stored: Labels, labels: Labels, limits: GuardLimits) -> Iterator[HoldReason]:
    """Yield a reason if codes that are stored have other names now, whatever their width."""
    if labels == stored:
        return
    changed = tuple(
        f"{kind} {code}: {stored[kind, code]} → {name}"
        for (kind, code), name in sorted(labels.items())
        if (kind, code) in stored and _folded(stored[kind, code]) != _folded(name)
    )
    if len(changed) > limits.labels_changed:
        details = sample_of(changed) | {"limit": limits.labels_changed}
        yield HoldReason(HoldKind.LABELS_CHANGED, details)


def first_labels(labels: Labels) -> Iterator[HoldReason]:
    """Yield a reason if the names of a first list are those of other codes, or mostly unknown."""
    for kind in LabelKind:
        table = {code: _folded(names.ja) for code, names in TABLES[kind].items()}
        given = {c: _folded(n) for (k, c), n in labels.items() if k is kind and c in table}
        unlike = tuple(c for c, name in sorted(given.items()) if name != table[c])
        exchanged = any(given[code] in table.values() for code in unlike)
        if exchanged or len(unlike) > _UNLIKE_THE_TABLE:
            shown = tuple(f"{kind} {code}: {labels[kind, code]}" for code in unlike)
            yield HoldReason(HoldKind.LABELS_CHANGED, sample_of(shown) | {"limit": 0})


def _turned(change_set: ChangeSet) -> tuple[list[ListedIssue], list[ListedIssue]]:
    """Return the issues that a change set touches, as they were and as they will be."""
    before = [*change_set.delisted, *(each.before for each in change_set.revised)]
    return before, [*change_set.listed, *(each.after for each in change_set.revised)]


def _classes_absent(issues: Iterable[ListedIssue], as_of: dt.date) -> Iterator[HoldReason]:
    columns = ListedIssue(*map(frozenset, zip(*issues, strict=True)))  # type: ignore[arg-type]
    expected: dict[str, frozenset[str]] = {
        "sector33": _ALL_SECTORS,
        "market": _SEGMENTS_AFTER if as_of >= _REFORM else _SEGMENTS_BEFORE,
        "scale": _ALL_SCALES,
        "margin": frozenset({"1", "2"}),
        "product": frozenset({"011", "013", "014"}),
    }
    for field, values in expected.items():
        present = frozenset(getattr(columns, field)) - {""}
        absent = tuple(sorted(values - present))
        if absent and (present or field in ("sector33", "market", "scale")):
            details: dict[str, str | int | float] = {"field": field, "value": ", ".join(absent)}
            details |= {"count": len(absent), "size": len(absent), "limit": 0.0}
            yield HoldReason(HoldKind.CLASS_GONE, details)


def _is_japanese(name: str) -> bool:
    """Say whether a name has kana or kanji, and no kana of half width, as real names do."""
    return any("\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" for c in name) and not any(
        "\uff61" <= c <= "\uff9f" for c in name
    )


def _folded(name: str) -> str:
    """Return a name without what sources write differently: width, spaces, kinds of comma."""
    return "".join(unicodedata.normalize("NFKC", name).replace("、", "・").split())
