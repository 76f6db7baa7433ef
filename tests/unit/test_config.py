"""Where settings come from, and which are refused."""

import json
from pathlib import Path

import pytest

from meigara.config import Settings, language_of, load_settings
from meigara.domain.guard import GuardLimits
from meigara.errors import InvalidSetting, MissingKey, UnknownSetting


def load(tmp_path: Path, **environ: str) -> Settings:
    return load_settings(environ, tmp_path).settings


def credentials(home: Path, text: str) -> None:
    folder = home / ".config" / "jquants"
    folder.mkdir(parents=True)
    (folder / "credentials.json").write_text(text, encoding="utf-8")


def test_without_any_setting_there_is_a_database_in_the_users_data_folder(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.database_url.startswith("sqlite:///")
    assert settings.database_url.endswith("meigara.db")
    assert settings.jquants_base_url == "https://api.jquants.com/v2"


def test_the_key_of_meigara_goes_before_that_of_the_official_clients(tmp_path: Path) -> None:
    credentials(tmp_path, json.dumps({"api_key": "third", "saved_at": "2026-01-01"}))
    assert load(tmp_path).api_key == "third"
    assert load(tmp_path, JQUANTS_API_KEY="second").api_key == "second"
    both = {"JQUANTS_API_KEY": "second", "MEIGARA_JQUANTS_API_KEY": "first"}
    assert load(tmp_path, **both).api_key == "first"


def test_without_a_key_it_says_where_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MissingKey):
        _ = load(tmp_path).api_key


def test_a_setting_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-a-file\n", encoding="utf-8")
    loaded = load_settings({"MEIGARA_JQUANTS_API_KEY_FILE": str(file)}, tmp_path)
    assert loaded.settings.api_key == "from-a-file"
    assert loaded.origins["jquants_api_key"] == "MEIGARA_JQUANTS_API_KEY_FILE"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="MEIGARA_JQUANTS_PLAN_FILE"):
        load(tmp_path, MEIGARA_JQUANTS_PLAN_FILE=str(tmp_path / "missing"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"apikey": 1}'])
def test_a_credentials_file_of_another_form_is_named(tmp_path: Path, text: str) -> None:
    credentials(tmp_path, text)
    with pytest.raises(InvalidSetting, match="credentials"):
        load(tmp_path)


def test_an_empty_variable_is_as_none(tmp_path: Path) -> None:
    assert load(tmp_path, MEIGARA_JQUANTS_PLAN="").jquants_plan is None


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("MEIGARA_JQUANT_API_KEY", "MEIGARA_JQUANTS_API_KEY"),
        ("MEIGARA_DATABASEURL", "MEIGARA_DATABASE_URL"),
        ("MEIGARA_LANG", "MEIGARA_LANGUAGE"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_nearest_name(
    tmp_path: Path, variable: str, nearest: str
) -> None:
    with pytest.raises(UnknownSetting) as caught:
        load(tmp_path, **{variable: "x"})
    assert caught.value.params == {"name": variable, "nearest": nearest}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MEIGARA_JQUANTS_RETRIES", "three"),
        ("MEIGARA_JQUANTS_TIMEOUT", "0"),
        ("MEIGARA_GUARD_SCALE_SHARE", "1.5"),
        ("MEIGARA_JQUANTS_PLAN", "Premium"),
        ("MEIGARA_LANGUAGE", "fr"),
        ("MEIGARA_JQUANTS_BASE_URL", "api.jquants.com"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_by_its_name(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(InvalidSetting, match=variable):
        load(tmp_path, **{variable: value})


def test_the_limits_of_the_guard_are_settings(tmp_path: Path) -> None:
    limits = load(tmp_path, MEIGARA_GUARD_FIRST_LIST_MINIMUM="5").guard_limits
    assert limits == GuardLimits(first_list_minimum=5)


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "MEIGARA_LANGUAGE": "ja"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "MEIGARA_LANGUAGE": "en"}, "en"),
    ],
)
def test_the_language_is_that_of_the_setting_else_of_the_locale(
    environ: dict[str, str], language: str
) -> None:
    assert language_of(environ) == language
