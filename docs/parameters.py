"""Writes the tables of hyper-parameters into docs/configuration.md, from `E3MConfig`.

Usage: python -m docs.parameters
"""

from __future__ import annotations

import re
import typing
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from pydantic.fields import FieldInfo

from fiftyone_e3m.config import PRESETS, E3MConfig, extra

PAGE = Path(__file__).with_name("configuration.md")
BLOCK = re.compile(r"<!-- parameters -->.*<!-- /parameters -->", re.DOTALL)
SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "at least"}
"""How the page writes each kind of limit."""
HEAD = ("parameter", "default", "range", "unit", "what it does", "source")
OTHER_PAGE = re.compile(r"docs/(\w+\.md)")


def shown(value: Any) -> str:
    """A value as code, a tuple as its members.

    Example:
        >>> shown(0.25), shown(("crop", "blur")), shown(None)
        ('`0.25`', '`"crop"`, `"blur"`', '`None`')
    """
    if isinstance(value, tuple):
        return ", ".join(map(shown, value))
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def allowed(field: FieldInfo) -> str:
    """The values that a parameter may have, as a phrase; empty where its type says all."""
    kind = field.annotation
    choices = [kind, *typing.get_args(kind)]
    named = [
        value
        for part in choices
        if typing.get_origin(part) is Literal
        for value in typing.get_args(part)
    ]
    if named:
        phrase = ", ".join(map(shown, named))
        return f"some of {phrase}" if typing.get_origin(kind) is tuple else phrase
    if kind is bool:
        return f"{shown(True)}, {shown(False)}"
    limits = [
        f"{sign} {getattr(limit, name):,}"
        for limit in field.metadata
        for name, sign in SIGNS.items()
        if hasattr(limit, name)
    ]
    words = {int: "whole", float: "", str: "text"}.get(kind, "names")
    return ", ".join(part for part in (words, *limits) if part)


def row(name: str, field: FieldInfo) -> str:
    """A parameter as a row of its table."""
    about = extra(field)
    default = shown(field.default)
    for preset, changes in PRESETS.items():
        if name in changes:
            default += f"; {preset}: {shown(changes[name])}"
    described = (str(field.description), OTHER_PAGE.sub(r"[\1](\1)", about["source"]))
    return line(f"`{name}`", default, allowed(field), about["unit"], *described)


def line(*cells: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def tables() -> str:
    """All parameters as Markdown tables, by group."""
    fields = E3MConfig.model_fields.items()
    lines = [f"{len(fields)} parameters."]
    for group, members in groupby(fields, key=lambda item: extra(item[1])["group"]):
        lines += ["", f"## {group}", "", line(*HEAD), line(*["---"] * len(HEAD))]
        lines += [row(name, field) for name, field in members]
    return "<!-- parameters -->\n" + "\n".join(lines) + "\n<!-- /parameters -->"


def main() -> None:
    """Replaces the tables in the page."""
    PAGE.write_text(BLOCK.sub(lambda _: tables(), PAGE.read_text()))


if __name__ == "__main__":
    main()
