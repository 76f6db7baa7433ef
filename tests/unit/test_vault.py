"""A key that a person entered, and who can read it again."""

from pathlib import Path

import pytest

from meigara import vault
from meigara.errors import SecretUnreadable

TEXT = "canary-7f3a9c"
OLD, NEW = "o" * 32, "n" * 32


def rotate(folder: Path, secret: str | None) -> bool:
    """Seal the kept text anew, as `meigara secrets rotate` does."""
    with vault.rotating(folder, secret) as seal:
        return vault.keep_sealed_anew(folder, seal)


@pytest.mark.parametrize("secret", [None, OLD])
def test_what_is_kept_is_read_again_and_stands_nowhere_in_clear(
    tmp_path: Path, secret: str | None
) -> None:
    vault.keep(tmp_path / "data", TEXT, secret)
    assert vault.kept(tmp_path / "data", secret) == TEXT
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert all(TEXT.encode() not in file.read_bytes() for file in files)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert len(files) == (2 if secret is None else 1)


def test_nothing_is_kept_at_first(tmp_path: Path) -> None:
    assert vault.kept(tmp_path, None) is None
    assert not rotate(tmp_path, None)


@pytest.mark.parametrize(("kept_with", "opened_with"), [(OLD, NEW), (OLD, None), (None, NEW)])
def test_another_secret_does_not_open_it(
    tmp_path: Path, kept_with: str | None, opened_with: str | None
) -> None:
    vault.keep(tmp_path, TEXT, kept_with)
    with pytest.raises(SecretUnreadable):
        vault.kept(tmp_path, opened_with)


def test_a_rotation_of_the_file_makes_the_old_secret_useless(tmp_path: Path) -> None:
    vault.keep(tmp_path, TEXT, None)
    old = (tmp_path / "secret.key").read_bytes()
    assert rotate(tmp_path, None)
    assert vault.kept(tmp_path, None) == TEXT
    assert old not in (tmp_path / "secret.key").read_bytes()
    (tmp_path / "secret.key").write_bytes(old)
    with pytest.raises(SecretUnreadable):
        vault.kept(tmp_path, None)


def test_of_several_secrets_the_first_seals_and_all_open(tmp_path: Path) -> None:
    vault.keep(tmp_path, TEXT, OLD)
    assert rotate(tmp_path, f"{NEW}, {OLD}")
    assert vault.kept(tmp_path, NEW) == TEXT
    with pytest.raises(SecretUnreadable):
        vault.kept(tmp_path, OLD)


def test_a_rotation_that_fails_leaves_everything_to_be_opened(tmp_path: Path) -> None:
    vault.keep(tmp_path, TEXT, None)
    elsewhere = vault.seal(tmp_path, "slack://a/b/c", None)

    def fail() -> None:
        with vault.rotating(tmp_path, None) as seal:
            vault.keep_sealed_anew(tmp_path, seal)
            raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        fail()
    assert vault.kept(tmp_path, None) == TEXT
    assert vault.unseal(tmp_path, elsewhere, None) == "slack://a/b/c"
