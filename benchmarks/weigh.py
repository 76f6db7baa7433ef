"""How much memory does one sync take, how many rows does it write, and how large is its log?

A process of its own does one sync, so that nothing else has grown its memory before.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from benchmarks.contest import Contestant

_STATUS = Path("/proc/self/status")
_ROWS_WRITTEN = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables"
_WAL_POSITION = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"


class Weight(msgspec.Struct, frozen=True):
    """What one sync took: memory above idle (None where the system does not tell), rows, log."""

    memory_bytes: int | None
    rows_written: int
    wal_bytes: int


def weigh(name: str, url: str, body: bytes, *, clears: bool) -> Weight:
    """Do one sync in a new process; `clears` makes it a first load."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(body)
        file.flush()
        arguments = [name, url, file.name, "clear" if clears else "keep"]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.weigh", *arguments],
            check=True,
            stdout=subprocess.PIPE,
        )
    return msgspec.json.decode(done.stdout, type=Weight)


def main() -> None:
    """Do one sync and print its weight."""
    from benchmarks.contest import CONTESTANTS  # noqa: PLC0415 - it imports this module

    name, url, file, mode = sys.argv[1:]
    contestant = CONTESTANTS[name](url)
    if mode == "clear":
        contestant.clear()
    contestant.begin()
    meter = _Meter(contestant, url)
    _forget_peak()
    idle = _memory("VmRSS")
    contestant.sync(Path(file).read_bytes())
    peak = _memory("VmHWM")
    memory = peak - idle if idle is not None and peak is not None else None
    rows, wal = meter.read()
    contestant.close()
    print(json.dumps({"memory_bytes": memory, "rows_written": rows, "wal_bytes": wal}))


class _Meter:
    """Counts what the connection of a contestant has written since the meter was made."""

    def __init__(self, contestant: "Contestant", url: str) -> None:
        self._contestant = contestant
        self._wal = Path(f"{url.removeprefix('sqlite:///')}-wal") if url[:6] == "sqlite" else None
        if self._wal:
            contestant.value("PRAGMA wal_autocheckpoint = 0")
            contestant.value("PRAGMA wal_checkpoint(TRUNCATE)")
        self._start = self._now()

    def read(self) -> tuple[int, int]:
        """Return the number of rows written, and of bytes in the write-ahead log."""
        rows, wal = self._now()
        return rows - self._start[0], wal - self._start[1]

    def _now(self) -> tuple[int, int]:
        value = self._contestant.value
        if self._wal:
            return value("SELECT total_changes()"), self._wal.stat().st_size
        wal = value(_WAL_POSITION)
        value("SELECT pg_stat_force_next_flush()")
        return value(_ROWS_WRITTEN), wal


def _forget_peak() -> None:
    """Let the peak memory of this process begin anew."""
    if _STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _memory(field: str) -> int | None:
    if not _STATUS.exists():
        return None
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return int(kilobytes) * 1024


if __name__ == "__main__":
    main()
