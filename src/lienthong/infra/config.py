"""Configuration: one TOML file a role, read once into a frozen dataclass before anything starts.

A role's dataclass derives from :class:`RoleConfig` and makes each field with :func:`key`, which carries the
operator's documentation. Field types: ``str``, ``int``, ``float``, ``bool``, ``Path`` (relative ones start at
the file's own folder), :data:`Size`, ``timedelta``, :class:`SecretFile`, ``Literal`` choices,
``tuple[str, ...]``, tuples of an :class:`Entry`, and each of them ``| None``. All problems of a file are reported
together, with lines. This is the only module that reads the environment of the process.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import re
import stat
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal, NewType, TypeVar

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.infra.config_text import key_lines, parse_duration, parse_size
from lienthong.infra.errors import CONFIG_INVALID, CONFIG_MISSING

Size = NewType("Size", int)
"""A number of bytes, written in the file as ``"200 MB"``."""

LogLevel = Literal["debug", "info", "warning", "error"]
"""How much a role writes to its log."""

MAX_CONFIG_BYTES = 1_000_000


@dataclass(frozen=True)
class SecretFile:
    """A file that holds one secret and nothing else; the configuration itself never holds a secret."""

    path: Path

    def read(self) -> bytes:
        """The secret, without the line end that editors add."""
        return self.path.read_bytes().rstrip(b"\r\n")


class RoleConfig:
    """Base of the roles' configurations.

    ``table``: name of the role's table in the file. ``file``: roles with the same name share one file.
    """

    table: ClassVar[str]
    file: ClassVar[str]
    _known: ClassVar[dict[str, dict[str, type[RoleConfig]]]] = {}

    def __init_subclass__(cls) -> None:
        RoleConfig._known.setdefault(cls.file, {})[cls.table] = cls

    def contradictions(self) -> list[tuple[str, str, str]]:
        """Rules between keys that are broken: ``(key, vi, en)``; roles override this."""
        return []

    @classmethod
    def sharers(cls) -> Mapping[str, type[RoleConfig]]:
        """Table name to class, for all roles that live in the same file."""
        return RoleConfig._known[cls.file]


class Entry:
    """Base of the small tables that a list holds, such as ``further_axes = [{name = "…", url = "…"}]``.

    Derived classes are frozen dataclasses; all their members are required.
    """


Role = TypeVar("Role", bound=RoleConfig)


def key(
    *,
    vi: str,
    en: str,
    default: Any = dataclasses.MISSING,
    example: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    live: bool = False,
) -> Any:
    """One key of a role: what it means to the operator in two languages, its bounds, and an example value.

    ``minimum``/``maximum`` are bytes for sizes and seconds for durations. ``example`` is TOML text. ``live``: the
    example file sets this key although it may be left out.
    """
    about = {"vi": vi, "en": en, "example": example, "minimum": minimum, "maximum": maximum, "live": live}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=about)
    return dataclasses.field(default=default, metadata=about)


def fields_of(role: type[RoleConfig]) -> tuple[dataclasses.Field[Any], ...]:
    """The keys of a role in the order of its file."""
    return dataclasses.fields(typing.cast(Any, role))


def types_of(role: type[RoleConfig]) -> dict[str, Any]:
    """The declared type of each key of a role."""
    return typing.get_type_hints(role)


def load(path: Path, role: type[Role]) -> Role:
    """Read and check a whole file, the tables of other roles too, and give the part of ``role``.

    Errors: CONFIG_MISSING, CONFIG_INVALID with one problem for each fault (``path`` is ``table.key``).
    """
    text = _read(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise _invalid(path, [_not_toml(str(reason))]) from reason
    found = _Reading(path, key_lines(text))
    found.check_tables(data, role.sharers())
    loaded = {name: found.role(data.get(name, {}), each) for name, each in role.sharers().items()}
    if found.problems:
        raise _invalid(path, found.problems)
    mine = loaded[role.table]
    if not isinstance(mine, role):
        raise TypeError(f"{role.__name__} is not registered for its own table")
    return mine


def locate(role: type[RoleConfig], given: Path | None = None) -> Path:
    """Which file to read: the one given, else in ``$LIENTHONG_CONFIG_DIR``, else in ``/etc/lienthong``.

    A connector's may also be named by ``$LIENTHONG_PROFILE``.
    """
    if given is not None:
        return given
    profile = os.environ.get("LIENTHONG_PROFILE") if role.file == "connector" else None
    if profile:
        return Path(profile)
    return Path(os.environ.get("LIENTHONG_CONFIG_DIR", "/etc/lienthong")) / f"{role.file}.toml"


def preferred_language() -> Literal["vi", "en"]:
    """Language of messages: ``$LIENTHONG_LANG``, else English when the locale says so, else Vietnamese."""
    wanted = os.environ.get("LIENTHONG_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if wanted.lower().startswith("en") else "vi"


def secret_variable(name: str) -> bytes:
    """The secret in an environment variable; empty when it is not set."""
    return os.environb.get(name.encode(), b"")


def child_environment(**extra: str) -> dict[str, str]:
    """The environment for a program that we start: ours without the libpq variables, plus ``extra``."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")} | extra


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise _invalid(path, [_problem("", 0, "tệp quá lớn", "the file is too large")])
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as reason:
        raise Refused(CONFIG_MISSING, path=path) from reason
    except OSError as reason:
        said = reason.strerror or type(reason).__name__
        raise _invalid(path, [_problem("", 0, f"không đọc được tệp ({said})", f"unreadable ({said})")]) from reason
    except UnicodeDecodeError as reason:
        raise _invalid(path, [_problem("", 0, "tệp không phải UTF-8", "the file is not UTF-8")]) from reason


