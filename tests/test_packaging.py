"""What is installed is whole, declared and pinned; layers hold for annotations too; nothing names one machine."""

from __future__ import annotations

import ast
import configparser
import re
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import entry_points, packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
ROOTS = ("crawler", "scheduler", "storage")
ONLY_LOADED_BY_NAME = {"lxml": "BeautifulSoup's parser", "tzdata": "zoneinfo's data"}
TOOLS = {"import-linter", "mypy", "psutil", "pytest-asyncio", "pytest-cov", "pytest-socket", "ruff", "types-psutil"}


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return sorted(path for path in found if path.is_file())


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, wherever in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno


def distributions(*folders: str) -> set[str]:
    """The distributions that the Python files of these folders import from."""
    providers = packages_distributions()
    names = {name.partition(".")[0] for path in files(*folders) if path.suffix == ".py" for name, _ in imported(path)}
    own = {*ROOTS, "tests", "benchmarks", "_typeshed", *(path.stem for path in files("benchmarks"))}
    return {canonicalize_name(providers[name][0]) for name in names - own - sys.stdlib_module_names}


def required(*requirements: str) -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for one in map(Requirement, requirements)}


def needed() -> dict[str, Requirement]:
    return required(*project()["project"]["dependencies"])


def needed_by_tests() -> dict[str, Requirement]:
    return required(*project()["project"]["optional-dependencies"]["test"])


# --- what is installed -----------------------------------------------------------------------------------------------


def test_every_package_is_installed() -> None:
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in files(*ROOTS) if path.name == "__init__.py"}
    assert set(project()["tool"]["setuptools"]["packages"]) == found


def test_every_file_of_a_package_is_installed() -> None:
    settings = project()["tool"]["setuptools"]
    left_out = []
    for path in files(*ROOTS):
        if path.suffix == ".py" and (path.parent / "__init__.py").exists():
            continue
        patterns = [
            f"{package.replace('.', '/')}/{pattern}"
            for package, globs in settings["package-data"].items()
            for pattern in globs
        ]
        if not any(fnmatch(path.relative_to(ROOT).as_posix(), pattern) for pattern in patterns):
            left_out.append(str(path.relative_to(ROOT)))
    assert left_out == []


def test_the_command_is_there() -> None:
    (found,) = entry_points(group="console_scripts", name="presswatch")
    assert found.value == project()["project"]["scripts"]["presswatch"]
    assert callable(found.load())


def test_the_licence_is_there() -> None:
    settings = project()["project"]
    assert settings["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


# --- what it needs ---------------------------------------------------------------------------------------------------


def test_what_the_code_imports_is_declared_and_what_is_declared_is_imported() -> None:
    assert distributions(*ROOTS) | set(ONLY_LOADED_BY_NAME) == set(needed())


def test_what_the_tests_import_is_declared() -> None:
    assert distributions("tests") - set(needed()) - set(needed_by_tests()) == set()
    assert set(needed_by_tests()) - distributions("tests", "benchmarks") - TOOLS == set()


def pins() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines]


def test_constraints_hold_one_exact_version_for_each_package_and_nothing_else() -> None:
    for pin in pins():
        assert re.fullmatch(r"==[\w.!+]+", str(pin.specifier)), pin
        assert pin.url is None
        assert not pin.extras


def test_whatever_is_declared_is_pinned_to_a_version_that_will_do() -> None:
    here = [pin for pin in pins() if pin.marker is None or pin.marker.evaluate()]
    pinned = {str(canonicalize_name(pin.name)): Version(next(iter(pin.specifier)).version) for pin in here}
    for name, requirement in {**needed(), **needed_by_tests()}.items():
        assert requirement.specifier.contains(pinned[name]), f"{requirement}, and constraints.txt has {pinned[name]}"


# --- how it is layered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lower", "upper"), [("storage", ("crawler", "scheduler")), ("crawler", ("scheduler",))])
def test_not_even_an_annotation_reaches_up(lower: str, upper: tuple[str, ...]) -> None:
    """lint-imports leaves out what is imported for type checking alone; here it counts."""
    reaching = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in files(lower)
        if path.suffix == ".py"
        for name, line in imported(path)
        if name.partition(".")[0] in {*upper, "tests"}
    ]
    assert reaching == []


# --- where it lives --------------------------------------------------------------------------------------------------

ONE_MACHINE = re.compile(
    "|".join(
        [
            r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/",
            r"\bpypi" + r"\.org|python" + r"hosted|--(?:extra-)?index" + r"-url|find" + r"-links",
        ]
    )
)


def written() -> list[Path]:
    loose = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in {".md", ".toml", ".txt", ""}]
    kept = [*loose, *files("docs", "benchmarks", ".ci", *ROOTS, "tests")]
    return [path for path in kept if path.suffix not in {".png", ".db"} and not path.name.startswith(".coverage")]


def test_nothing_names_one_machine_or_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in written()
        for match in ONE_MACHINE.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_the_service_starts_the_daemon_and_may_write_its_own_folder_alone() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    unit.read(ROOT / "docs" / "presswatch.service", encoding="utf-8")
    service = unit["Service"]
    program, *arguments = service["ExecStart"].split()
    assert program.endswith("/bin/presswatch")
    assert arguments[-1] == "run"
    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectory"] == "presswatch"
    assert service["NoNewPrivileges"] == "yes"
    folder = f"/var/lib/{service['StateDirectory']}"
    assert arguments[1].startswith(folder)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert program.removesuffix("/presswatch") in readme
    assert arguments[1] in readme
