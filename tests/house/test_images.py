"""The files for containers: what they are made of, and that they pass on what a server needs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML

from meigara.config import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ("compose.yaml", "compose.distributed.yaml")
PASSED = {
    f"{PREFIX}SECRET_KEY",
    f"{PREFIX}PUBLIC_URL",
    f"{PREFIX}JQUANTS_PLAN",
    "FORWARDED_ALLOW_IPS",
}


def services(name: str) -> dict[str, Any]:
    """Return the services of a compose file."""
    found: dict[str, Any] = YAML(typ="safe").load(ROOT / name)["services"]
    return found


def ours(name: str) -> list[dict[str, Any]]:
    """Return the services of a compose file that run this program."""
    return [each for each in services(name).values() if each.get("build")]


def test_the_compose_files_fit_their_specification() -> None:
    check = str(Path(sys.executable).with_name("check-jsonschema"))
    command = [check, "--builtin-schema", "vendor.compose-spec", *COMPOSE]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", COMPOSE)
def test_a_compose_file_passes_on_what_a_server_needs_and_no_setting_that_there_is_not(
    name: str,
) -> None:
    settings = {f"{PREFIX}{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    for service in ours(name):
        passed = {each.removesuffix("_FILE") for each in service["environment"]}
        assert passed - settings - {"FORWARDED_ALLOW_IPS"} == set()
        assert passed >= PASSED


@pytest.mark.parametrize("name", COMPOSE)
def test_the_log_of_every_container_is_kept_within_bounds(name: str) -> None:
    for service in services(name).values():
        assert {"max-size", "max-file"} <= set(service["logging"]["options"])


def test_redis_wants_the_password_that_the_program_shows() -> None:
    word = "${REDIS_PASSWORD:?set a password}"
    assert services("compose.distributed.yaml")["redis"]["command"][-2:] == ["--requirepass", word]
    for service in ours("compose.distributed.yaml"):
        assert f"redis://:{word}@" in service["environment"][f"{PREFIX}REDIS_URL"]


def test_the_default_is_one_container_with_a_volume_for_its_data() -> None:
    (service,) = services("compose.yaml").values()
    assert service["volumes"] == ["data:/data"]
    image = (ROOT / "Dockerfile").read_text("utf-8")
    for told in ("VOLUME /data", "XDG_DATA_HOME=/data", "HEALTHCHECK", "USER meigara"):
        assert told in image


def test_the_image_takes_packages_from_locks_only() -> None:
    image = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    installs = re.findall(r"pip (?:install|wheel) [^&\n]*", image)
    assert len(installs) == 4
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)
    assert "--no-build-isolation" in image
