"""`presswatch init`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.recipes import AMNESTY_CA, AMNESTY_USA
from scheduler.cli import main
from scheduler.config import load
from scheduler.configschema import TABLES
from scheduler.starter import STARTER


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PRESSWATCH_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    return tmp_path


def init(*before: str) -> Result:
    return CliRunner().invoke(main, [*before, "init"])


def test_writes_a_file_that_loads_with_both_newsrooms_and_their_recipes(here: Path) -> None:
    assert init().exit_code == 0
    config = load(Path("presswatch.toml"))
    plain = [replace(recipe, confidence=None, reasons=()) for recipe in (AMNESTY_CA, AMNESTY_USA)]
    assert [newsroom.recipe for newsroom in config.newsrooms] == plain
    assert [newsroom.id for newsroom in config.newsrooms] == ["amnesty-ca-russia", "amnestyusa"]
    assert [digest.name for digest in config.digests] == ["daily"]
    assert config.data_dir == here / "data"


def test_asks_for_a_contact_and_tells_what_to_do_next() -> None:
    said = init().stdout
    assert "edit presswatch.toml" in said
    assert "put your address under contact" in said
    assert "presswatch check" in said
    assert max(map(len, said.splitlines())) <= 80
    assert "contact is not yours yet" in load(Path("presswatch.toml")).warnings[0]


def test_never_writes_over_a_file() -> None:
    Path("presswatch.toml").write_text("mine", encoding="utf-8")
    result = init()
    assert result.exit_code == 1
    assert "presswatch.toml exists and is left as it is" in result.stderr
    assert Path("presswatch.toml").read_text(encoding="utf-8") == "mine"


def test_writes_where_the_option_says(here: Path) -> None:
    result = init("--config", "new folder/mine.toml")
    assert (here / "new folder" / "mine.toml").read_text(encoding="utf-8") == STARTER
    assert "presswatch --config 'new folder/mine.toml' check" in result.stdout
    steps = [line for line in result.stdout.splitlines() if line.startswith("  ")]
    assert len({line.rstrip().rindex("  ") for line in steps}) == 1  # the reasons stand in one column


def test_writes_where_the_variable_says(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSWATCH_CONFIG", str(here / "other.toml"))
    init()
    assert (here / "other.toml").exists()
    assert not Path("presswatch.toml").exists()


def test_a_file_of_the_user_elsewhere_does_not_keep_it_from_writing_here(here: Path) -> None:
    (here / "user" / "presswatch").mkdir(parents=True)
    (here / "user" / "presswatch" / "presswatch.toml").touch()
    assert init().exit_code == 0
    assert Path("presswatch.toml").exists()


def test_a_place_that_cannot_be_written_is_told(here: Path) -> None:
    (here / "file").touch()
    result = init("--config", "file/presswatch.toml")
    assert result.exit_code == 1
    assert "file" in result.stderr


def test_every_line_that_is_commented_out_works_when_it_is_not() -> None:
    switched = "\n".join(
        line.removeprefix("# ")
        for line in STARTER.splitlines()
        if not line.startswith("# ") or " = " in line or line.startswith("# [[")
    )
    Path("presswatch.toml").write_text(switched, encoding="utf-8")
    config = load(Path("presswatch.toml"))
    assert [newsroom.id for newsroom in config.newsrooms] == ["amnesty-ca-russia", "amnestyusa", "example"]
    assert [digest.name for digest in config.digests] == ["daily", "takedowns"]


def test_mentions_every_key_of_the_whole_file_and_of_digests() -> None:
    for table in ((), ("digest",)):
        for key in TABLES[table].model_fields:
            assert key in STARTER
