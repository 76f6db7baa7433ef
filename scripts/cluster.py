"""Start the distributed mode on one machine: `python -m scripts.cluster`.

Web, two workers and two beats, as the Procfile says, each started again whenever it ends. Where
MEIGARA_DATABASE_URL or MEIGARA_REDIS_URL is not set, a private PostgreSQL or Redis is started,
whose data stays in the data directory. Ctrl-C ends it all.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from meigara.config import data_folder
from tests.servers import postgresql_server, redis_server


def main() -> int:
    """Run until Ctrl-C."""
    environ = dict(os.environ) | {"MEIGARA_MODE": "distributed"}
    place = data_folder() / "cluster"
    with contextlib.ExitStack() as stack:
        if "MEIGARA_DATABASE_URL" not in environ:
            _, url = stack.enter_context(postgresql_server(folder=place / "postgresql"))
            environ["MEIGARA_DATABASE_URL"] = url
        if "MEIGARA_REDIS_URL" not in environ:
            keeping = ("--appendonly", "yes")
            _, url = stack.enter_context(redis_server(*keeping, folder=place / "redis"))
            environ["MEIGARA_REDIS_URL"] = url
        honcho = Path(sys.executable).with_name("honcho")
        with subprocess.Popen([honcho, "start"], env=environ, start_new_session=True) as processes:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: processes.send_signal(signal.SIGTERM))
            ended = processes.wait()
            is_asked = ended in (-signal.SIGTERM, 128 + signal.SIGTERM)
            return 0 if is_asked else ended


if __name__ == "__main__":
    sys.exit(main())
