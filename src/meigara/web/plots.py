"""Where do the lines and bars of the plots lie? In a square of 100 by 100; templates draw it."""

from collections.abc import Sequence
from dataclasses import dataclass

from meigara.services.trends import Duration, MarketShare, Size, Trends

_LOWEST_SPAN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A line through days: its points as SVG writes them, and the values at its ends."""

    points: str
    first: Size
    last: Size
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: where it begins and how long it is, in hundredths of the picture."""

    position: float
    length: float
    what: MarketShare | Duration


@dataclass(frozen=True, slots=True)
class Plots:
    """The three pictures; None or empty where there is nothing to draw yet."""

    sizes: Line | None
    markets: Sequence[Bar]
    durations: Sequence[Bar]
    longest: float


def plots_of(trends: Trends) -> Plots:
    """Return the pictures of `trends`."""
    longest = max((each.seconds for each in trends.durations), default=0.0)
    return Plots(
        sizes=_line(trends.sizes) if len(trends.sizes) > 1 else None,
        markets=_markets(trends.markets),
        durations=_durations(trends.durations, longest) if len(trends.durations) > 1 else (),
        longest=longest,
    )


def _line(sizes: Sequence[Size]) -> Line:
    """Place days by their date: a gap between syncs is as wide as it was long."""
    first, last = sizes[0], sizes[-1]
    low, high = (choose(each.total for each in sizes) for choose in (min, max))
    middle, span = (low + high) / 2, max(high - low, _LOWEST_SPAN)
    days = (last.day - first.day).days
    points = (
        f"{(each.day - first.day).days / days * 100:.2f},"
        f"{50 - (each.total - middle) / span * 90:.2f}"
        for each in sizes
    )
    return Line(" ".join(points), first, last, low, high)


def _markets(markets: Sequence[MarketShare]) -> Sequence[Bar]:
    largest = max((each.issues for each in markets), default=1)
    return [Bar(0, round(each.issues / largest * 100, 2), each) for each in markets]


def _durations(durations: Sequence[Duration], longest: float) -> Sequence[Bar]:
    width = 100 / len(durations)
    return [
        Bar(round(number * width, 2), round(each.seconds / (longest or 1) * 100, 2), each)
        for number, each in enumerate(durations)
    ]
