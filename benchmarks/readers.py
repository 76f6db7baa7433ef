"""Many readers of the list at once, in a process of their own: `python -m benchmarks.readers`.

Each keeps one connection and asks again as soon as it is answered. What they saw is printed.
"""

import argparse
import asyncio
import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Sequence

import msgspec

ADDRESSES = (
    "/api/v1/issues",
    "/api/v1/issues?market=0111&fields=code,name",
    "/api/v1/issues?companies=true&limit=1000",
    "/jquants/v2/equities/master?code=72030",
)


class Seen(msgspec.Struct):
    """One content of one address: the how-many-th it was, and when it was asked for first and last
    (monotonic seconds).
    """

    rank: int
    first_asked: float
    last_asked: float
    count: int = 0


class Reading(msgspec.Struct):
    """What the readers saw; by address, then by the digest of the content."""

    answers: int
    failures: list[str]
    p50: float
    p99: float
    longest: float
    contents: dict[str, dict[str, Seen]]
    steps_back: int
    """How often a connection got an earlier content after a later one."""


class _Readers:
    def __init__(self, port: int, until: float) -> None:
        self._port, self._until = port, until
        self.seconds: list[float] = []
        self.failures: list[str] = []
        self.steps_back = 0
        self.contents: dict[str, dict[str, Seen]] = defaultdict(dict)

    async def read(self, addresses: Sequence[str]) -> None:
        """Ask for the addresses in turn until the time is over."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**22)
        latest: dict[str, int] = {}
        number = 0
        while (asked := time.monotonic()) < self._until:
            address = addresses[number % len(addresses)]
            number += 1
            lines = (f"GET {address} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", "", "")
            writer.write("\r\n".join(lines).encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
            body = await reader.readexactly(length)
            self.seconds.append(time.monotonic() - asked)
            if not head.startswith(b"http/1.1 200"):
                self.failures.append(head.partition(b"\r")[0].decode())
                continue
            self._note(address, body, asked, latest)
        writer.close()

    def _note(self, address: str, body: bytes, asked: float, latest: dict[str, int]) -> None:
        digest = hashlib.sha256(body).hexdigest()[:16]
        contents = self.contents[address]
        seen = contents.setdefault(digest, Seen(len(contents), asked, asked))
        seen.first_asked, seen.last_asked = (
            min(seen.first_asked, asked),
            max(seen.last_asked, asked),
        )
        seen.count += 1
        self.steps_back += seen.rank < latest.get(address, 0)
        latest[address] = max(seen.rank, latest.get(address, 0))


async def _read(port: int, seconds: float, number: int) -> Reading:
    readers = _Readers(port, time.monotonic() + seconds)
    turns = [
        ADDRESSES[n % len(ADDRESSES) :] + ADDRESSES[: n % len(ADDRESSES)] for n in range(number)
    ]
    await asyncio.gather(*(readers.read(turn) for turn in turns))
    times = sorted(readers.seconds)
    return Reading(
        len(times),
        readers.failures,
        times[len(times) // 2],
        times[int(len(times) * 0.99)],
        times[-1],
        readers.contents,
        readers.steps_back,
    )


def main() -> None:
    """Read, and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readers", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--readers", type=int, default=200)
    options = parser.parse_args()
    found = asyncio.run(_read(options.port, options.seconds, options.readers))
    sys.stdout.write(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    main()
