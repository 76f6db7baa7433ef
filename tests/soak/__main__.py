"""Soak both databases at once, show how far it is, and print what came of it."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.servers import postgresql_binaries, running_postgresql
from tests.soak import soak, violations_in


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    memory = Path("/dev/shm")  # noqa: S108 - each commit of SQLite is synced: there it costs nothing
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        urls = {"SQLite": f"sqlite:///{folder}/soak.db"}
        if postgresql_binaries() is None:
            _say("PostgreSQL is not installed: SQLite alone (`make setup-system` as root)")
            yield urls
            return
        with running_postgresql("-cfsync=off") as url:
            yield urls | {"PostgreSQL": url}


def _soak_aloud(kind: str, url: str, seed: int, slots: int) -> tuple[dict[str, int], float]:
    """Soak one database, a line for each tenth; return the counts and the seconds it took."""
    begun, told = time.monotonic(), 0

    def tell(passed: int) -> None:
        nonlocal told
        if (tenth := min(10, 10 * passed // slots)) > told:
            told = tenth
            _say(f"{kind:12}{told * 10:3} %  {time.monotonic() - begun:4.0f} s")

    return soak(url, seed, slots, tell), time.monotonic() - begun


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Soak each database; 1 if a promise was broken on one of them."""
    parser = argparse.ArgumentParser(description="Simulate years of the schedule, with disasters.")
    parser.add_argument("--slots", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    _say(f"{asked.slots:,} slots, seed {asked.seed} …")
    is_broken = False
    with _databases() as urls, ProcessPoolExecutor() as pool:
        futures = {
            kind: pool.submit(_soak_aloud, kind, url, asked.seed, asked.slots)
            for kind, url in urls.items()
        }
        for kind, future in futures.items():
            found, seconds = future.result()
            is_broken |= bool(violations_in(found))
            table = "\n".join(f"  {name:18}{count:>10,}" for name, count in found.items())
            _say(f"{kind} ({seconds:.0f} s)\n{table}")
    return int(is_broken)


if __name__ == "__main__":
    sys.exit(main())
