"""What the documents say is there: commands, keys, links, examples, versions; every exception to the lint says why."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from scheduler.cli import main
from scheduler.config import load
from scheduler.configschema import NOT_BUILT_YET, TABLES
from scheduler.render import render_json
from scheduler.render.json_ import change_json
from storage.records import Change, Issue, Kind, Outcome, Standing, State, Verdict

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])
SOURCES = sorted(
    path
    for folder in ("crawler", "scheduler", "storage", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
SECTIONS: Mapping[tuple[str, ...], str] = {
    (): "The whole file",
    ("newsroom",): "[[newsroom]]",
    ("newsroom", "recipe"): "[newsroom.recipe]",
    ("digest",): "[[digest]]",
}
INVOKED = re.compile(r"^(?:.*bin/)?presswatch (?:--config \S+ )?([a-z]+)\b", re.MULTILINE)
AT = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)


def told(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))


def plain(token: Token) -> str:
    """The words of a heading or cell, without its marks."""
    return "".join(child.content for child in token.children or ())


def sections(path: Path) -> dict[str, list[Token]]:
    """The tokens below each heading of the second level."""
    found: dict[str, list[Token]] = {}
    below: list[Token] = []
    tokens = parsed(path)
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            below = found.setdefault(plain(tokens[number + 1]), [])
        below.append(token)
    return found


def first_cells(tokens: list[Token]) -> list[str]:
    """The first cell of each row of the tables, without their heads."""
    rows = [number for number, token in enumerate(tokens) if token.type == "tr_open"]
    return [plain(tokens[row + 2]) for row in rows if tokens[row + 1].type == "td_open"]


def fences(path: Path, language: str) -> Iterator[str]:
    return (token.content for token in parsed(path) if token.type == "fence" and token.info == language)


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    tokens = parsed(path)
    return {slug(plain(tokens[n + 1])) for n, token in enumerate(tokens) if token.type == "heading_open"}


def links(path: Path) -> Iterator[str]:
    for token in parsed(path):
        for child in token.children or ():
            if child.type in {"link_open", "image"}:
                yield str(child.attrs["href" if child.type == "link_open" else "src"])


def commands() -> dict[str, click.Command]:
    return dict(main.commands)


# --- the README and what the CI does ---------------------------------------------------------------------------------


def test_the_readme_s_commands_are_those_that_the_ci_runs() -> None:
    own = [
        command.strip() for command in fences(ROOT / "README.md", "sh") if command.startswith("python3 -m venv .venv")
    ]
    assert [command.split()[-1] for command in own] == ["demo", "pytest"]
    run = [line.strip() for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()]
    assert [command for command in own if command not in run] == []


def test_the_ci_does_not_go_on_after_a_failure_and_can_be_started() -> None:
    path = ROOT / ".ci" / "run"
    assert path.stat().st_mode & 0o111
    assert "set -euo pipefail" in path.read_text(encoding="utf-8").splitlines()


def test_the_readme_names_no_command_that_is_not_there() -> None:
    named = set()
    for heading, tokens in sections(ROOT / "README.md").items():
        if heading != "Not built yet":
            spans = [child for token in tokens for child in token.children or () if child.type == "code_inline"]
            code = [token for token in [*tokens, *spans] if token.type in {"fence", "code_inline"}]
            named |= {name for token in code for name in INVOKED.findall(token.content)}
    assert named >= {"demo", "init", "preview", "check", "digest", "run"}
    assert named <= set(commands())


# --- configuration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES, ids=SECTIONS.get)
def test_every_key_is_documented_and_no_other(table: tuple[str, ...]) -> None:
    documented = first_cells(sections(ROOT / "docs" / "configuration.md")[SECTIONS[table]])
    assert documented == list(TABLES[table].model_fields)


@pytest.mark.parametrize("table", TABLES, ids=SECTIONS.get)
def test_the_documented_defaults_are_the_schema_s(table: tuple[str, ...]) -> None:
    needed = {
        (): {}, ("newsroom",): {"id": "a", "url": "https://a.example/"}, ("newsroom", "recipe"): {"entry": "li"},
        ("digest",): {"name": "a"},
    }  # fmt: skip
    for key, default in documented_defaults(sections(ROOT / "docs" / "configuration.md")[SECTIONS[table]]):
        schema = TABLES[table]
        field = schema.model_fields[key]
        assert (default == "required") == field.is_required(), key
        if default is not None and default != "required" and field.default is not None:
            filled = schema.model_validate({**needed[table], **tomllib.loads(f"{key} = {default}")})
            assert getattr(filled, key) == field.default, key


def documented_defaults(tokens: list[Token]) -> Iterator[tuple[str, str | None]]:
    """Each key with its default as TOML, or "required", or None where it is told in words."""
    for number, token in enumerate(tokens):
        if token.type == "tr_open" and tokens[number + 1].type == "td_open":
            key, cell = tokens[number + 2], tokens[number + 5]
            first = (cell.children or [cell])[0]
            toml = first.content if first.type == "code_inline" else None
            yield plain(key), "required" if plain(cell) == "required" else toml


def test_what_is_not_built_yet_is_said_to_be_refused() -> None:
    below = sections(ROOT / "docs" / "configuration.md")["Not supported yet"]
    text = " ".join(token.content for token in below)
    assert [key for *_, key in sorted(NOT_BUILT_YET) if f"`{key}`" not in text] == []


EXAMPLES = [(told(path), number, text) for path in DOCUMENTS for number, text in enumerate(fences(path, "toml"))]


@pytest.mark.parametrize(("name", "number", "text"), EXAMPLES, ids=lambda value: str(value)[:40].splitlines()[0])
def test_every_example_of_a_configuration_loads(name: str, number: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / "presswatch.toml"
    path.write_text(text, encoding="utf-8")
    config = load(path)
    assert config.newsrooms or config.digests, f"example {number} of {name} watches nothing"


def test_the_examples_are_found() -> None:
    assert {name for name, _, _ in EXAMPLES} >= {"README.md", "docs/configuration.md"}


# --- commands --------------------------------------------------------------------------------------------------------


def test_every_command_has_its_section_and_no_other_has_one() -> None:
    assert list(sections(ROOT / "docs" / "commands.md")) == list(commands())


@pytest.mark.parametrize("name", commands())
def test_every_option_of_a_command_is_documented_and_no_other(name: str) -> None:
    text = " ".join(token.content for token in sections(ROOT / "docs" / "commands.md")[name])
    options = {
        option
        for parameter in commands()[name].params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
    }
    own = {option for parameter in main.params for option in parameter.opts} | {"--help"}
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", text)) - own == options


def test_the_options_before_a_command_are_documented() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").partition("## ")[0]
    options = {option for parameter in main.params for option in parameter.opts}
    assert [option for option in sorted(options) if f"`{option}" not in text] == []


def documented_json(path: Path) -> dict[str, Any]:
    (text,) = fences(path, "json")
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_change_has_the_documented_keys() -> None:
    change = Change("ministry", Kind.NEW, "https://www.example.org/news/1", "Title", AT, {"date": "2026-11-20"})
    assert list(documented_json(ROOT / "docs" / "commands.md")) == list(change_json(change))


def test_the_json_of_an_issue_has_the_documented_keys() -> None:
    issue = Issue("daily", 1, "20261120T070000Z", AT, AT, None, (), Standing(0, 0, None), ())
    assert list(documented_json(ROOT / "docs" / "digests.md")) == list(json.loads(render_json(issue)))


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", [*Kind, *Outcome, *Verdict, *State], ids=str)
def test_every_word_of_a_closed_set_is_in_the_glossary(word: str) -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").casefold()
    assert re.search(rf"\b{word}\b", text)


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=told)
def test_every_link_leads_somewhere(path: Path) -> None:
    dead = []
    for link in links(path):
        parts = urlsplit(link)
        if parts.scheme in {"http", "https"}:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        there = target.exists() and target.is_relative_to(ROOT)
        if not there or (parts.fragment and parts.fragment not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_decision_is_in_the_index_and_counted_without_a_hole() -> None:
    folder = ROOT / "docs" / "decisions"
    files = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    titles = [path.read_text(encoding="utf-8").splitlines()[0] for path in files]
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    for number, (path, title) in enumerate(zip(files, titles, strict=True), start=1):
        assert title.startswith(f"# {number}. ")
        assert f"{number}. [{title.removeprefix(f'# {number}. ')}]({path.name})" in index


# --- versions and exceptions -----------------------------------------------------------------------------------------


def test_the_changelog_s_latest_version_is_the_project_s() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert heads[0] == ("Unreleased", "")
    assert heads[1][0] == project["version"]
    assert all(day for _, day in heads[1:])


EXCEPTION = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no \w+)\b(?P<rest>.*)")
CODES = re.compile(r"^:?\s*(?:\[[\w, -]+\]|[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)")


def unexplained(line: str) -> str | None:
    """The exception in a line of source that names no code or gives no reason; None where there is none."""
    found = EXCEPTION.search(line)
    if found is None:
        return None
    codes = CODES.match(found["rest"])
    reason = found["rest"][codes.end() :] if codes else ""
    return None if re.search(r"\w", reason) else found[0]


@pytest.mark.parametrize(
    ("line", "explained"),
    [
        ("x = 1", True),
        ("import a  # noqa: PLC0415 - it is heavy", True),
        ("import a  # noqa: PLC0415, E402 (likewise)", True),
        ("call(x)  # type: ignore[arg-type]  # test shorthand", True),
        ("import a  # noqa: PLC0415", False),
        ("import a  # noqa", False),
        ("import a  # noqa because I say so", False),
        ("call(x)  # type: ignore[arg-type]", False),
    ],
)
def test_an_exception_without_a_reason_is_recognised(line: str, explained: bool) -> None:
    assert (unexplained(line) is None) == explained


@pytest.mark.parametrize("path", [path for path in SOURCES if path != Path(__file__)], ids=told)
def test_every_exception_to_lint_and_types_says_why(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [f"{n}: {found}" for n, line in enumerate(lines, start=1) if (found := unexplained(line))] == []


def test_every_exception_in_the_settings_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(
        r'^(?:ignore|"[^"]+") = \[\n(.*?)^\]', text[text.index("[tool.ruff.lint]") :], re.MULTILINE | re.DOTALL
    )
    lines = [line for found in lists for line in found.splitlines()]
    assert len(lines) > 10
    assert [line for line in lines if re.fullmatch(r'\s*"[A-Z]+\d*",\s*', line)] == []
