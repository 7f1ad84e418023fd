"""Configuration shown to people: a commented example file, the effective values, and the reference table."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from lienthong.infra.config import Entry, RoleConfig, SecretFile, Size, fields_of, types_of
from lienthong.infra.config_text import duration_text, size_text


def example_file(role: type[RoleConfig]) -> str:
    """A commented TOML file for the role and the roles that share its file; required keys are live lines."""
    return "\n".join(_example_table(each) for each in role.sharers().values())


def effective(config: RoleConfig) -> list[tuple[str, str]]:
    """Each key with the value in force as TOML text; of a secret only the path."""
    kinds = types_of(type(config))
    return [
        (f.name, toml_value(getattr(config, f.name), kinds[f.name]) or "(không đặt · not set)")
        for f in fields_of(type(config))
    ]


def reference_rows(role: type[RoleConfig]) -> list[tuple[str, str, str, str, str]]:
    """Rows of the reference: key, type, default, meaning in Vietnamese, meaning in English."""
    kinds = types_of(role)
    return [
        (f.name, type_text(kinds[f.name]), default_text(f, kinds[f.name]), f.metadata["vi"], f.metadata["en"])
        for f in fields_of(role)
    ]


def default_text(field: dataclasses.Field[Any], kind: Any) -> str:
    """The default as TOML text, or what its absence means."""
    if field.default is dataclasses.MISSING:
        return "bắt buộc · required"
    return toml_value(field.default, kind) or "–"


def toml_value(value: Any, kind: Any) -> str | None:
    """A value as it is written in the file; None when there is nothing to write."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return f'"{duration_text(value)}"'
    if kind is Size:
        return f'"{size_text(value)}"'
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, SecretFile):
        return _quoted(str(value.path))
    if isinstance(value, tuple):
        return "[" + ", ".join(_entry(v) if isinstance(v, Entry) else _quoted(v) for v in value) + "]"
    return _quoted(str(value))


def type_text(kind: Any) -> str:
    """The type of a key in a word or two."""
    origin = typing.get_origin(kind)
    if origin in {typing.Union, types.UnionType}:
        return type_text(next(k for k in typing.get_args(kind) if k is not types.NoneType))
    if origin is Literal:
        return " / ".join(typing.get_args(kind))
    if origin is tuple:
        return "list of tables" if issubclass(typing.get_args(kind)[0], Entry) else "list of text"
    names: dict[Any, str] = {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true / false",
        Path: "path",
        Size: "size",
        timedelta: "duration",
        SecretFile: "secret file",
    }
    return names[kind]


def _entry(entry: Entry) -> str:
    """A small table in one line."""
    kinds = typing.get_type_hints(type(entry))
    return "{" + ", ".join(f"{name} = {toml_value(getattr(entry, name), kinds[name])}" for name in kinds) + "}"


def _quoted(text: str) -> str:
    """A basic TOML string."""
    out = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in out) + '"'


def _example_table(role: type[RoleConfig]) -> str:
    kinds = types_of(role)
    lines = [f"[{role.table}]"]
    for field in fields_of(role):
        lines += [f"# {field.metadata['vi']}", f"# {field.metadata['en']}"]
        example = field.metadata["example"] or toml_value(field.default, kinds[field.name])
        live = "" if field.default is dataclasses.MISSING or field.metadata["live"] else "# "
        lines += [f"{live}{field.name} = {example}", ""]
    return "\n".join(lines)
