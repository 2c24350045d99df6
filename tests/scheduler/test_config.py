"""The configuration file: what it may say, and how it is told when it says something else."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from scheduler.config import Config, ConfigError, DigestConfig, NewsroomConfig, choose, content_hash, load
from storage.records import Kind, Recipe

FULL = """\
data_dir = "kept"
contact = "desk@paper.test"
allow_private_addresses = true
confirm_after = "0s"
requests_per_day = 96
delay = "90s"

[[newsroom]]
id = "ministry"
url = "https://ministry.test/news?lang=en"
timezone = "Europe/Berlin"
every = "15m"
min_wait = "1m"
max_wait = "2d"
max_pages = 3
feed = "https://ministry.test/feed"
include = ["/news/"]
exclude = ["sport"]
[newsroom.recipe]
entry = "li"
title = "h2 a"
link = "h2 a@href"
date = "time@datetime"
date_format = "%B %d, %Y"
next = "a.next"

[[newsroom]]
id = "bare.one_2-x"
url = "http://127.0.0.1:8000/"

[[digest]]
name = "weekly"
cron = "0 7 * * mon"
timezone = "Europe/Berlin"
formats = ["md", "json", "md"]
newsrooms = ["mini*"]
kinds = ["withdrawn", "unlisted"]
match = ["visa"]
skip_empty = true

[[digest]]
name = "often"
every = "6h"

[[digest]]
name = "early"
at = "6:30"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "presswatch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    path = written(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return [problem.removeprefix(f"{folder}/") for problem in caught.value.problems]


def problem(folder: Path, text: str) -> str:
    (only,) = problems(folder, text)
    return only


def newsroom(extra: str = "", name: str = "a", url: str = "https://a.test/") -> str:
    return f'[[newsroom]]\nid = "{name}"\nurl = "{url}"\n{extra}\n'


