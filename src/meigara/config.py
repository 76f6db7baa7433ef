"""Which settings are in force, and where does each come from? The only reader of the environment.

A setting is an environment variable `MEIGARA_…`; `MEIGARA_…_FILE` names a file that holds its
value. `docs/configuration.md` lists them all.
"""

import dataclasses
import datetime as dt
import difflib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import platformdirs

from meigara import vault
from meigara.domain.guard import GuardLimits
from meigara.domain.retrying import DAILY_RETRIES, RetryPolicy
from meigara.errors import InvalidSetting, MissingKey, MisspeltSetting, UnknownSetting

PREFIX = "MEIGARA_"
SECRETS = frozenset({"jquants_api_key", "secret_key"})
_FILE = "_FILE"
_LIMITS = GuardLimits()

Share = Annotated[float, msgspec.Meta(gt=0, le=1, description="a number from 0 to 1, such as 0.2")]
Count = Annotated[int, msgspec.Meta(ge=0, description="a whole number, 0 or more")]
Days = Annotated[int, msgspec.Meta(ge=30, description="a whole number of days, 30 or more")]
Seconds = Annotated[
    float, msgspec.Meta(gt=0, le=3600, description="seconds, more than 0 and at most 3600")
]
PlanName = Annotated[
    str,
    msgspec.Meta(
        pattern="^(free|light|standard|premium)$", description="free, light, standard or premium"
    ),
]
ModeName = Annotated[
    str,
    msgspec.Meta(pattern="^(embedded|distributed)$", description="embedded or distributed"),
]
RedisAddress = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(rediss?|unix)://\S+",
        description="an address that begins with redis://, rediss:// or unix://",
    ),
]
LongText = Annotated[str, msgspec.Meta(min_length=32, description="32 characters or more")]
LogForm = Annotated[str, msgspec.Meta(pattern="^(text|json)$", description="text or json")]
LanguageName = Annotated[str, msgspec.Meta(pattern="^(ja|en)$", description="ja or en")]
WebAddress = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^https?://[^\s/]+",
        description="an address that begins with http:// or https://",
    ),
]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its type and default; `MEIGARA_` and the name in capitals set it."""

    database_url: str
    jquants_api_key: str | None = None
    jquants_base_url: WebAddress = "https://api.jquants.com/v2"
    jquants_plan: PlanName | None = None
    jquants_retries: Count = 3
    jquants_timeout: Seconds = 30.0
    guard_first_list_minimum: Count = _LIMITS.first_list_minimum
    guard_first_list_maximum: Count = _LIMITS.first_list_maximum
    guard_floor: Count = _LIMITS.floor
    guard_delisted_share: Share = _LIMITS.delisted_share
    guard_listed_share: Share = _LIMITS.listed_share
    guard_renamed_share: Share = _LIMITS.renamed_share
    guard_english_name_share: Share = _LIMITS.english_name_share
    guard_sector_share: Share = _LIMITS.sector_share
    guard_segment_share: Share = _LIMITS.segment_share
    guard_other_segment_share: Share = _LIMITS.other_segment_share
    guard_scale_share: Share = _LIMITS.scale_share
    guard_other_scale_share: Share = _LIMITS.other_scale_share
    guard_margin_share: Share = _LIMITS.margin_share
    guard_product_share: Share = _LIMITS.product_share
    guard_neighbours_gone: Count = _LIMITS.neighbours_gone
    guard_class_gone_share: Share = _LIMITS.class_gone_share
    guard_names_taken: Count = _LIMITS.names_taken
    guard_names_equal: Count = _LIMITS.names_equal
    guard_names_cut: Count = _LIMITS.names_cut
    guard_names_odd: Count = _LIMITS.names_odd
    guard_names_unreadable_share: Share = _LIMITS.names_unreadable_share
    guard_classes_unknown: Count = _LIMITS.classes_unknown
    guard_contradictions: Count = _LIMITS.contradictions
    guard_companies_changed: Count = _LIMITS.companies_changed
    guard_blanks: Count = _LIMITS.blanks
    guard_scale_size_share: Share = _LIMITS.scale_size_share
    guard_labels_changed: Count = _LIMITS.labels_changed
    guard_unchanged_days_warned: Count = _LIMITS.unchanged_days_warned
    guard_unchanged_days_held: Count = _LIMITS.unchanged_days_held
    guard_shape_minimum: Count = _LIMITS.shape_minimum
    schedule_retries: Count = DAILY_RETRIES.retries
    schedule_retry_pause: Seconds = DAILY_RETRIES.first_pause.total_seconds()
    mode: ModeName = "embedded"
    redis_url: RedisAddress | None = None
    secret_key: LongText | None = None
    public_url: WebAddress | None = None
    log_format: LogForm = "text"
    traces_url: WebAddress | None = None
    runs_kept_days: Days | None = None
    language: LanguageName | None = None

    @property
    def guard_limits(self) -> GuardLimits:
        """The limits of the guard."""
        names = (field.name for field in dataclasses.fields(GuardLimits))
        return GuardLimits(**{name: getattr(self, f"guard_{name}") for name in names})

    @property
    def retry_policy(self) -> RetryPolicy:
        """How a scheduled run that failed is tried again."""
        return RetryPolicy(self.schedule_retries, dt.timedelta(seconds=self.schedule_retry_pause))

    @property
    def broker_url(self) -> str | None:
        """The address of Redis in distributed mode, None in embedded mode.

        Raises InvalidSetting where the mode lacks what it needs.
        """
        if self.mode == "embedded":
            return None
        if self.redis_url is None:
            reason = "distributed mode needs one, such as redis://127.0.0.1:6379/0"
            raise InvalidSetting(name=f"{PREFIX}REDIS_URL", reason=reason)
        if self.database_url.startswith("sqlite"):
            reason = "distributed mode needs PostgreSQL: postgresql://USER:PASSWORD@HOST/NAME"
            raise InvalidSetting(name=f"{PREFIX}DATABASE_URL", reason=reason)
        return self.redis_url

    @property
    def api_key(self) -> str:
        """The J-Quants API key. Raises MissingKey if there is none."""
        if not self.jquants_api_key:
            raise MissingKey
        return self.jquants_api_key


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, and for each the place its value comes from."""

    settings: Settings
    origins: Mapping[str, str]


