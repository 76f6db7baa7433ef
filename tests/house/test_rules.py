"""The rules of the house, read off the tree."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meigara import errors
from meigara.cli.edge import EXIT_CODES, exit_code_of

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DOMAIN = [file for file in SOURCES if file.parent.name == "domain"]
MODULES = [pytest.param(file, id=str(file.relative_to(ROOT / "src"))) for file in SOURCES]
LONGEST = 300


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    lengths = {str(file): len(file.read_text("utf-8").splitlines()) for file in SOURCES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "helpers", "common", "constants", "misc", "interfaces"}
    assert [file.stem for file in SOURCES if file.stem in drawers] == []


def test_every_import_goes_down_the_layers() -> None:
    assert_passes("lint-imports")


def test_every_package_that_is_imported_is_declared() -> None:
    assert_passes("deptry", "src")


def assert_passes(tool: str, *args: str) -> None:
    """Let a tool look at the project."""
    command = [str(Path(sys.executable).with_name(tool)), *args]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_domain_imports_the_standard_library_itself_and_the_errors_only() -> None:
    found = {name for file in DOMAIN for name in imports(file)}
    ours = ("meigara.domain", "meigara.errors")
    strangers = {
        name
        for name in found
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith(ours)
    }
    assert strangers == set()


def test_the_domain_never_asks_for_the_time() -> None:
    clocks = {"now", "today", "utcnow", "time", "monotonic", "perf_counter", "localtime"}
    asked = [
        f"{file.name}:{node.lineno}"
        for file in DOMAIN
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
    ]
    assert asked == []


def test_every_import_is_absolute() -> None:
    relative = [file.name for file in SOURCES for name in imports(file) if name.startswith(".")]
    assert relative == []


def imports(file: Path) -> Iterator[str]:
    """Yield the name of each module that a file imports; a relative one begins with a dot."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


@pytest.mark.parametrize("file", MODULES)
def test_the_environment_is_read_in_one_place_and_printing_is_for_the_command_line(
    file: Path,
) -> None:
    text = file.read_text("utf-8")
    if file.name != "config.py":
        assert not re.search(r"\bos\.(environ|getenv)\b", text)
    assert not re.search(r"(?<![\w.])print\(", text)


@pytest.mark.parametrize("file", MODULES)
def test_what_is_public_has_a_docstring(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    assert not (tree.body and not ast.get_docstring(tree)), "the module"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in tree.body if isinstance(node, kinds)]
    for group in [node for node in public if isinstance(node, ast.ClassDef)]:
        if not group.name.startswith("_"):
            public += [node for node in group.body if isinstance(node, kinds)]
    missing = [each.name for each in public if is_public(each.name) and not ast.get_docstring(each)]
    assert missing == []


def is_public(name: str) -> bool:
    return not name.startswith("_")


def all_errors(kind: type[errors.MeigaraError]) -> Iterator[type[errors.MeigaraError]]:
    for each in kind.__subclasses__():
        yield each
        yield from all_errors(each)


@pytest.mark.parametrize("kind", sorted(set(all_errors(errors.MeigaraError)), key=str))
def test_every_error_has_words_an_exit_code_and_a_place_in_the_tree(
    kind: type[errors.MeigaraError],
) -> None:
    assert (kind.__doc__ or "").strip()
    assert any(base in EXIT_CODES for base in kind.__mro__)
    assert kind.__name__ in (errors.__doc__ or "")
    if not kind.__subclasses__():
        assert kind.message
        assert kind.hint or kind is errors.LeaseLost


def test_the_exit_codes_are_the_documented_ones() -> None:
    assert exit_code_of(errors.MissingKey()) == 2
    assert exit_code_of(errors.InvalidDate(text="x")) == 2
    assert exit_code_of(errors.RunNotFound(run_id=1)) == 3
    assert exit_code_of(errors.RunNotHeld(run_id=1, status="x")) == 4
    assert exit_code_of(errors.KeyRefused(reason="x")) == 5
    assert exit_code_of(errors.RosterHeld(run_id=1, reasons="x")) == 6
    assert exit_code_of(errors.StoreUnavailable(database="x", reason="y")) == 7
