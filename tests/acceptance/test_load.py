"""Two hundred readers of the list while a sync publishes another one."""

from pathlib import Path

from benchmarks.load import load
from benchmarks.servers import Server


def test_every_reader_gets_the_old_list_or_the_new_one_and_none_an_error(
    kind: str, database_url: str, tmp_path: Path
) -> None:
    found = load(Server(kind, str(tmp_path) if kind == "sqlite" else place_of(database_url)), 8)
    reading = found.reading
    assert reading.failures == []
    assert reading.answers > 1_000
    assert reading.steps_back == 0
    for address, contents in reading.contents.items():
        old, *new = sorted(contents.values(), key=lambda seen: seen.rank)
        assert len(new) <= 1, address
        if new:
            assert old.last_asked <= found.published_at
    assert any(len(contents) == 2 for contents in reading.contents.values())


def place_of(url: str) -> str:
    """Return the address of the server that a test database is on."""
    return f"{url.rpartition('/')[0]}/postgres"
