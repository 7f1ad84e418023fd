"""Logs and traces: JSON lines that hold identifiers and figures, never content.

Field names come from an allow-list; anything else, a subject, a body, a path with its query, cannot be logged by
mistake: an unknown field is an error of the programmer and shows only its name. Evidence is not logging: what must be
proven goes to the ledger. The trace id follows a request into the jobs that it causes.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line

FIELDS = frozenset(
    {
        "agency", "attempt", "attempts", "bytes", "code", "count", "cpu_ms", "delivery", "deliveries", "duration_ms",
        "envelope", "error", "job", "key_id", "kind", "leaf", "method", "name", "origin", "owner", "port", "recipients",
        "retry_s", "role", "route", "sha256", "size", "state", "status", "step", "system", "tree_size", "upload",
        "version",
    }
)  # fmt: skip
"""Everything a log line may say beside time, level, event and trace. A new name needs a review of what it may hold."""

_TRACE: contextvars.ContextVar[str | None] = contextvars.ContextVar("trace_id", default=None)
_TRACE_FORM = re.compile(r"[0-9a-f]{32}")
_PARENT_FORM = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
_EVENT_FORM = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_LOG = logging.getLogger("lienthong")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Field = str | int | float | bool | None


def trace_id() -> str | None:
    """The trace in whose name the present work is done: 32 hexadecimal digits."""
    return _TRACE.get()


def trace_from_header(traceparent: str | None) -> str:
    """The trace id of a W3C ``traceparent`` header, or a new one when there is none or it is not well-formed."""
    found = _PARENT_FORM.fullmatch(traceparent) if traceparent else None
    return found[1] if found and found[1].strip("0") else new_trace_id()


def new_trace_id() -> str:
    return secrets.token_hex(16)


@contextmanager
def tracing(trace: str | None = None) -> Iterator[str]:
    """Work under a trace: the one given (of a stored job, say) or a new one."""
    chosen = trace if trace and _TRACE_FORM.fullmatch(trace) else new_trace_id()
    token = _TRACE.set(chosen)
    try:
        yield chosen
    finally:
        _TRACE.reset(token)


def info(event: str, **fields: Field) -> None:
    """One line for one use case: ``event`` is a dotted name, such as ``envelope.accepted``."""
    _write(logging.INFO, event, fields)


def debug(event: str, **fields: Field) -> None:
    _write(logging.DEBUG, event, fields)


def warning(event: str, **fields: Field) -> None:
    _write(logging.WARNING, event, fields)


def error(event: str, **fields: Field) -> None:
    _write(logging.ERROR, event, fields)


def fault(event: str, reason: BaseException, **fields: Field) -> None:
    """A failure that nobody foresaw: kind of the error and where it arose, without its message.

    The message of a foreign error may quote content; that of our own refusals is their code.
    """
    last = reason.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    frame = last.tb_frame if last else None
    place = f"{frame.f_globals.get('__name__', 'nowhere')}:{last.tb_lineno}" if frame and last else "nowhere"
    kind = reason.code.name if isinstance(reason, Refused) else type(reason).__name__
    _write(logging.ERROR, event, {**fields, "error": f"{kind} at {place}"})


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send the log to ``stream`` (standard error) from ``level`` on; third-party loggers only from warning on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    _LOG.setLevel(_LEVELS[level])


def _write(level: int, event: str, fields: dict[str, Field]) -> None:
    if not _LOG.isEnabledFor(level):
        return
    # Without the search for the calling line, which the lines do not show.
    record = _LOG.makeRecord(_LOG.name, level, "", 0, "%s", (event,), None, extra={"lienthong_fields": fields})
    _LOG.handle(record)


class _JsonLines(logging.Formatter):
    """A record as one line of JSON; other libraries' records lose their text, which may hold content."""

    def format(self, record: logging.LogRecord) -> str:
        from_us = getattr(record, "lienthong_fields", None)
        line: dict[str, Field] = {
            "at": to_text(_instant(record.created)),
            "level": record.levelname.lower(),
        }
        if from_us is None:
            line |= {"event": "library", "name": one_line(record.name, 60), "error": _kind(record)}
        else:
            line |= {"event": _event(record.getMessage())} | _allowed(from_us)
        if trace := trace_id():
            line["trace"] = trace
        return _encode(line)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _kind(record: logging.LogRecord) -> str:
    """What may be said of a foreign record: the error's kind, or the unfilled message pattern of its source code."""
    if record.exc_info and record.exc_info[0]:
        return record.exc_info[0].__name__
    return one_line(record.msg, 120) if isinstance(record.msg, str) and record.args else record.funcName or "?"


def _event(text: str) -> str:
    return text if _EVENT_FORM.fullmatch(text) else "unnamed"


def _allowed(fields: dict[str, Field]) -> dict[str, Field]:
    """Known fields with short, single-line values; of an unknown one only that it was there."""
    kept: dict[str, Field] = {}
    for name, value in fields.items():
        if name not in FIELDS:
            kept["withheld"] = one_line(f"{kept.get('withheld', '')} {name}", 200)
        elif isinstance(value, int | float | bool) or value is None:
            kept[name] = value
        else:
            kept[name] = one_line(str(value).partition("?")[0], 200)
    return kept
