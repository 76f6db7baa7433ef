"""How long does the installed command take as a whole process?"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import msgspec

MEIGARA = Path(sys.executable).with_name("meigara")
COMMANDS = (("--help",), ("issues", "7203"))


class Started(msgspec.Struct, frozen=True):
    """A command and the median seconds from its start to its end."""

    command: str
    database: str
    seconds: float


def start_all(kind: str, url: str, rounds: int) -> list[Started]:
    """Run each command `rounds` times on a database that holds a list."""
    if not MEIGARA.exists():
        return []
    seconds: dict[str, list[float]] = {" ".join(command): [] for command in COMMANDS}
    for _ in range(rounds + 1):
        for command in COMMANDS:
            seconds[" ".join(command)].append(_time_of(command, url))
    return [Started(command, kind, median(times[1:])) for command, times in seconds.items()]


def _time_of(command: tuple[str, ...], url: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        [MEIGARA, *command],
        env={**os.environ, "MEIGARA_DATABASE_URL": url},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start