def _invalid(path: Path, problems: list[Problem]) -> Refused:
    return Refused(CONFIG_INVALID, tuple(problems), path=path, count=len(problems))


def _not_toml(reason: str) -> Problem:
    """The parser names line and column in its English sentence; the Vietnamese one names them too."""
    place = re.search(r"line (\d+), column (\d+)", reason)
    at = f" (dòng {place[1]}, cột {place[2]})" if place else ""
    return _problem("", 0, f"tệp không đúng cú pháp TOML{at}", f"not TOML: {reason}")


def _problem(where: str, line: int, vi: str, en: str, kind: ProblemKind = ProblemKind.FORMAT) -> Problem:
    at_vi, at_en = (f"Dòng {line}: ", f"Line {line}: ") if line else ("", "")
    return Problem(kind, where, f"{at_vi}{vi}.", f"{at_en}{en}.")


class _Wrong(Exception):
    """A value that does not fit its key; carries the sentence in both languages."""

    def __init__(self, vi: str, en: str, kind: ProblemKind = ProblemKind.TYPE) -> None:
        super().__init__(en)
        self.vi, self.en, self.kind = vi, en, kind


class _Reading:
    """One pass over one file, collecting every problem."""

    def __init__(self, path: Path, lines: dict[tuple[str, str], int]) -> None:
        self.folder = path.resolve().parent
        self.lines = lines
        self.problems: list[Problem] = []

    def add(self, table: str, name: str, vi: str, en: str, kind: ProblemKind) -> None:
        line = self.lines.get((table, name)) or self.lines.get((table, ""), 0)
        self.problems.append(_problem(f"{table}.{name}" if name else table, line, vi, en, kind))

    def check_tables(self, data: dict[str, Any], known: Mapping[str, type[RoleConfig]]) -> None:
        for name, value in data.items():
            if name not in known:
                vi, en = _nearest(name, list(known))
                line = self.lines.get(("", name)) or self.lines.get((name, ""), 0)
                what = ("bảng", "table") if isinstance(value, dict) else ("khoá ngoài bảng", "key outside a table")
                self.problems.append(
                    _problem(name, line, f"{what[0]} “{name}” không tồn tại{vi}", f"unknown {what[1]} “{name}”{en}")
                )

    def role(self, given: Any, role: type[RoleConfig]) -> RoleConfig | None:
        """The role made from its table, or None when anything in it is wrong."""
        table = role.table
        if not isinstance(given, dict):
            self.add("", table, f"“{table}” phải là một bảng", f"“{table}” must be a table", ProblemKind.TYPE)
            return None
        before = len(self.problems)
        fields = {f.name: f for f in fields_of(role)}
        for name in given.keys() - fields.keys():
            vi, en = _nearest(name, list(fields))
            self.add(
                table,
                name,
                f"khoá “{name}” không tồn tại{vi}",
                f"unknown key “{name}”{en}",
                ProblemKind.RANGE,
            )
        values = self._values(given, fields, types_of(role), table)
        if len(self.problems) > before:
            return None
        made = role(**values)
        for name, vi, en in made.contradictions():
            self.add(table, name, vi, en, ProblemKind.RANGE)
        return made

    def _values(
        self,
        given: dict[str, Any],
        fields: Mapping[str, dataclasses.Field[Any]],
        kinds: dict[str, Any],
        table: str,
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, field in fields.items():
            if name not in given:
                if field.default is dataclasses.MISSING:
                    self.add(
                        table,
                        name,
                        f"thiếu khoá “{name}”",
                        f"the key “{name}” is missing",
                        ProblemKind.REQUIRED,
                    )
                elif isinstance(field.default, Path):
                    values[name] = self.folder / field.default
                continue
            try:
                values[name] = self._value(given[name], kinds[name])
                _check_bounds(values[name], field)
            except _Wrong as wrong:
                self.add(table, name, f"“{name}” {wrong.vi}", f"“{name}” {wrong.en}", wrong.kind)
        return values

    def _value(self, value: Any, kind: Any) -> Any:
        origin = typing.get_origin(kind)
        if origin in {typing.Union, types.UnionType}:
            return self._value(value, next(k for k in typing.get_args(kind) if k is not types.NoneType))
        if origin is Literal:
            return _choice(value, typing.get_args(kind))
        if origin is tuple and issubclass(typing.get_args(kind)[0], Entry):
            return self._entries(value, typing.get_args(kind)[0])
        if origin is tuple:
            if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
                raise _Wrong("phải là danh sách chuỗi", "must be a list of strings")
            return tuple(value)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if kind in _PLAIN:
            expected, vi, en = _PLAIN[kind]
            if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
                raise _Wrong(f"phải là {vi}", f"must be {en}")
            return value
        if not isinstance(value, str) or not value or "\0" in value:
            raise _Wrong("phải là chuỗi không rỗng", "must be a non-empty string")
        return self._written(value, kind)

    def _entries(self, value: Any, kind: type[Entry]) -> tuple[Entry, ...]:
        """A list of small tables, each whole and without unknown members."""
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise _Wrong("phải là danh sách bảng", "must be a list of tables")
        kinds = typing.get_type_hints(kind)
        made = []
        for number, row in enumerate(value, 1):
            for name in row.keys() - kinds.keys():
                vi, en = _nearest(name, list(kinds))
                raise _Wrong(
                    f"mục {number}: khoá “{name}” không tồn tại{vi}", f"entry {number}: unknown key “{name}”{en}"
                )
            for name in kinds.keys() - row.keys():
                raise _Wrong(f"mục {number}: thiếu khoá “{name}”", f"entry {number}: the key “{name}” is missing")
            try:
                made.append(kind(**{name: self._value(row[name], kinds[name]) for name in kinds}))
            except _Wrong as wrong:
                raise _Wrong(f"mục {number}: {wrong.vi}", f"entry {number}: {wrong.en}", wrong.kind) from None
        return tuple(made)

    def _written(self, value: str, kind: Any) -> Any:
        """Values that are written as strings with a form of their own."""
        if kind is str:
            return value
        if kind is Path:
            return self.folder / Path(value).expanduser()
        if kind is SecretFile:
            return _secret(self.folder / Path(value).expanduser())
        try:
            return Size(parse_size(value)) if kind is Size else parse_duration(value)
        except ValueError as reason:
            form = "200 MB" if kind is Size else "30 s"
            raise _Wrong(f"phải viết như “{form}”", f"must be written like “{form}”", ProblemKind.FORMAT) from reason


_PLAIN: dict[Any, tuple[type, str, str]] = {
    int: (int, "số nguyên", "a whole number"),
    float: (float, "số", "a number"),
    bool: (bool, "true hoặc false", "true or false"),
}


def _nearest(name: str, known: list[str]) -> tuple[str, str]:
    close = difflib.get_close_matches(name, known, 1, 0.5)
    return (f"; có phải “{close[0]}”", f"; did you mean “{close[0]}”") if close else ("", "")


def _choice(value: Any, choices: tuple[Any, ...]) -> Any:
    if value not in choices:
        listed = ", ".join(map(str, choices))
        raise _Wrong(f"phải là một trong: {listed}", f"must be one of: {listed}", ProblemKind.RANGE)
    return value


def _secret(path: Path) -> SecretFile:
    """Check that a secret's file is there and is the owner's alone."""
    try:
        mode = path.stat().st_mode
    except OSError as reason:
        raise _Wrong(f"không đọc được tệp {path}", f"names an unreadable file {path}", ProblemKind.RANGE) from reason
    if not stat.S_ISREG(mode) or mode & 0o077:
        raise _Wrong(
            f"trỏ tới tệp {path} mà người khác cũng truy cập được; hãy chạy chmod 600",
            f"names {path}, which others can access; run chmod 600",
            ProblemKind.RANGE,
        )
    return SecretFile(path)


def _check_bounds(value: Any, field: dataclasses.Field[Any]) -> None:
    number = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        return
    low, high = field.metadata["minimum"], field.metadata["maximum"]
    if math.isnan(number) or (low is not None and number < low):
        raise _Wrong(f"không được nhỏ hơn {low}", f"must not be less than {low}", ProblemKind.RANGE)
    if high is not None and number > high:
        raise _Wrong(f"không được lớn hơn {high}", f"must not be more than {high}", ProblemKind.RANGE)
