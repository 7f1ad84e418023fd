"""Structured field values of HTTP: the part that signatures and digests need.

Source: RFC 9651 clauses 3.1.1, 3.1.2, 3.2, 3.3 and 4.2. Stricter on one point: a key given twice is an error, where
the RFC lets the last one win, because two readers must never see two messages. Dates, display strings and decimals do
not occur in the fields read here and are errors.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64encode
from dataclasses import dataclass, field

MAXIMUM_FIELD = 8192
_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_STRING = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_BOOLEAN = re.compile(r"\?([01])")
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*")
_NEXT_MEMBER = re.compile(r"[ \t]*,[ \t]*")
_PARAMETER = re.compile(r"; *")
_SPACES = re.compile(r" *")


class NotStructured(ValueError):
    """The text is not such a field; the message says what was expected."""


class Token(str):
    """A bare word, as opposed to a quoted string."""

    __slots__ = ()


Bare = int | str | bytes | bool | Token


@dataclass(frozen=True, slots=True)
class Item:
    """A bare value with its parameters, in their order."""

    value: Bare
    parameters: dict[str, Bare] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InnerList:
    """Items in round brackets, with the parameters of the whole."""

    items: tuple[Item, ...]
    parameters: dict[str, Bare] = field(default_factory=dict)


def parse_dictionary(text: str) -> dict[str, Item | InnerList]:
    """Read a dictionary field, its lines already joined by commas. :class:`NotStructured` for anything else."""
    if len(text) > MAXIMUM_FIELD:
        raise NotStructured("too long")
    text = text.strip(" ")
    members: dict[str, Item | InnerList] = {}
    at = 0
    while at < len(text):
        name, at = _take(_KEY, text, at, "a key")
        if name in members:
            raise NotStructured("a key is given twice")
        if text.startswith("=", at):
            members[name], at = _inner_list(text, at + 1) if text.startswith("(", at + 1) else _item(text, at + 1)
        else:
            parameters, at = _parameters(text, at)
            members[name] = Item(True, parameters)
        if at == len(text):
            break
        _, at = _take(_NEXT_MEMBER, text, at, "a comma")
        if at == len(text):
            raise NotStructured("a comma at the end")
    return members


def serialize_inner_list(value: InnerList) -> str:
    """The one written form of an inner list (clause 4.1.1.1), as signatures cover it."""
    items = " ".join(_serialize(item.value) + serialize_parameters(item.parameters) for item in value.items)
    return f"({items}){serialize_parameters(value.parameters)}"


def serialize_parameters(parameters: dict[str, Bare]) -> str:
    return "".join(
        f";{name}" if value is True else f";{name}={_serialize(value)}" for name, value in parameters.items()
    )


def _take(pattern: re.Pattern[str], text: str, at: int, expected: str) -> tuple[str, int]:
    match = pattern.match(text, at)
    if match is None:
        raise NotStructured(f"{expected} expected at position {at}")
    return match[0], match.end()


def _inner_list(text: str, at: int) -> tuple[InnerList, int]:
    """``at``: position of the opening bracket."""
    items: list[Item] = []
    at += 1
    while True:
        _, after = _take(_SPACES, text, at, "a space")
        if text.startswith(")", after):
            parameters, end = _parameters(text, after + 1)
            return InnerList(tuple(items), parameters), end
        if items and after == at:
            raise NotStructured(f"a space expected at position {at}")
        item, at = _item(text, after)
        items.append(item)


def _item(text: str, at: int) -> tuple[Item, int]:
    value, at = _bare(text, at)
    if not text.startswith(";", at):
        return Item(value), at
    parameters, at = _parameters(text, at)
    return Item(value, parameters), at


def _parameters(text: str, at: int) -> tuple[dict[str, Bare], int]:
    parameters: dict[str, Bare] = {}
    while text.startswith(";", at):
        _, at = _take(_PARAMETER, text, at, "a parameter")
        name, at = _take(_KEY, text, at, "a key")
        if name in parameters:
            raise NotStructured("a parameter is given twice")
        if text.startswith("=", at):
            parameters[name], at = _bare(text, at + 1)
        else:
            parameters[name] = True
    return parameters, at


def _bare(text: str, at: int) -> tuple[Bare, int]:
    if match := _STRING.match(text, at):
        content = match[1]
        if "\\" in content:
            content = re.sub(r"\\(.)", r"\1", content)
        return content, match.end()
    if match := _INTEGER.match(text, at):
        return int(match[0]), match.end()
    if match := _BYTES.match(text, at):
        return _bytes(match[1]), match.end()
    if match := _BOOLEAN.match(text, at):
        return match[1] == "1", match.end()
    if match := _TOKEN.match(text, at):
        return Token(match[0]), match.end()
    raise NotStructured(f"a value expected at position {at}")


def _bytes(text: str) -> bytes:
    """Base64 in its canonical spelling, padded."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise NotStructured("base64 expected") from error
    if b64encode(data).decode("ascii") != text:
        raise NotStructured("base64 with stray bits")
    return data


def _serialize(value: Bare) -> str:
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f":{b64encode(value).decode('ascii')}:"
    if isinstance(value, Token):
        return str(value)
    if not _STRING.fullmatch(f'"{_escape(value)}"'):
        raise NotStructured("a string holds printable ASCII")
    return f'"{_escape(value)}"'


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"') if "\\" in text or '"' in text else text
