"""A sync in front of an answer that is too much, as a process whose memory is measured."""

import json
import os
import subprocess
import sys
import time

import pytest

from meigara.simulator.oversized import OVERSIZED
from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.processes import MEIGARA

LARGEST_MB = 300
LONGEST_SECONDS = 60
# A process of its own between: a child begins with the memory of whoever starts it.
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([done.returncode, done.stderr, peak]))
"""


@pytest.mark.parametrize("fault", [*OVERSIZED, "new-keys"])
def test_an_answer_that_is_too_much_ends_the_sync_soon_and_takes_little_memory(
    sqlite_shell: Shell, simulator: RunningSimulator, fault: str
) -> None:
    simulator.set_faults(fault)
    sqlite_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"  # a slower pace is no part of it
    began = time.monotonic()
    code, told, peak = measured_sync(sqlite_shell)
    assert time.monotonic() - began < LONGEST_SECONDS
    assert peak / 1024 < LARGEST_MB
    assert code == 5
    assert "J-Quants" in told
    assert "→" in told
    assert "Traceback" not in told
    assert len(sqlite_shell.json("runs", "--json")) == 1


def measured_sync(shell: Shell) -> tuple[int, str, int]:
    """Sync; return the exit code, what was told, and the most memory that was used, in KiB."""
    command = [sys.executable, "-S", "-c", MEASURE, MEIGARA, "sync"]
    done = subprocess.run(
        command, env=os.environ | shell.env, capture_output=True, text=True, check=True, timeout=120
    )
    code, told, peak = json.loads(done.stdout)
    return code, told, peak