class TestAGoodFile:
    def test_becomes_frozen_records(self, tmp_path: Path) -> None:
        path = written(tmp_path, FULL)
        assert load(path) == Config(
            path=path,
            data_dir=tmp_path / "kept",
            contact="desk@paper.test",
            allow_private_addresses=True,
            confirm_after_s=0,
            requests_per_day=96,
            delay_s=90,
            newsrooms=(
                NewsroomConfig(
                    "ministry",
                    "https://ministry.test/news?lang=en",
                    timezone="Europe/Berlin",
                    every_s=900,
                    min_wait_s=60,
                    max_wait_s=172800,
                    max_pages=3,
                    feed="https://ministry.test/feed",
                    include=("/news/",),
                    exclude=("sport",),
                    recipe=Recipe(
                        "li",
                        title="h2 a",
                        link="h2 a@href",
                        date="time@datetime",
                        date_format="%B %d, %Y",
                        next="a.next",
                    ),
                ),
                NewsroomConfig("bare.one_2-x", "http://127.0.0.1:8000/"),
            ),
            digests=(
                DigestConfig(
                    "weekly",
                    cron="0 7 * * mon",
                    timezone="Europe/Berlin",
                    formats=("md", "json"),
                    newsrooms=("mini*",),
                    kinds=(Kind.WITHDRAWN, Kind.UNLISTED),
                    match=("visa",),
                    skip_empty=True,
                ),
                DigestConfig("often", every_s=21600),
                DigestConfig("early", at=time(6, 30)),
            ),
            sha256=content_hash(path) or "",
        )

    def test_may_be_empty_and_then_has_a_daily_digest(self, tmp_path: Path) -> None:
        config = load(written(tmp_path, ""))
        assert config.newsrooms == ()
        assert config.digests == (DigestConfig("daily", at=time(7, 0)),)
        assert (config.confirm_after_s, config.requests_per_day, config.delay_s) == (3600, 48, 1)
        assert config.data_dir == tmp_path / "data"
        assert config.database == tmp_path / "data" / "presswatch.db"

    def test_a_digest_without_a_schedule_is_daily(self, tmp_path: Path) -> None:
        (digest,) = load(written(tmp_path, '[[digest]]\nname = "d"')).digests
        assert digest.at == time(7, 0)

    def test_takes_a_time_of_day_in_toml_of_its_own(self, tmp_path: Path) -> None:
        (digest,) = load(written(tmp_path, '[[digest]]\nname = "d"\nat = 08:15:00')).digests
        assert digest.at == time(8, 15)

    def test_data_dir_is_relative_to_the_file_unless_absolute(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.chdir(tmp_path)
        written(tmp_path, 'data_dir = "../x"')
        assert load(Path("presswatch.toml")).data_dir == tmp_path.parent / "x"
        assert load(Path("presswatch.toml")).path == tmp_path / "presswatch.toml"
        assert load(written(tmp_path, 'data_dir = "/var/x"')).data_dir == Path("/var/x")
        assert load(written(tmp_path, 'data_dir = "~/x"')).data_dir == tmp_path / "home" / "x"

    def test_finds_a_newsroom_by_id(self, tmp_path: Path) -> None:
        config = load(written(tmp_path, newsroom()))
        assert config.newsroom("a") == config.newsrooms[0]
        assert config.newsroom("b") is None

    def test_may_come_from_windows(self, tmp_path: Path) -> None:
        path = tmp_path / "presswatch.toml"
        path.write_bytes(b"\xef\xbb\xbf" + newsroom().replace("\n", "\r\n").encode())
        assert load(path).newsrooms[0].id == "a"
        path.write_bytes(b'\xef\xbb\xbfcontact = "x@y.z"\r\n\r\ndelay = "long"\r\n')
        with pytest.raises(ConfigError, match=r"presswatch\.toml:3: delay: 'long'"):
            load(path)

    def test_its_hash_tells_an_edit(self, tmp_path: Path) -> None:
        path = written(tmp_path, newsroom())
        config = load(path)
        assert content_hash(path) == config.sha256
        written(tmp_path, newsroom() + "# more")
        assert content_hash(path) not in {None, config.sha256}
        path.unlink()
        assert content_hash(path) is None

    def test_durations(self, tmp_path: Path) -> None:
        for said, meant in {
            "90s": 90,
            "15m": 900,
            "1h": 3600,
            "2d": 172800,
            "1.5h": 5400,
            "0s": 0,
            " 3 m ": 180,
        }.items():
            assert load(written(tmp_path, f'confirm_after = "{said}"')).confirm_after_s == meant


class TestWarnings:
    def test_the_contact_of_the_example(self, tmp_path: Path) -> None:
        for contact in ("", 'contact = "name@example.org"'):
            (warning,) = load(written(tmp_path, contact)).warnings
            assert warning.startswith("contact is not yours yet")

    def test_a_filter_that_names_no_newsroom(self, tmp_path: Path) -> None:
        digest = '[[digest]]\nname = "d"\nnewsrooms = ["ministri", "other-*"]\n'
        text = 'contact = "a@b.c"\n' + newsroom(name="ministry") + digest
        (warning,) = load(written(tmp_path, text)).warnings
        assert warning == 'digest "d" names the newsroom "ministri", which is not watched; did you mean "ministry"?'


class TestEveryProblemIsTold:
    def test_at_once_with_file_line_and_key(self, tmp_path: Path) -> None:
        keys = "id, url, timezone, every, min_wait, max_wait, max_pages, feed, include, exclude, recipe"
        no_duration = "'soon' is no duration; write for example \"15m\" (s, m, h or d)"
        found = problems(
            tmp_path,
            """\
requests_per_dy = 3
delay = "soon"

[[newsroom]]
id = "a"
url = "https://a.test/"

[[newsroom]]   # the second
"id" = "b"
url = "https://b.test/"
note = '''
every = "x"
'''
include = ["x",
  3]
every = "soon"
[newsroom.recipe]
entry = ""
titel = "x"
[[newsroom]]
[[digest]]
name = "d"
kinds = ["witdrawn"]
""",
        )
        assert found == [
            'presswatch.toml:1: requests_per_dy: is not known; did you mean "requests_per_day"?',
            f"presswatch.toml:2: delay: {no_duration}",
            f"presswatch.toml:11: newsroom[2] (b).note: is not known; the keys here are {keys}",
            "presswatch.toml:14: newsroom[2] (b).include[2]: 3 is no text; write it in quotes",
            f"presswatch.toml:16: newsroom[2] (b).every: {no_duration}",
            "presswatch.toml:18: newsroom[2] (b).recipe.entry: is empty; write something or leave the key out",
            'presswatch.toml:19: newsroom[2] (b).recipe.titel: is not known; did you mean "title"?',
            "presswatch.toml:20: newsroom[3].id: is missing; add it below this header",
            "presswatch.toml:20: newsroom[3].url: is missing; add it below this header",
            "presswatch.toml:23: digest[1] (d).kinds[1]: 'witdrawn' is no kind of change; did you mean \"withdrawn\"?",
        ]

    def test_inside_dotted_keys_and_inline_tables_too(self, tmp_path: Path) -> None:
        assert problems(tmp_path, newsroom('recipe.entry = "li"\nrecipe.date = 3')) == [
            "presswatch.toml:5: newsroom[1] (a).recipe.date: 3 is no text; write it in quotes"
        ]
        inline = 'delay = "1s"\nnewsroom = [\n  { id = "a", url = "https://a.test", every = 3 },\n]\n'
        assert problem(tmp_path, inline).startswith("presswatch.toml:2: newsroom[1] (a).every: 3 is no duration")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('every = "15"', "'15' is no duration"),
            ("every = 15", '15 is no duration; write for example "15m" (in quotes)'),
            ('every = "0s"', "must be longer than nothing"),
            ('every = "9999d"', "longer than ten years"),
            ('timezone = "Europe/Berlinn"', 'is no time zone; did you mean "Europe/Berlin"?'),
            ('timezone = "Europe"', "is no time zone"),
            ('timezone = "../etc/passwd"', 'is no time zone; write for example "Europe/Berlin"'),
            ("max_pages = 0", "0 is too small; the least is 1"),
            ("max_pages = 100000", "100000 is too large; the most is 1000"),
            ('max_pages = "3"', "'3' is no whole number"),
            ("max_pages = 1.5", "1.5 is no whole number"),
            ('include = [""]', "is empty"),
            ('include = "x"', "'x' is no list"),
            ('min_wait = "2h"\nmax_wait = "1h"', "is longer than max_wait"),
            ("recipe = 3", "should be a valid dictionary"),
            ('recipe = { entry = "li", date_format = "%Q" }', "is no date format"),
            ('recipe = { entry = "li", date_format = "%d%d" }', "is no date format"),
            ('recipe = { entry = "feed", title = "h2" }', "recipe.title: has no meaning in a feed; keep entry"),
            ('recipe = { entry = "h3", runs_on = "yes" }', "recipe.runs_on"),
            ('contact = "x"', "belongs at the top of the file, above any [[header]]"),
            ('title = "h2"', "it belongs below [newsroom.recipe]"),
            ("skip_empty = true", "it belongs below [[digest]]"),
            ('feed = "a.test/feed"', "feed: 'a.test/feed' is no web address"),
            ('feed = "https://me:secret@a.test/feed"', "feed: carries a user name or password"),
            ('feed = "http://www.a.test/"', "feed: is the newsroom's own address; leave it out"),
            ("releases = false", "releases: is not supported yet; leave it out"),
            ("weight = 2", "weight: is not supported yet; leave it out"),
        ],
    )  # fmt: skip
    def test_of_a_newsroom(self, tmp_path: Path, text: str, told: str) -> None:
        said = problem(tmp_path, newsroom(text))
        assert told in said
        assert said.startswith("presswatch.toml:4: newsroom[1] (a)")

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "example.org/news",
            "ftp://a.test/",
            "https:///news",
            "http://[::1",
            "https://a.test:99999/",
            "https://a b/",
        ],
    )
    def test_of_an_address(self, tmp_path: Path, url: str) -> None:
        assert 'write for example "https://www.example.org/news"' in problem(tmp_path, newsroom(url=url))

    def test_credentials_do_not_belong_into_an_address(self, tmp_path: Path) -> None:
        assert "user name or password" in problem(tmp_path, newsroom(url="https://u:secret@a.test/"))

    @pytest.mark.parametrize("name", ["", "A", "-x", ".x", "a/b", "a b", "é", "..", "x" * 101])
    def test_of_a_name(self, tmp_path: Path, name: str) -> None:
        assert "cannot name a file" in problem(tmp_path, newsroom(name=name))
        assert "cannot name a file" in problem(tmp_path, f'[[digest]]\nname = "{name}"')

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('at = "25:00"', 'is no time of day; write for example "07:00"'),
            ("at = 7", "7 is no time of day"),
            ('cron = "x"', "is no cron schedule"),
            ('cron = "99 * * * *"', "is no cron schedule"),
            ('cron = "0 7 * * 1"', "counts weekdays"),
            ('cron = "0 7 * * mon-fri,6"', "counts weekdays"),
            ('cron = "0 7 31 2 *"', "names a day that never comes"),
            ('at = "07:00"\ncron = "0 7 * * */2"', ':4: digest[1] (d).cron: stands beside "at"'),
            ('every = "1h"\nat = "07:00"', 'stands beside "at"; keep one of at, every and cron'),
            ('formats = ["pdf"]', "'pdf' is no format; the formats are html, md, json"),
            ('kinds = ["zzz"]', "is no kind of change; the kinds are new, edited"),
            ("kinds = [3]", "3 is no kind of change"),
            ('skip_empty = "no"', "'no' is neither true nor false"),
            ('newsrooms = [""]', "is empty"),
        ],
    )  # fmt: skip
    def test_of_a_digest(self, tmp_path: Path, text: str, told: str) -> None:
        assert told in problem(tmp_path, f'[[digest]]\nname = "d"\n{text}')

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('contact = "a\\nb"', "cannot stand in a request header"),
            ('contact = "zoë"', "cannot stand in a request header"),
            ("requests_per_day = 0", "the least is 1"),
            ("requests_per_day = 1000000000000", "is too large; the most is 86400"),
            ('data_dir = "a\\u0000b"', "is no folder (embedded null byte); name another one"),
            ('data_dir = "~nobody-is-called-so/x"', "is no folder (Could not determine home directory.); name"),
            (f'data_dir = "{"x" * 300}"', "is longer than this system takes; name another folder"),
            ('data_dir = "presswatch.toml"', "presswatch.toml is a file, or lies in one; move that away"),
            ('data_dir = "presswatch.toml/data"', "is a file, or lies in one; move that away or name another folder"),
            ('allow_private_addresses = "yes"', "neither true nor false"),
            ('[newsroom]\nid = "a"', "newsroom: write its header with two brackets: [[newsroom]]"),
            ('digest = "x"', "digest: write its header with two brackets: [[digest]]"),
            ('data_dir = ""', "is empty"),
        ],
    )
    def test_of_the_whole(self, tmp_path: Path, text: str, told: str) -> None:
        assert told in problem(tmp_path, text)

    def test_of_two_alike(self, tmp_path: Path) -> None:
        text = newsroom() + newsroom(url="https://b.test/") + '[[digest]]\nname = "d"\n[[digest]]\nname = "d"'
        assert problems(tmp_path, text) == [
            'presswatch.toml:6: newsroom[2] (a).id: "a" is already newsroom[1]; each needs its own id',
            'presswatch.toml:12: digest[2] (d).name: "d" is already digest[1]; each needs its own name',
        ]

    def test_of_two_newsrooms_at_one_address(self, tmp_path: Path) -> None:
        text = newsroom(name="one", url="https://www.a.test/news/") + newsroom(name="two", url="https://a.test/news")
        told = problem(tmp_path, text)
        assert told == (
            'presswatch.toml:7: newsroom[2] (two).url: "two" and "one" have the same address; keep one of them'
        )

    def test_two_filters_of_one_archive_are_two_addresses(self, tmp_path: Path) -> None:
        urls = [f"https://a.test/news?country={country}" for country in ("peru", "chad")]
        text = newsroom(name="one", url=urls[0]) + newsroom(name="two", url=urls[1])
        assert len(load(written(tmp_path, text)).newsrooms) == 2

    def test_of_the_data_directory_beside_others(self, tmp_path: Path) -> None:
        (tmp_path / "data").touch()
        text = newsroom(url="https://a.test/") + newsroom(name="b", url="https://a.test/")
        first, second = problems(tmp_path, text)
        assert first.startswith("presswatch.toml:1: data_dir: ")
        assert "keep one of them" in second

    @pytest.mark.parametrize(
        ("recipe", "told"),
        [
            ('entry = "div["', "recipe.entry: 'div[' is not a CSS selector; write for example"),
            ('entry = "li"\ndate = "a..b@datetime"', "recipe.date: 'a..b@datetime' is not a CSS selector"),
            ('entry = "@href"', "recipe.entry: '@href' names no element"),
        ],
    )
    def test_of_a_selector_are_told_where_recipes_are_tried(self, tmp_path: Path, recipe: str, told: str) -> None:
        text = newsroom() + f"[newsroom.recipe]\n{recipe}\n"
        path = written(tmp_path, text)
        assert load(path).newsrooms[0].recipe is not None
        with pytest.raises(ConfigError) as caught:
            load(path, recipes=True)
        assert f":{len(text.splitlines())}: newsroom[1] (a).{told}" in str(caught.value)

    def test_a_recipe_without_fault_is_none(self, tmp_path: Path) -> None:
        path = written(tmp_path, FULL)
        assert load(path, recipes=True) == load(path)


