"""Do the documents say what the program does?"""

import re
from pathlib import Path

import msgspec
import pytest

import meigara
from meigara.cli.edge import EXIT_CODES, INTERRUPTED
from meigara.config import PREFIX, Settings
from scripts import reference

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
]
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def first_cells(text: str) -> set[str]:
    """Return the first cell of each row of the tables in a text, without quotes."""
    return set(re.findall(r"^\| `?([^|`]+?)`? \|", text, flags=re.M))


def test_the_reference_is_what_the_help_texts_give() -> None:
    assert reference.REFERENCE.read_text("utf-8") == reference.generated(), "run `make docs`"


GUARD = f"{PREFIX}GUARD_"


def settings() -> dict[str, str]:
    """Return the name of each setting with its default."""
    fields = msgspec.structs.fields(Settings)
    return {f"{PREFIX}{each.name.upper()}": str(each.default) for each in fields}


def test_every_setting_is_documented_and_no_other() -> None:
    documented = {c for c in first_cells(read("docs/configuration.md")) if c.startswith(PREFIX)}
    assert documented == set(settings())


def test_the_readme_lists_every_setting_but_the_limits_of_the_guard() -> None:
    documented = {cell for cell in first_cells(read("README.md")) if cell.startswith(PREFIX)}
    assert documented == {name for name in settings() if not name.startswith(GUARD)}


def test_every_limit_of_the_guard_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| `([^`]*)` \|", read("docs/configuration.md"), flags=re.M)
    limits = {name: default for name, default in rows if name.startswith(GUARD)}
    assert limits == {n: default for n, default in settings().items() if n.startswith(GUARD)}
    missing = [n for n in limits if f"`{n.removeprefix(GUARD)}`" not in read("docs/guard.md")]
    assert [name for name in missing if name not in read("docs/guard.md")] == []


@pytest.mark.parametrize("name", ["docs/cli.md", "README.md"])
def test_every_exit_code_is_documented_and_no_other(name: str) -> None:
    done, found_something = 0, 1
    codes = {done, found_something, INTERRUPTED, *EXIT_CODES.values()}
    documented = {int(cell) for cell in first_cells(read(name)) if cell.isdigit()}
    assert documented == codes


def test_every_verb_of_make_is_in_the_readme() -> None:
    verbs = set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), flags=re.M))
    documented = {cell for cell in first_cells(read("README.md")) if cell.startswith("make ")}
    assert documented == {f"make {verb}" for verb in verbs}


def test_the_changelog_has_a_section_for_this_version() -> None:
    assert re.search(rf"^## {re.escape(meigara.__version__)}\b", read("CHANGELOG.md"), flags=re.M)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_link_points_to_a_file_that_is_not_there(document: Path) -> None:
    targets = [document.parent / target for target in _LINK.findall(document.read_text("utf-8"))]
    assert [str(target) for target in targets if not target.exists()] == []
