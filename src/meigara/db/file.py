"""Is the file of an SQLite database still the one that was opened?

What is deleted or replaced goes on to take whatever is written, and loses it when the process ends.
What is written over in place is another list without a word. So the file is looked at before each
transaction and before each commit; that costs microseconds.
"""

import os
import secrets
import sqlite3
import threading
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from meigara.errors import Reason, StoreLost

_HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\0"
_TIMES_LOOKED_AT = 3
_PAUSE_SECONDS = 0.002
_LARGEST_IDENTITY = 2**31 - 1


def sign(file: Path) -> None:
    """Give a database that has none a number by which it is known again (its `user_version`)."""
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone() == (0,):
            number = 1 + secrets.randbelow(_LARGEST_IDENTITY)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")


class _Header(NamedTuple):
    """What the first bytes of the file say: see "Database File Format" of SQLite."""

    changes: int
    identity: int
    is_write_ahead: bool = True


class StoreFile:
    """Watches one file from the first look at it until it is closed."""

    def __init__(self, file: Path) -> None:
        """Open nothing yet."""
        self._file = file
        self._descriptor: int | None = None
        self._known = _Header(0, 0)

    def ensure_same(self) -> None:
        """Raise StoreLost if the file is gone, is another one, or was written over.

        A file that is not there at the first look, or holds nothing, is not watched yet.
        """
        if self._descriptor is None:
            self._begin()
            return
        for _ in range(_TIMES_LOOKED_AT):  # a look may fall into a write
            if (loss := self._loss(self._descriptor)) is None:
                return
            time.sleep(_PAUSE_SECONDS)
        raise StoreLost(reason=loss)

    def close(self) -> None:
        """Watch no longer."""
        if self._descriptor is not None:
            _descriptors.give_back(self._descriptor)
            self._descriptor = None

    def _begin(self) -> None:
        if self._file.is_dir():
            return  # the database itself will say it
        try:
            descriptor = _descriptors.take(self._file)
        except OSError:
            return
        header = _header_of(descriptor)
        if header is None:
            _descriptors.give_back(descriptor)
            return
        self._descriptor, self._known = descriptor, header

    def _loss(self, descriptor: int) -> Reason | None:
        """Return what happened to the file, None if nothing did."""
        try:
            now = self._file.stat()
        except FileNotFoundError:
            return Reason("The database file was deleted while it was in use.")
        except OSError:
            return None  # whatever it is, the database itself will say it
        if not os.path.samestat(now, os.fstat(descriptor)):
            return Reason("The database file was replaced by another file while it was in use.")
        header = _header_of(descriptor)
        if header is None or self._is_another(header):
            return Reason("The database file was overwritten while it was in use.")
        self._known = header
        return None

    def _is_another(self, header: _Header) -> bool:
        """Say whether it is another database, or an older copy of this one.

        Without a write-ahead log a commit that fails takes one change back.
        """
        is_known = self._known.identity in (0, header.identity)
        taken_back = 0 if header.is_write_ahead else 1
        return not is_known or header.changes + taken_back < self._known.changes


def _header_of(descriptor: int) -> _Header | None:
    """Return what the header says; None if it is that of no database."""
    header = os.pread(descriptor, _HEADER_BYTES, 0)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        return None
    changes, identity = int.from_bytes(header[24:28]), int.from_bytes(header[60:64])
    return _Header(changes, identity, is_write_ahead=header[18] == 2)


class _Descriptors:
    """The open files of this process, each closed only when the last that shares a file is.

    Closing one drops all locks that the process holds on that file, those of SQLite too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_use: defaultdict[tuple[int, int], int] = defaultdict(int)
        self._given_back: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def take(self, file: Path) -> int:
        """Open a file. Raises OSError."""
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        with self._lock:
            self._in_use[_place_of(descriptor)] += 1
        return descriptor

    def give_back(self, descriptor: int) -> None:
        """Close a file, at once or with the last that shares it."""
        place = _place_of(descriptor)
        with self._lock:
            self._given_back[place].append(descriptor)
            self._in_use[place] -= 1
            if not self._in_use[place]:
                del self._in_use[place]
                for each in self._given_back.pop(place):
                    os.close(each)


def _place_of(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino


_descriptors = _Descriptors()
