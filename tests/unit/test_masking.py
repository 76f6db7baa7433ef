"""Which addresses are taken, and what of them is shown?"""

import pytest

from meigara.db.url import database_url, shown_url
from meigara.domain.masking import without_secrets
from meigara.errors import InvalidSetting


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("sqlite:////data/meigara.db", "sqlite:////data/meigara.db"),
        ("postgresql://h/x?sslmode=require", "postgresql://h/x?sslmode=require"),
        ("postgres://u:pw@h:5433/x", "postgresql://u:***@h:5433/x"),
        ("postgresql://h/x?password=pw&host=a&host=b", "postgresql://h/x?host=a,b&password=***"),
        (
            "postgresql://h/x?sslpassword=a&passfile=b&sslkey=c&options=d&new_secret=e",
            "postgresql://h/x?new_secret=***&options=***&passfile=***&sslkey=***&sslpassword=***",
        ),
    ],
)
def test_of_the_address_of_a_database_nothing_secret_is_shown(given: str, shown: str) -> None:
    assert shown_url(database_url(given)) == shown


@pytest.mark.parametrize(
    "given",
    [
        *("", "x", "postgresql:", "mysql://h/x", "postgresql://h:abc/x", "postgresql://[::1/x"),
        *("postgresql://u:p@ss@h/x", "postgresql://h:0/x", "postgresql://h:99999/x"),
        *("postgresql://h/x?port=abc", "postgresql://h/x?plugin=y", "postgresql://a b/x"),
        *("postgresql://h/x\0y", "postgresql://\udcff/x", "sqlite:///x\0y"),
        *("sqlite://u:p@h/x", "sqlite:///x?timeout=abc", "sqlite:///x?mode=memory&uri=true"),
    ],
)
def test_a_malformed_address_of_a_database_is_refused_without_being_repeated(given: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        database_url(given)
    assert refused.value.params["name"] == "MEIGARA_DATABASE_URL"
    assert "p@ss" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://api.example.jp/v2", "https://api.example.jp/v2"),
        ("https://u:pw@h:4318/v1/traces?key=s&x", "https://***@h:4318/v1/traces?key=***&x=***"),
        ("redis://:pw@127.0.0.1:6379/0", "redis://***@127.0.0.1:6379/0"),
        ("http://token@h/#part", "http://***@h/"),
        ("http://[::1/", "***"),
    ],
)
def test_of_any_other_address_name_password_and_query_are_hidden(given: str, shown: str) -> None:
    assert without_secrets(given) == shown
