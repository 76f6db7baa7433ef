"""How long do fifty people wait who start a run at once? In a process of their own:
`python -m benchmarks.presses PORT`.
"""

import argparse
import asyncio
import sys
import time

import msgspec

PEOPLE = 50


class Pressed(msgspec.Struct, frozen=True):
    """The seconds that each one waited, and the numbers of the runs that they were given."""

    seconds: list[float]
    runs: list[int]


async def _press(port: int, go: asyncio.Event) -> tuple[float, int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await go.wait()
    began = time.monotonic()
    lines = ("POST /api/v1/runs HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Length: 0", "", "")
    writer.write("\r\n".join(lines).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
    body = await reader.readexactly(length)
    seconds = time.monotonic() - began
    writer.close()
    return seconds, int(msgspec.json.decode(body)["id"])


async def _press_all(port: int) -> Pressed:
    go = asyncio.Event()
    pressing = [asyncio.create_task(_press(port, go)) for _ in range(PEOPLE)]
    await asyncio.sleep(0.2)  # all are connected
    go.set()
    seconds, runs = zip(*await asyncio.gather(*pressing), strict=True)
    return Pressed(sorted(seconds), list(runs))


def main() -> None:
    """Press, and print how long it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.presses", description=__doc__)
    parser.add_argument("port", type=int)
    found = asyncio.run(_press_all(parser.parse_args().port))
    sys.stdout.write(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    main()
