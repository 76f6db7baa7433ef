"""Who can read the files of the program? Their owner, whatever the umask says."""

import os
import stat
from contextlib import suppress
from pathlib import Path

_BESIDE = ("", "-wal", "-shm", "-journal")


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; one that is there stays as it is.

    Raises OSError.
    """
    with suppress(FileExistsError):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        folder.chmod(0o700)


def make_private_file(file: Path) -> None:
    """Make an empty file that only its owner can read; one that is there stays as it is.

    Raises OSError.
    """
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)


def close_to_others(file: Path) -> None:
    """Let only its owner read a file that all others could, and those of SQLite beside it.

    One that its group alone may read was meant so, and stays. So does what belongs to others.
    """
    for suffix in _BESIDE:
        each = file.with_name(file.name + suffix)
        with suppress(OSError):
            found = each.stat()
            if found.st_mode & stat.S_IRWXO and found.st_uid == os.getuid():
                each.chmod(0o600)
