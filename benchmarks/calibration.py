"""How fast is this machine, so that absolute numbers can be judged?"""

import json
import time
from collections.abc import Callable
from statistics import median

import msgspec

from meigara.jquants.wire import decode_page

REFERENCE_MS = {"json": 9.0, "msgspec": 2.4}
"""What the machine needed on which the targets were set."""


class Calibration(msgspec.Struct, frozen=True):
    """The median milliseconds to decode the answer of 4,400 rows."""

    json_ms: float
    msgspec_ms: float


def calibrate(body: bytes, rounds: int = 15) -> Calibration:
    """Decode the answer in both ways in turn."""
    pairs = [(_ms(json.loads, body), _ms(decode_page, body)) for _ in range(rounds)]
    return Calibration(median(a for a, _ in pairs), median(b for _, b in pairs))


def _ms(decode: Callable[[bytes], object], body: bytes) -> float:
    start = time.perf_counter()
    decode(body)
    return (time.perf_counter() - start) * 1000
