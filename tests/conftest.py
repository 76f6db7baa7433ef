"""What every test has: a clean environment, fresh databases, no network but this machine."""

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from meigara.db.migrate import upgrade
from tests.servers import postgresql_binaries, running_postgresql

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
_SERVER = "TESTS_POSTGRESQL_URL"
_TEMPLATE = "meigara_template"
_SERVERLESS = ("unit", "property", "house")
_PERSONAL = ("MEIGARA_", "JQUANTS_", "XDG_", "LC_", "LANGUAGE", "PYTHONWARNINGS")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start one PostgreSQL for all workers, in the process that starts them."""
    config = session.config
    is_worker = hasattr(config, "workerinput")
    if is_worker or config.option.collectonly or _needs_no_server(config):
        return
    if postgresql_binaries() is None:
        return
    stack = ExitStack()
    # A cleanup runs even where the rest of this function fails.
    config.add_cleanup(stack.close)
    url = stack.enter_context(running_postgresql("-cfsync=off", "-cmax_connections=200"))
    os.environ[_SERVER] = url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    upgrade(_with_name(url, _TEMPLATE))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let half of the workers begin with the tests that mostly wait, the others work meanwhile."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    waiting = sorted((each for each in items if _waits(each)), key=_waits, reverse=True)
    others = [each for each in items if not _waits(each)]
    waiters, size = max(1, workers // 2), -(-len(items) // workers)
    items.clear()
    for number in range(workers):
        first = waiting[number::waiters] if number < waiters else []
        count = max(0, size - len(first))
        items += [*first, *others[:count]]
        del others[:count]
    items += others


def _waits(item: pytest.Item) -> int:
    """Return for how many seconds a test mostly waits, as its mark says."""
    mark = item.get_closest_marker("waits")
    return int(mark.args[0]) if mark else 0


def _needs_no_server(config: pytest.Config) -> bool:
    """Tell whether only tests were asked for that use no database server."""
    here = Path(__file__).parent
    asked = [(config.invocation_params.dir / arg.partition("::")[0]) for arg in config.args]
    serverless = [here / name for name in _SERVERLESS]
    return all(any(path.is_relative_to(each) for each in serverless) for path in asked)


@pytest.fixture(scope="session", autouse=True)
def _nobodys_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no test and no fixture read the settings, the key or the data of a person."""
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith(_PERSONAL) or name.upper().endswith("_PROXY"):
                environment.delenv(name)
        environment.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        environment.setenv("LANG", "C.UTF-8")
        environment.setenv("NO_COLOR", "1")
        yield


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: object) -> None:
        is_elsewhere = isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1")
        if is_elsewhere:
            raise PermissionError(f"a test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]  # any kind of address

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of database: every test that asks runs on each."""
    if request.param == "postgresql" and _SERVER not in os.environ:
        reason = "no PostgreSQL was started; `make setup-system` as root installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture
def database_url(kind: str, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'meigara.db'}"
        return
    with _temporary_database("") as url:
        yield url


@pytest.fixture
def migrated_url(kind: str, tmp_path: Path, migrated_file: Path) -> Iterator[str]:
    """Give the URL of a database with the schema in place and nothing else."""
    if kind == "sqlite":
        shutil.copy(migrated_file, tmp_path / "meigara.db")
        yield f"sqlite:///{tmp_path / 'meigara.db'}"
        return
    with _temporary_database(f"TEMPLATE {_TEMPLATE}") as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite file with the schema in place and nothing else."""
    file = tmp_path_factory.mktemp("migrated") / "meigara.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def real_rosters() -> Path:
    """Give the folder of real rosters, which lies beside a checkout and is never part of it."""
    if not SHARED.is_dir():
        pytest.skip(f"the real rosters are not here ({SHARED})")
    return SHARED


@contextmanager
def _temporary_database(options: str) -> Iterator[str]:
    """Create a database on the shared server and drop it at the end."""
    server, name = os.environ[_SERVER], f"t_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {options}")
    try:
        yield _with_name(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _with_name(server: str, name: str) -> str:
    return f"{server.removesuffix('postgres')}{name}"
