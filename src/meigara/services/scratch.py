"""Where does a copy lie while it is made, and who clears up after a process that was killed?"""

import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(place: Path, name: str) -> Iterator[Path]:
    """Give a new folder in `place`, which only its owner can enter; it is gone at the end.

    Its name tells the process, and a lock that it lives: `sweep` can tell what is left over.

    Raises OSError if it cannot be made.
    """
    with tempfile.TemporaryDirectory(dir=place, prefix=f"{name}-{os.getpid()}-") as folder:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(descriptor)


def sweep(place: Path, name: str) -> None:
    """Delete the folders of this name whose process is gone; what cannot be deleted stays."""
    of_a_process = re.compile(re.escape(name) + r"-(\d+)-\w+")
    try:
        found = list(place.iterdir())
    except OSError:
        return
    for folder in found:
        named = of_a_process.fullmatch(folder.name)
        if named and not _is_alive(int(named[1])) and _is_ours(folder) and not _is_locked(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _is_ours(folder: Path) -> bool:
    """Say whether it is a folder of the same user: a link could lead anywhere."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _is_locked(folder: Path) -> bool:
    """Say whether a process works there that this one cannot see, as in another container."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
