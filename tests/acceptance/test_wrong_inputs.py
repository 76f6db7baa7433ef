"""What a wrong input gets: a sentence, what to do, the documented exit code, an unchanged list."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.processes import MEIGARA


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("MEIGARA_JQUANT_API_KEY", "x", "Did you mean MEIGARA_JQUANTS_API_KEY?"),
        ("MEIGARA_FOO", "x", "Take it away"),
        ("MEIGARA_JQUANTS_TIMEOUT", "0", "more than 0"),
        ("MEIGARA_JQUANTS_BASE_URL", "htp://x", "http:// or https://"),
        ("MEIGARA_JQUANTS_BASE_URL", "http://", "http:// or https://"),
        ("MEIGARA_JQUANTS_PLAN", "gold", "free, light, standard or premium"),
        ("MEIGARA_JQUANTS_RETRIES", "many", "a whole number"),
        ("MEIGARA_JQUANTS_RETRIES", "-1", "a whole number"),
        ("MEIGARA_GUARD_SCALE_SHARE", "20", "a number from 0 to 1"),
        ("MEIGARA_DATABASE_URL", "mysql://x", "sqlite:///PATH or postgresql://"),
        ("MEIGARA_JQUANTS_API_KEY_FILE", "missing", "sets it as well"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_done(
    sqlite_shell: Shell, variable: str, value: str, says: str
) -> None:
    sqlite_shell.env[variable] = value
    result = sqlite_shell("sync", code=2)
    assert variable in result.stderr
    assert says in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("key", ["with space", "全角", "line\nbreak"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(
    sqlite_shell: Shell, key: str
) -> None:
    sqlite_shell.env["MEIGARA_JQUANTS_API_KEY"] = key
    result = sqlite_shell("sync", code=2)
    assert "MEIGARA_JQUANTS_API_KEY" in result.stderr
    assert key not in result.stderr


def test_without_a_key_it_says_where_to_get_one(sqlite_shell: Shell) -> None:
    del sqlite_shell.env["MEIGARA_JQUANTS_API_KEY"]
    result = sqlite_shell("sync", code=2)
    assert "No J-Quants API key is configured" in result.stderr
    assert "https://jpx-jquants.com/dashboard/api-keys" in result.stderr
    assert "meigara demo" in result.stderr


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("issues", "72"), 2, "“72” is not an issue code"),
        (("issues", "トヨタ"), 2, "is not an issue code"),
        (("issues", "--as-of", "2025-02-30"), 2, "is not a date"),
        (("issues", "--as-of", "yesterday"), 2, "YYYY-MM-DD"),
        (("issues", "--market", "moon"), 2, "0111 プライム"),
        (("issues", "--sector33", "moon"), 2, "7050 銀行業"),
        (("issues", "--format", "xml"), 2, "'table', 'csv', 'json'"),
        (("sync", "--as-of", "7203"), 2, "is not a date"),
        (("changes", "--since", "1"), 2, "is not a date"),
        (("changes", "--run", "1", "--since", "2025-01-01"), 2, "not both"),
        (("runs", "show", "x"), 2, "not a valid integer"),
        (("simulate", "--fault", "rest"), 2, "did you mean 'reset'"),
        (("simulate", "--rosters", "/nowhere"), 2, "/nowhere"),
        (("simulate", "--plan", "gold"), 2, "gold"),
        (("nothing",), 2, "No such command"),
        (("issues",), 3, "No list has been synced yet"),
        (("changes",), 3, "No list has been synced yet"),
    ],
)
def test_a_wrong_word_gets_a_sentence_that_helps(
    migrated_shell: Shell, args: tuple[str, ...], code: int, says: str
) -> None:
    assert says in migrated_shell(*args, code=code).stderr


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("issues", "99999"), 3, "No issue with the code 99999"),
        (("issues", "--as-of", "1999-01-04"), 3, "the oldest list that is held"),
        (("runs", "show", "9"), 3, "There is no run 9"),
        (("changes", "--run", "9"), 3, "There is no run 9"),
        (("runs", "show", "99999999999999999999"), 3, "There is no run 99999999999999999999"),
        (("runs", "cancel", "-1"), 2, "No such option"),
        (("changes", "--run", "2147483648"), 3, "There is no run 2147483648"),
        (("runs", "--limit", "99999999999999999999"), 2, "1<=x<="),
        (("issues", "7203", "--gone"), 2, "A code is looked up alone"),
        (("issues", "7203", "--search", "x"), 2, "A code is looked up alone"),
        (("issues", "--search", "\udcff"), 0, "0 issues"),
        (("runs", "apply", "1"), 4, "Run 1 is not held: succeeded"),
        (("runs", "discard", "1"), 4, "is not held"),
        (("runs", "retry", "1"), 4, "is not held"),
        (("runs", "cancel", "1"), 4, "has already ended"),
        (("runs", "cancel", "9"), 3, "There is no run 9"),
    ],
)
def test_what_is_not_there_or_not_possible_is_said_so(
    synced_shell: Shell, args: tuple[str, ...], code: int, says: str
) -> None:
    assert says in synced_shell(*args, code=code).stderr


def test_words_are_read_as_utf8_whatever_the_locale_says_and_shown_as_far_as_it_can(
    synced_shell: Shell,
) -> None:
    first = next(each for each in synced_shell.listed() if not each["name"].isascii())
    synced_shell.env["PYTHONIOENCODING"] = "ascii"
    synced_shell.env |= {"MEIGARA_LANGUAGE": "ja", "LC_ALL": "C", "PYTHONUTF8": "0"}
    found = synced_shell("issues", "--search", first["name"])
    assert first["code"] in found.stdout
    assert "?" in found.stdout


def test_an_output_that_takes_nothing_more_is_told(synced_shell: Shell) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [MEIGARA, "issues", "--format", "csv"],
            env={**os.environ, **synced_shell.env},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert result.returncode == 1
    assert result.stderr == "The output could not be written: No space left on device\n"


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ("429", 5, "too many calls (429)"),
        ("block", 5, "Wait two minutes, or five"),
        ("500", 5, "the server answered 500"),
        ("503-html", 5, "the server answered 503"),
        ("reset", 5, "the connection was cut off"),
        ("truncated", 5, "the connection was cut off"),
        ("hang", 5, "no complete answer within 1 s"),
        ("html-200", 5, "is not JSON"),
        ("bad-json", 5, "is not JSON"),
        ("wrong-key", 5, "refused the API key"),
        ("no-subscription", 5, "no active subscription"),
        ("not-in-plan", 5, "does not include this data"),
        ("outside-window", 5, "outside what your J-Quants plan covers"),
        ("wrong-type", 5, "not what its documentation says"),
        ("endless-pages", 5, "the pages do not end"),
        ("empty", 6, "The answer holds no issue at all"),
        ("shrunken", 6, "Delistings: 4,434 of 4,444 issues"),
        ("skipped-page", 6, "Delistings: 1,111 of 4,444 issues"),
        ("missing-page", 6, "A page of the answer is missing"),
        ("doubled", 6, "more than once"),
        ("missing-field", 6, "no CoName"),
        ("null-field", 6, "no CoName"),
        ("mixed-dates", 6, "different dates"),
        ("backwards", 6, "older than the newest list"),
        ("mass-change", 6, "Market: changed in"),
        ("extra-field", 0, ""),
        ("pages", 0, ""),
        ("slow:2", 0, ""),
        ("missing-optional", 0, ""),
    ],
)
def test_each_fault_of_the_source_leaves_the_list_as_it_was(
    synced_shell: Shell, simulator: RunningSimulator, fault: str, code: int, says: str
) -> None:
    if fault == "hang":
        synced_shell.env["MEIGARA_JQUANTS_TIMEOUT"] = "1"
    before = synced_shell.content_of_list()
    simulator.set_faults(fault)
    assert says in synced_shell("sync", code=code).stderr
    assert synced_shell.content_of_list() == before


@pytest.mark.parametrize("fault", ["empty", "shrunken", "missing-page", "doubled", "missing-field"])
def test_a_wrong_first_answer_puts_no_list_in_place(
    sqlite_shell: Shell, simulator: RunningSimulator, fault: str
) -> None:
    simulator.set_faults(fault)
    sqlite_shell("sync", code=6)
    sqlite_shell("issues", code=3)


def test_a_date_outside_the_plan_is_refused_with_the_window(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    sqlite_shell.env["MEIGARA_GUARD_FIRST_LIST_MINIMUM"] = "3000"  # fewer were listed in 2008
    result = sqlite_shell("sync", "--as-of", "1995-01-04", code=0)
    assert "2008-05-07" in result.stdout
    simulator.set_faults("outside-window")
    result = sqlite_shell("sync", "--as-of", "1995-01-04", code=5)
    assert "~" in result.stderr


def test_an_unreachable_server_is_said_so(sqlite_shell: Shell) -> None:
    sqlite_shell.env["MEIGARA_JQUANTS_BASE_URL"] = "http://127.0.0.1:9/v2"
    result = sqlite_shell("sync", code=5)
    assert "no connection could be made" in result.stderr
    assert "http://127.0.0.1:9/v2" in result.stderr


def test_a_database_server_that_is_down_is_said_so(sqlite_shell: Shell) -> None:
    sqlite_shell.env["MEIGARA_DATABASE_URL"] = "postgresql://u:secret@127.0.0.1:9/x"
    result = sqlite_shell("sync", code=7)
    assert "postgresql://u:***@127.0.0.1:9/x" in result.stderr
    assert "secret" not in result.stderr


def test_a_schema_of_a_newer_program_is_refused(sqlite_shell: Shell) -> None:
    sqlite_shell("db", "upgrade")
    file = sqlite_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for command in (("issues",), ("sync",), ("db", "upgrade"), ("runs",)):
        assert "Update Meigara" in sqlite_shell(*command, code=2).stderr


def test_a_file_that_is_no_database_is_left_alone(sqlite_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("these are my notes, not a database\n" * 100)
    sqlite_shell.env["MEIGARA_DATABASE_URL"] = f"sqlite:///{file}"
    assert "file is not a database" in sqlite_shell("sync", code=7).stderr
    assert "my notes" in file.read_text()


def test_a_full_disk_is_said_so_and_nothing_is_lost(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    sqlite_shell("db", "upgrade")
    result = subprocess.run(
        ["prlimit", "--fsize=200000", MEIGARA, "sync"],
        env={**os.environ, **sqlite_shell.env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 7
    assert "cannot be used" in result.stderr
    assert "Traceback" not in result.stderr
    sqlite_shell("issues", code=3)
    sqlite_shell("db", "check")


def test_a_read_only_database_is_read_but_not_written(
    sqlite_shell: Shell, simulator: RunningSimulator
) -> None:
    sqlite_shell("sync")
    file = sqlite_shell.env["MEIGARA_DATABASE_URL"].removeprefix("sqlite:///")
    with write_protected(Path(file)):
        assert "readonly" in sqlite_shell("sync", code=7).stderr
        assert sqlite_shell.listed()
    sqlite_shell("sync")


@contextmanager
def write_protected(file: Path) -> Iterator[None]:
    """Make a file read-only, for root as well, whom permissions do not stop."""
    is_root = os.getuid() == 0
    protect = ["chattr", "+i"] if is_root else ["chmod", "a-w"]
    release = ["chattr", "-i"] if is_root else ["chmod", "u+w"]
    if subprocess.run([*protect, file], check=False, capture_output=True).returncode != 0:
        pytest.skip("this file system cannot write-protect a file from root")
    try:
        yield
    finally:
        subprocess.run([*release, file], check=True)
