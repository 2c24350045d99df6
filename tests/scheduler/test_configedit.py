"""Editing the configuration file: what is new comes in, what was there stays as it was written."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from scheduler import configedit
from scheduler.config import load
from scheduler.configedit import EditError, rewrite, with_newsrooms, with_recipe
from scheduler.starter import STARTER
from storage.records import Recipe

NEW = {"id": "court", "url": "https://court.test/"}
RECIPE = Recipe("li.row", title="h2 a", date="time@datetime", confidence=0.9, reasons=("10 entries.",))
SELECTORS = {"entry": "li.row", "title": "h2 a", "date": "time@datetime"}
PLAIN = """\
# mine
contact = "desk@paper.test"   # the desk

[[newsroom]]
id = "ministry"
url = "https://ministry.test/news"   # the list
# every = "15m"

# Here the digests begin.

[[digest]]
name = "daily"
"""


def added(before: str, after: str) -> list[str]:
    """The lines that came in; all others must be there as before, in their order."""
    old, new, found = before.split("\n"), after.split("\n"), []
    at = 0
    for line in new:
        if at < len(old) and line == old[at]:
            at += 1
        else:
            found.append(line)
    assert at >= len(old) - 1
    return [line for line in found if line]


class TestANewsroom:
    def test_comes_behind_the_last_one_and_its_comments(self) -> None:
        after = with_newsrooms(PLAIN, [NEW])
        assert added(PLAIN, after) == ["[[newsroom]]", 'id = "court"', 'url = "https://court.test/"']
        assert after.index("# every") < after.index('"court"') < after.index("# Here the digests begin.")

    def test_comes_into_the_file_that_init_writes(self) -> None:
        after = with_newsrooms(STARTER, [NEW])
        assert len(added(STARTER, after)) == 3
        assert after.index("caption = ") < after.index('"court"') < after.index("# The least that a newsroom needs")

    def test_may_be_the_first(self) -> None:
        for before in ("", 'contact = "a@b.test"', "# nothing yet\n", '[[digest]]\nname = "daily"\n'):
            assert tomllib.loads(with_newsrooms(before, [NEW]))["newsroom"] == [NEW]

    def test_may_be_several_and_have_recipes(self) -> None:
        both: list[dict[str, Any]] = [{**NEW, "recipe": SELECTORS}, {"id": "b", "url": "https://b.test/"}]
        assert tomllib.loads(with_newsrooms(PLAIN, both))["newsroom"][1:] == both

    def test_does_not_take_the_comment_of_the_next_header(self) -> None:
        before = '[[newsroom]]\nid = "a"\nurl = "https://a.test/"\n# every morning\n[[digest]]\nname = "daily"\n'
        assert with_newsrooms(before, [NEW]).endswith('\n\n# every morning\n[[digest]]\nname = "daily"\n')

    def test_comes_behind_values_of_several_lines(self) -> None:
        before = '[[newsroom]]\nid = "a"\nurl = "https://a.test/"\ninclude = [\n  "x",  # one\n  """y\nz""",\n]'
        after = with_newsrooms(before, [NEW])
        assert tomllib.loads(after)["newsroom"][1] == NEW
        assert after.startswith(before + "\n\n[[newsroom]]\n")

    def test_keeps_line_ends_and_the_mark_at_the_start(self) -> None:
        before = "\ufeff" + PLAIN.replace("\n", "\r\n")
        after = with_newsrooms(before, [NEW])
        assert after.count("\n") == after.count("\r\n")
        assert after.removeprefix("\ufeff").replace("\r\n", "\n") == with_newsrooms(PLAIN, [NEW])

    def test_is_written_so_that_it_is_read_again(self) -> None:
        odd: dict[str, Any] = {"id": "a", "url": 'https://a.test/?q="x"&é=1', "recipe": {"entry": 'a[title="b\\\\c"]'}}
        assert tomllib.loads(with_newsrooms(PLAIN, [odd]))["newsroom"][1] == odd

    @pytest.mark.parametrize("before", ["newsroom = []\n", 'newsroom = [{id = "a", url = "https://a.test/"}]\n'])
    def test_is_refused_where_they_are_kept_in_brackets(self, before: str) -> None:
        with pytest.raises(EditError, match="one list in brackets"):
            with_newsrooms(before, [NEW])

    def test_is_refused_where_the_edit_would_say_something_else(self) -> None:
        for edited in ("a = 2", "a = "):
            with pytest.raises(EditError, match="by hand"):
                configedit._must_be(edited, {"a": 1})


class TestARecipe:
    def test_comes_below_its_newsroom(self) -> None:
        before = PLAIN.replace("# Here", '[[newsroom]]\nid = "b"\nurl = "https://b.test/"\n\n# Here')
        after = with_recipe(before, "ministry", RECIPE)
        assert added(before, after) == [
            "[newsroom.recipe]",
            'entry = "li.row"',
            'title = "h2 a"',
            'date = "time@datetime"',
        ]
        assert [n.get("recipe") for n in tomllib.loads(after)["newsroom"]] == [SELECTORS, None]

    def test_replaces_one_and_keeps_comments(self) -> None:
        recipe = (
            '\n[newsroom.recipe]   # as of May\nentry = "div.old"   # each\ntitle = "h2 a"\nkind = "em"\n# next = "x"\n'
        )
        before = PLAIN.replace('# every = "15m"\n', recipe)
        after = with_recipe(before, "ministry", RECIPE)
        assert tomllib.loads(after)["newsroom"][0]["recipe"] == SELECTORS
        for kept in (
            "[newsroom.recipe]   # as of May",
            'entry = "li.row"   # each',
            '# next = "x"',
            "# Here the digests",
        ):
            assert kept in after
        assert 'kind = "em"' not in after

    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_is_written_into_one_in_braces(self, newline: str) -> None:
        before = PLAIN.replace("# every", 'recipe = {entry = "div.old", kind = "em"}\n# every').replace("\n", newline)
        after = with_recipe(before, "ministry", RECIPE)
        assert tomllib.loads(after)["newsroom"][0]["recipe"] == SELECTORS
        assert after.count("\n") == after.count(newline)

    def test_is_written_into_newsrooms_in_brackets(self) -> None:
        before = 'newsroom = [{id = "a", url = "https://a.test/"}]  # one\n'
        after = with_recipe(before, "a", RECIPE)
        assert tomllib.loads(after)["newsroom"][0]["recipe"] == SELECTORS

    def test_of_newsrooms_between_other_tables(self) -> None:
        before = PLAIN + '\n[[newsroom]]\nid = "c"\nurl = "https://c.test/"\n[newsroom.recipe]\nentry = "p"\n'
        after = with_recipe(before, "c", RECIPE)
        assert tomllib.loads(after)["newsroom"][1]["recipe"] == SELECTORS

    def test_needs_its_newsroom(self) -> None:
        with pytest.raises(EditError, match='no newsroom "gone" in it any more'):
            with_recipe(PLAIN, "gone", RECIPE)


class TestTheFile:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "presswatch.toml"
        path.write_text(PLAIN, encoding="utf-8")
        return path

    def test_is_replaced_in_one_step_and_keeps_its_mode(self, path: Path) -> None:
        path.chmod(0o640)
        before = path.stat().st_ino
        rewrite(path, lambda text: with_newsrooms(text, [NEW]))
        assert path.stat().st_mode & 0o777 == 0o640
        assert path.stat().st_ino != before
        assert [newsroom.id for newsroom in load(path).newsrooms] == ["ministry", "court"]
        assert list(path.parent.iterdir()) == [path]

    def test_may_be_a_link_and_stays_one(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "here").mkdir()
        link = tmp_path / "here" / "presswatch.toml"
        link.symlink_to(path)
        rewrite(link, lambda text: with_newsrooms(text, [NEW]))
        assert link.is_symlink()
        assert len(load(path).newsrooms) == 2

    def test_is_left_alone_where_the_edit_would_not_load(self, path: Path) -> None:
        with pytest.raises(EditError, match=r"would not load any more:\n.*presswatch.toml:\d+: newsroom\[2\]") as error:
            rewrite(path, lambda text: with_newsrooms(text, [{"id": "ministry", "url": "nowhere"}]))
        assert ".tmp" not in str(error.value)
        assert path.read_text(encoding="utf-8") == PLAIN
        assert list(path.parent.iterdir()) == [path]

    def test_is_left_alone_where_the_edit_fails(self, path: Path) -> None:
        def fail(text: str) -> str:
            raise EditError(text[:6])

        with pytest.raises(EditError, match="# mine"):
            rewrite(path, fail)
        assert list(path.parent.iterdir()) == [path]


def test_a_recipe_is_written_with_all_its_abilities() -> None:
    flat = Recipe("h3", runs_on=True)
    assert tomllib.loads(with_recipe(PLAIN, "ministry", flat))["newsroom"][0]["recipe"] == {
        "entry": "h3", "runs_on": True,
    }  # fmt: skip
    told = Recipe("script#data", title="t.text", data="props.news")
    assert tomllib.loads(with_recipe(PLAIN, "ministry", told))["newsroom"][0]["recipe"] == {
        "entry": "script#data", "title": "t.text", "data": "props.news",
    }  # fmt: skip