def environment() -> dict[str, str]:
    """Return the environment of the process."""
    return dict(os.environ)


def load_settings(environ: Mapping[str, str], home: Path) -> Loaded:
    """Read all settings from `environ` and from the files it names; `home` is the user's home.

    Raises UnknownSetting for a misspelt variable and InvalidSetting for a value of the wrong form.
    """
    given = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
    values: dict[str, str] = {}
    origins = dict.fromkeys(Settings.__struct_fields__, "default")
    for variable, value in given.items():
        field = _field_of(variable)
        if not value:
            continue
        if field in values:
            raise InvalidSetting(name=variable, reason=f"{origins[field]} sets it as well")
        values[field] = _read(variable, value) if variable.endswith(_FILE) else value
        origins[field] = variable
    _check(values)
    _add_key(values, origins, environ, home)
    values.setdefault("database_url", default_database_url())
    return Loaded(msgspec.convert(values, Settings, strict=False), origins)


def default_database_url() -> str:
    """Return the URL of the SQLite file in the user's data directory."""
    return f"sqlite:///{data_folder() / 'meigara.db'}"


def data_folder() -> Path:
    """Return the folder of the user's own data, by the custom of the operating system."""
    return Path(platformdirs.user_data_dir("meigara"))


def speak(language: str) -> None:
    """Make `language` that of libraries with words of their own, which ask the environment."""
    os.environ["LANGUAGE"] = language


def language_of(environ: Mapping[str, str]) -> str:
    """Return the language of messages: the setting, else that of the locale (`ja` or `en`)."""
    chosen = environ.get("MEIGARA_LANGUAGE", "").strip()
    if chosen in ("ja", "en"):
        return chosen
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environ.get(variable):
            return "ja" if locale.lower().startswith("ja") else "en"
    return "en"


def demo_settings(settings: Settings, base_url: str) -> Settings:
    """Return settings for an invented market at `base_url`, in a database of its own."""
    return msgspec.structs.replace(
        settings,
        database_url=f"sqlite:///{data_folder() / 'demo.db'}",
        jquants_api_key="demo",
        jquants_base_url=base_url,
        jquants_plan="premium",
        mode="embedded",
    )


def discard_demo() -> None:
    """Delete the database of the invented market."""
    for file in data_folder().glob("demo.db*"):
        file.unlink()


def _field_of(variable: str) -> str:
    field = variable.removeprefix(PREFIX).lower()
    for candidate in (field, field.removesuffix(_FILE.lower())):
        if candidate in Settings.__struct_fields__:
            return candidate
    nearest = difflib.get_close_matches(field, Settings.__struct_fields__, n=1)
    if nearest:
        raise MisspeltSetting(name=variable, nearest=f"{PREFIX}{nearest[0].upper()}")
    raise UnknownSetting(name=variable)


def _read(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(name=variable, reason=str(error)) from None


def _add_key(
    values: dict[str, str], origins: dict[str, str], environ: Mapping[str, str], home: Path
) -> None:
    """Take the key from where a person entered it, or from J-Quants' own places.

    `JQUANTS_API_KEY` and `~/.config/jquants/credentials.json` are those of the official clients.
    """
    if "jquants_api_key" in values:
        return
    if key := environ.get("JQUANTS_API_KEY", "").strip():
        values["jquants_api_key"], origins["jquants_api_key"] = key, "JQUANTS_API_KEY"
        return
    if kept := vault.kept(data_folder(), values.get("secret_key")):
        values["jquants_api_key"] = kept
        origins["jquants_api_key"] = str(data_folder() / vault.KEPT)
        return
    file = home / ".config" / "jquants" / "credentials.json"
    if stored := _key_in(file):
        values["jquants_api_key"], origins["jquants_api_key"] = stored, str(file)


def _key_in(file: Path) -> str | None:
    """Return the key in the official client's credentials file, None if there is no such file."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return str(found["api_key"]).strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        reason = "it is not the official client's credentials file"
        raise InvalidSetting(name=str(file), reason=reason) from None


def _check(values: Mapping[str, str]) -> None:
    """Refuse a value that does not fit its type; it is named without being repeated."""
    types = {each.name: each.type for each in msgspec.structs.fields(Settings)}
    for field, value in values.items():
        try:
            msgspec.convert(value, types[field], strict=False)
        except msgspec.ValidationError:
            reason = f"it must be {_description(types[field])}"
            raise InvalidSetting(name=f"{PREFIX}{field.upper()}", reason=reason) from None


def _description(annotation: Any) -> str:
    """Return the words for the values that a type allows; of `X | None` those of X."""
    for each in (annotation, *get_args(annotation)):
        for meta in getattr(each, "__metadata__", ()):
            return str(meta.description)
    return "a text"