class TestAFileThatCannotBeRead:
    def test_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(
            ConfigError, match=r"^presswatch\.toml: there is no such file; write one with `presswatch init`"
        ):
            load(Path("presswatch.toml"))
        with pytest.raises(ConfigError, match=r"`presswatch --config other\.toml init`"):
            load(Path("other.toml"))

    def test_is_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="cannot be read"):
            load(tmp_path)

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (b"a = 1\nb = $", ":2: is no TOML: Invalid value (column 5)"),
            (b"contact = me@example.org", ":1: is no TOML"),
            (b"a = 1\n[x\n\n", ":2: is no TOML"),
            (b'a = """x\n', ":1: is no TOML"),
            (b"a = 1\nb = \xff", ":2: is not UTF-8"),
            (b"a = " + b"[" * 100_000, ":1: is nested too deep"),
        ],
    )  # fmt: skip
    def test_is_no_toml(self, tmp_path: Path, body: bytes, told: str) -> None:
        path = tmp_path / "presswatch.toml"
        path.write_bytes(body)
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert f"presswatch.toml{told}" in str(caught.value)


class TestChoosing:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))

    def test_prefers_the_option_then_the_variable_then_this_folder_then_the_user(self, tmp_path: Path) -> None:
        environ = {"PRESSWATCH_CONFIG": "/from/variable.toml"}
        assert choose(None, {}) == Path("presswatch.toml")
        users = tmp_path / "user" / "presswatch" / "presswatch.toml"
        users.parent.mkdir(parents=True)
        users.touch()
        assert choose(None, {}) == users
        Path("presswatch.toml").touch()
        assert choose(None, {}) == Path("presswatch.toml")
        assert choose(None, environ) == Path("/from/variable.toml")
        assert choose(Path("option.toml"), environ) == Path("option.toml")
        assert choose(None, {"PRESSWATCH_CONFIG": ""}) == Path("presswatch.toml")
