"""Readers who ask for files and go, or take nothing, leave nothing behind in the log."""

import socket
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.acceptance.conftest import Shell
from tests.acceptance.serving import serving

READERS = 120
FORMATS = ("csv", "xlsx", "parquet", "jsonl")
RESET = b"\1\0\0\0\0\0\0\0"  # an end without the usual farewell


def asking(port: int, path: str, *, gzip: bool) -> socket.socket:
    """Ask for a file and take nothing of it."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    reader.connect(("127.0.0.1", port))
    more = "Accept-Encoding: gzip\r\n" if gzip else ""
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}\r\n".encode())
    return reader


@pytest.mark.parametrize("are_gone", [True, False], ids=["gone", "there"])
def test_exports_that_nobody_takes_leave_no_line_in_the_log_when_the_server_ends(
    synced_shell: Shell, shell: Shell, tmp_path: Path, are_gone: bool
) -> None:
    synced_shell("backup", str(tmp_path / "backup.db"))
    shell("restore", str(tmp_path / "backup.db"))
    with serving(shell) as server, ExitStack() as readers:
        port = int(server.client.base_url.port or 0)
        for number in range(READERS):
            path = f"/api/v1/exports/issues.{FORMATS[number % 4]}?search={number % 50}"
            reader = asking(port, path, gzip=number % 3 == 0)
            readers.push(closing(reader))
            if are_gone and number % 2:
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        if are_gone:
            readers.close()
        assert server.get("/healthz")["status"] == "ok"
        assert server.terminate() == 0
        log = server.process.stderr.read() if server.process.stderr else ""
    assert log == ""
