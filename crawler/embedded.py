"""Entries that a page holds as JSON in a script: found, and written as plain markup that the reader reads like any."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from storage.records import Recipe

_SCRIPTS = "script[type*=json i], script:not([src]):not([type])"
_ASSIGNED = re.compile(r"\s*(?:window|self|globalThis|var|let|const)[\s.][\w$.\[\]\"']{1,60}\s*=\s*(?=[{\[])")
_PLAIN = re.compile(r"[A-Za-z_][\w-]*")
_MOST_SCRIPTS, _MOST_CHARACTERS = 60, 3_000_000
_MOST_VALUES, _DEEPEST = 100_000, 24  # of one script, that are looked at
_FEWEST, _MOST = 2, 500  # entries of a listing
# What the fields are called in most pages' data, the surest first; compared without case, "_" and "-".
_KEYS = {
    "title": ("headline", "title", "name", "heading", "subject"),
    "link": ("url", "link", "href", "permalink", "canonicalurl", "path", "uri", "mainentityofpage", "@id"),
    "date": (
        "datepublished", "publishedat", "publisheddate", "publishdate", "publicationdate", "published", "pubdate",
        "releasedate", "date", "displaydate", "datecreated", "createdat", "created", "postdate",
    ),
    "kind": ("articlesection", "category", "type", "kind"),
    "summary": ("description", "summary", "excerpt", "teaser", "abstract", "subtitle", "dek"),
}  # fmt: skip


def data_lists(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """Selectors of scripts, and the paths in them to lists of objects that have a title and more, in page order."""
    for node in tree.css(_SCRIPTS)[:_MOST_SCRIPTS]:
        selector = _selector(node)
        seen: set[str] = set()
        for path, value in _walk(_parsed(node)) if selector else ():
            if path not in seen and isinstance(value, list) and _FEWEST <= len(value) <= _MOST:
                objects = [_unwrapped(one) for one in value]
                told = sum(bool(_field(one, "title")) and bool(_field(one, "link")) for one in objects)
                if 2 * told > len(objects):
                    seen.add(path)
                    yield str(selector), path


def as_markup(recipe: Recipe, tree: LexborHTMLParser) -> str:
    """The objects that a recipe with `data` names, one article each; what it leaves out is found by its usual name."""
    articles = []
    for node in tree.css(recipe.entry)[:_MOST_SCRIPTS]:
        for one in _followed(_parsed(node), recipe.data.split(".") if recipe.data else []):
            told = _unwrapped(one)
            fields = {name: _field(told, name, getattr(recipe, name)) for name in _KEYS}
            if fields["title"]:
                articles.append(_article({name: escape(value) for name, value in fields.items()}))
    return "".join(articles[:_MOST])


def _article(told: dict[str, str]) -> str:
    title = f'<a href="{told["link"]}">{told["title"]}</a>' if told["link"] else told["title"]
    date = f'<time datetime="{told["date"]}">{told["date"]}</time>' if told["date"] else ""
    kind = f'<b class="kind">{told["kind"]}</b>' if told["kind"] else ""
    return f"<article>{kind}<h2>{title}</h2>{date}<p>{told['summary']}</p></article>"


def _selector(node: LexborNode) -> str | None:
    """How to find a script again: by its id, else by its type; the path in it does the rest."""
    name = node.attributes.get("id") or ""
    if _PLAIN.fullmatch(name):
        return f"script#{name}"
    kind = node.attributes.get("type")
    return f'script[type="{kind}"]' if kind and '"' not in kind else "script:not([src]):not([type])"


def _parsed(node: LexborNode) -> Any:  # noqa: ANN401 - JSON is of any type
    text = node.text(deep=True)
    start = _ASSIGNED.match(text)
    text = text[start.end() if start else 0 :].lstrip()
    if text[:1] not in {"{", "["} or len(text) > _MOST_CHARACTERS:
        return None
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _walk(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON is of any type
    """Every value with the path to it; the elements of a list share one path, that of "*"."""
    waiting = [("", value, 0)]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        path, one, depth = waiting.pop()
        yield path, one
        if depth >= _DEEPEST:
            continue
        if isinstance(one, dict):
            inner = [(_join(path, key), part, depth + 1) for key, part in one.items() if "." not in key]
            waiting.extend(reversed(inner))
        elif isinstance(one, list):
            waiting.extend((_join(path, "*"), part, depth + 1) for part in reversed(one))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _followed(value: Any, path: list[str]) -> Iterator[Any]:  # noqa: ANN401 - JSON is of any type
    """The elements of the lists at the end of a path."""
    if not path or path == [""]:
        yield from value if isinstance(value, list) else ()
        return
    key, *rest = path
    if key == "*" and isinstance(value, list):
        for one in value[:_MOST]:
            yield from _followed(one, rest)
    elif isinstance(value, dict) and key in value:
        yield from _followed(value[key], rest)


def _unwrapped(value: Any) -> Any:  # noqa: ANN401 - JSON is of any type
    """The object that a list's element wraps: schema.org's ListItem, a node of GraphQL, a record's attributes."""
    for key in ("item", "node", "attributes", "fields"):
        inner = value.get(key) if isinstance(value, dict) else None
        if isinstance(inner, dict):
            return {**value, **inner}
    return value


def _field(value: Any, name: str, key: str | None = None) -> str:  # noqa: ANN401 - JSON is of any type
    """One field of an object as text: that at the key (dotted), or under the surest of the usual names."""
    if not isinstance(value, dict):
        return ""
    if key is not None:
        found: Any = value
        for step in key.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return _text(found)
    plain = {re.sub(r"[_-]", "", k).lower(): v for k, v in value.items()}
    return next((text for usual in _KEYS[name] if (text := _text(plain.get(usual)))), "")


def _text(value: Any) -> str:  # noqa: ANN401 - JSON is of any type
    if isinstance(value, dict):  # {"rendered": …} of WordPress, {"@id": …} of JSON-LD, {"name": …}
        value = next(
            (value[k] for k in ("rendered", "@id", "name", "value", "url") if isinstance(value.get(k), str)), ""
        )
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return unescape(re.sub(r"<[^>]{0,500}>", " ", str(value))).strip()
