"""Tells what is wrong with a configuration file: file, line, key and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scheduler.configfile import key_lines, line_of
from scheduler.configschema import NOT_BUILT_YET, TABLES, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from scheduler.configfile import Path as KeyPath


def fault_lines(path: Path, text: str, raw: Mapping[str, Any], found: Iterable[tuple[KeyPath, str]]) -> list[str]:
    """One line for each fault (where, what) in the order of the file: file, line, key, fault and the way out."""
    lines = key_lines(text)
    placed = sorted({(line_of(where, lines), _key(where, raw), what) for where, what in found})
    return [f"{path}:{line}: {key}: {what}" for line, key, what in placed]


def _key(where: KeyPath, raw: Mapping[str, Any]) -> str:
    """`newsroom[2] (its-id).recipe.entry`: counted from 1, named where it has a name."""
    written = ""
    inside: Any = raw
    for part in where:
        if isinstance(part, int):
            written += f"[{part + 1}]"
            inside = inside[part] if isinstance(inside, list) else None
            name = (inside.get("id") or inside.get("name")) if isinstance(inside, dict) else None
            written += f" ({name})" if isinstance(name, str) else ""
        else:
            written += f".{part}" if written else part
            inside = inside.get(part) if isinstance(inside, dict) else None
    return written


def sentence(fault: Mapping[str, Any]) -> str:
    """What is wrong and the way out, for one fault that pydantic found."""
    where, context = tuple(fault["loc"]), fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden":
            return _unknown(where)
        case "missing":
            return "is missing; add it below this header" if len(where) > 1 else "is missing"
        case "value_error":
            return str(context["error"])
        case "string_type":
            return f"{fault['input']!r} is no text; write it in quotes"
        case "bool_type":
            return f"{fault['input']!r} is neither true nor false; write one of them, without quotes"
        case "int_type" | "int_from_float":
            return f"{fault['input']!r} is no whole number; write for example 10, without quotes"
        case "greater_than_equal" | "less_than_equal":
            bound = f"small; the least is {context['ge']}" if "ge" in context else f"large; the most is {context['le']}"
            return f"{fault['input']!r} is too {bound}"
        case "list_type" if where in {("newsroom",), ("digest",)}:
            return f"write its header with two brackets: [[{where[0]}]]"
        case "list_type":
            return f'{fault["input"]!r} is no list; write for example ["html", "md"]'
        case _:
            return f"{str(fault['msg'])[:1].lower()}{str(fault['msg'])[1:]}"


def _unknown(where: KeyPath) -> str:
    names = tuple(part for part in where if isinstance(part, str))
    table, key = names[:-1], names[-1]
    if names in NOT_BUILT_YET:
        return "is not supported yet; leave it out"
    known = TABLES[table].model_fields
    for other, schema in TABLES.items():
        if key in schema.model_fields and key not in known:
            place = "at the top of the file, above any [[header]]"
            if other:
                place = f"below [[{other[0]}]]" if len(other) == 1 else f"below [{'.'.join(map(str, other))}]"
            return f"is not known here; it belongs {place}"
    return f"is not known{suggestion(key, known) or '; the keys here are ' + ', '.join(known)}"
