"""The benchmarks run, tiny, and tell faults where there are some; how long anything takes is asserted nowhere."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from benchmarks import crash, crash_truth, digest_cost, fleet, hot_paths, listing, newsroom_server, pagers, visit_cost
from benchmarks.whole import ROOT, machine
from scheduler.demo.newsroom import LocalNewsroom

if TYPE_CHECKING:
    from pathlib import Path

CHANGE = {"id": "a1", "newsroom": "room", "kind": "new", "url": "http://room.test/a", "title": "A", "detail": {}}


def test_a_life_tells_what_happened_and_keeps_its_truth() -> None:
    newsroom = LocalNewsroom(releases=60, per_page=crash_truth.PER_PAGE)
    life = crash_truth.Life.born(newsroom, "http://room.test", "room", seed=4)
    for _ in range(30):
        life.round(departure=True)
        life.between()
    told = {fact[0] for fact in life.truth}
    assert told == {"baseline", "new", "edited", "withdrawn", "unlisted", "moved", "restored"}
    assert len(set(life.truth)) == len(life.truth)
    assert life.at - crash_truth.STEP * 30 < life.at - timedelta(days=1)


def test_the_tally_tells_missing_doubled_and_false_facts_apart() -> None:
    new, gone, moved = ("new", "a"), ("withdrawn", "b"), ("moved", "c", "d")
    found = crash_truth.tally([new, gone], [new, new, moved])
    assert (found.missing, found.doubled, found.false, found.faults) == ((gone,), (new,), (moved,), 3)
    assert crash_truth.tally([new], [new]).faults == 0


@pytest.mark.parametrize(
    ("kind", "detail", "fact"),
    [
        ("new", {}, ("new", "http://room.test/a")),
        ("moved", {"from": "http://room.test/b"}, ("moved", "http://room.test/a", "http://room.test/b")),
        ("restored", {"after": "withdrawn"}, ("restored", "http://room.test/a", "withdrawn")),
        ("edited", {"fields": {"title": {"before": "A", "after": "B"}}}, ("edited", "http://room.test/a", "A", "B")),
        ("edited", {"fields": {"title": {}, "date": {}}}, ("edited", "http://room.test/a", "date", "title")),
    ],
)
def test_a_change_becomes_a_fact(kind: str, detail: dict[str, object], fact: tuple[str, ...]) -> None:
    assert crash_truth.fact(CHANGE | {"kind": kind, "detail": detail}) == fact


def test_issues_are_read_in_order_and_their_chain_is_followed(tmp_path: Path) -> None:
    first = json.dumps({"previous_sha256": None, "changes": [CHANGE]}).encode()
    (tmp_path / "20260101T000000Z.json").write_bytes(first)
    second = {"previous_sha256": hashlib.sha256(first).hexdigest(), "changes": [CHANGE | {"id": "a2"}]}
    (tmp_path / "20260102T000000Z.json").write_text(json.dumps(second))
    facts, faults = crash_truth.told_by(tmp_path)
    assert facts == [("new", "http://room.test/a")] * 2
    assert faults == []
    (tmp_path / "20260103T000000Z.json").write_text(json.dumps({"previous_sha256": "other", "changes": [CHANGE]}))
    assert len(crash_truth.told_by(tmp_path)[1]) == 2


def test_what_the_digests_lack_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    count = crash.Count("fold")
    crash.compare(count, [("new", "a"), ("withdrawn", "b")], tmp_path)
    assert (count.missing, count.doubled, count.false) == (3, 0, 0)  # the withdrawal is missing in both digests
    crash.report([count])
    assert "FAULT fold: digest all: missing: new a" in capsys.readouterr().out


def test_presswatch_is_killed_and_nothing_is_lost() -> None:
    script = str(ROOT / "benchmarks" / "crash.py")
    done = subprocess.run(  # noqa: S603 - the benchmark itself
        [sys.executable, script, "--stage", "fold", "--stage", "rename", "--kills", "1"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0] == machine()
    assert "2 kills" in done.stdout
    assert "0 faults" in done.stdout


def test_a_visit_is_measured_on_little_and_on_much(tmp_path: Path) -> None:
    lines = visit_cost.compare(tmp_path, 40, 120, 2)
    assert [line.split("=")[0].split()[0] for line in lines[1:]] == [
        "40",
        "unchanged,",
        "changed,",
        "40",
        "unchanged,",
        "changed,",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_digest_is_measured(tmp_path: Path) -> None:
    costs, sizes = digest_cost.digests(tmp_path, 20, 1)
    assert set(sizes) == {"html", "json", "md", "index.html", "feed.xml"}
    assert costs[0].peak_mb > 0
    assert "a digest of 20 changes" in digest_cost.told(20, costs, sizes)


def test_checks_are_measured_on_newsrooms_of_a_process_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert hot_paths.main(["--newsrooms", "4", "--repeat", "1", "--many-hosts"]) == 0
    told = capsys.readouterr().out
    assert [name for name in ("cold", "304", "same body", "a tenth", "changed") if name not in told] == []


def test_whole_checks_are_measured() -> None:
    rows = fleet.checks(2, 1, many_hosts=True, recipes=False)
    assert [row.name for row in rows] == ["cold (baseline), recipe inferred"]
    assert "ms" in fleet.HEAD
    assert rows[0].cpu_ms > 0


def test_no_two_newsrooms_serve_the_same_page() -> None:
    site = newsroom_server.Site(4, many_hosts=False, port=80)
    first, other = (site.respond("127.0.0.1:80", f"/n{number}/news", "") for number in (0, 2))
    assert first.startswith(b"HTTP/1.1 200")
    assert first.partition(b"\r\n\r\n")[2] != other.partition(b"\r\n\r\n")[2]
    assert site.respond("127.0.0.1:80", "/n0/news", '"0-0"').startswith(b"HTTP/1.1 304")
    site.publish(0.25)
    assert site.respond("127.0.0.1:80", "/n0/news", '"0-0"').startswith(b"HTTP/1.1 200")
    assert site.respond("127.0.0.1:80", "/robots.txt", "").startswith(b"HTTP/1.1 404")


def corpus(folder: Path, **cases: dict[str, object]) -> Path:
    """Saved pages of a list whose pager has these links, with what is marked in them."""
    for name, case in cases.items():
        links = "".join(f"<a href='{href}'>{label}</a> " for href, label in case.pop("links", ()))  # type: ignore[attr-defined] # pairs
        (folder / f"{name}.html").write_text(
            f"<html><body><div class=pager>{links}</div></body></html>", encoding="utf-8"
        )
        told = {"url": "http://room.test/news", "kind": "pager", **case}
        (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def test_next_pages_are_counted_by_their_mark_and_by_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    second = "http://room.test/news?page=2"
    older, numbers = [("?page=2", "« Older posts")], [("/news", "1"), ("?page=2", "2"), ("?page=3", "3")]
    monkeypatch.setenv("PRESSWATCH_CORPUS", str(tmp_path))
    corpus(
        tmp_path,
        a={"links": [("?page=2", "Next")], "pager": {"NEXT": [second]}},
        b={"links": older, "pager": {"PREV": [second]}},
        c={"links": numbers, "pager": {"PAGE": [second, f"{second[:-1]}3"]}},
        d={"links": [], "pager": {}},
        e={"links": [("?page=9", "Next")], "pager": {"NEXT": [second]}},
        f={"links": [], "pager": {"NEXT": [second]}},
        g={"links": [("?page=2", "Next")], "kind": "press", "items": [{"url": "http://room.test/1"}]},
        h={"links": [], "kind": "article"},
    )
    monkeypatch.setattr("sys.argv", ["pagers.py", "--cases"])
    assert pagers.main() == 1
    told = capsys.readouterr().out
    assert "pagers, as marked: 1 right, 1 none, 1 wrong, 1 missed, 2 invented -> 33.3% right" in told
    assert "in the order of the list: 3 right, 1 none, 1 wrong, 1 missed, 0 invented -> 66.7% right" in told
    assert "listing pages: 1 found, 0 invented" in told
    assert "release pages: 1 none, 0 invented" in told


def test_a_next_page_that_cannot_be_one_is_invented(tmp_path: Path) -> None:
    found = [("?page=2", "Next")]
    for kind, items in (("article", []), ("press", ["http://room.test/news?page=2"])):
        corpus(tmp_path, x={"links": found, "kind": kind, "items": [{"url": url} for url in items]})
        assert pagers.strayed(pagers.case(tmp_path / "x.html")) == "invented"


def test_without_a_corpus_it_is_said_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PRESSWATCH_CORPUS", raising=False)
    for arguments, said in (((), "give --corpus DIR"), (("--corpus", str(tmp_path)), "holds no cases")):
        monkeypatch.setattr("sys.argv", ["pagers.py", *arguments])
        with pytest.raises(SystemExit):
            pagers.main()
        assert said in capsys.readouterr().err


def test_predictions_are_written_for_a_corpus_and_nothing_without_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRESSWATCH_CORPUS", raising=False)
    out = tmp_path / "out"
    assert listing.main(["--out", str(out)]) == 0
    assert "skipped" in capsys.readouterr().out
    rows = "".join(
        f'<li><a href="/n/{n}">The pilots publish figure {n}</a> {n} May 2021</li>' for n in range(20, 12, -1)
    )
    for name, html in (("full", f"<ul>{rows}</ul>"), ("bare", "<p>Nothing here.</p>")):
        (tmp_path / f"{name}.html").write_text(f"<html lang=en><body>{html}</body></html>", encoding="utf-8")
        (tmp_path / f"{name}.json").write_text('{"url": "https://room.test/news"}', encoding="utf-8")
    index = [{"case": "full", "n": 8}, {"case": "bare", "n": 1}, {"case": "pager", "n": 0}]
    (tmp_path / "corpus.json").write_text(json.dumps(index), encoding="utf-8")
    assert listing.main(["--corpus", str(tmp_path), "--out", str(out)]) == 0
    assert "2 listings" in capsys.readouterr().out
    found = json.loads((out / "full.json").read_text(encoding="utf-8"))
    assert (len(found), found[0]["date"], found[0]["url"]) == (8, "2021-05-20", "https://room.test/n/20")
    assert json.loads((out / "bare.json").read_text(encoding="utf-8")) == []


def test_an_idea_is_back_after_it_was_left_out() -> None:
    scores = iter([1.0] + [0.9] * len(listing.IDEAS))
    before = [getattr(module, name) for changes in listing.IDEAS.values() for module, name, _ in changes]
    lines = list(listing.ablation(lambda: dict.fromkeys(listing.SHOWN, next(scores))))
    assert len(lines) == len(listing.IDEAS) + 3
    assert all("-0.100" in line for line in lines[3:])
    assert before == [getattr(module, name) for changes in listing.IDEAS.values() for module, name, _ in changes]
