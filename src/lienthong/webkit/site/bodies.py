"""Bodies of requests: as long as they say, and not longer than somebody may send.

A form that broke off must not count: Django takes what came of a file as the whole file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest

from lienthong.base.errors import Refused
from lienthong.webkit.errors import LENGTH_REQUIRED
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.errors import UPLOAD_TOO_LARGE
from lienthong.webkit.templates import in_units

ROOM = 10_000_000
"""Bytes that a form with a file of the largest size may have besides."""

FORMS_ALONE = 5_000_000
"""Bytes that somebody may send who has not signed in: he has no files to hand in."""


def application() -> Callable[..., Any]:
    """Django's WSGI application, with bodies that end early told from whole ones."""
    django = get_wsgi_application()

    def run(environ: dict[str, Any], start_response: Any) -> Any:
        announced = str(environ.get("CONTENT_LENGTH") or "0")
        if announced.isascii() and announced.isdigit():
            environ["wsgi.input"] = Whole(environ["wsgi.input"], int(announced))
        return django(environ, start_response)

    return run


class Whole:
    """A body that fails (``ConnectionError``) when it ends before the announced number of bytes has come."""

    def __init__(self, source: Any, announced: int) -> None:
        self._source, self._left = source, announced

    def read(self, size: int | None = None) -> bytes:
        """At most ``size`` bytes, and never more than were announced."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        return self._took(self._source.read(wanted), wanted)

    def readline(self, size: int | None = None) -> bytes:
        """One line, or as much of it as is wanted."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        return self._took(self._source.readline(wanted), wanted)

    def _took(self, data: bytes, wanted: int) -> bytes:
        self._left -= len(data)
        if wanted and not data:
            raise ConnectionError("the body ended before its announced length")
        return data


def too_much(request: HttpRequest, *, known: bool) -> Refused | None:
    """The refusal of a body by its announced length, before any of it is read; None when it may come.
    ``known``: whether its sender has signed in.

    UPLOAD_TOO_LARGE, and LENGTH_REQUIRED for a body that does not say how long it is.
    """
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        return Refused(LENGTH_REQUIRED)
    if length and not (length.isascii() and length.isdigit() and len(length) < 19):
        return Refused(LENGTH_REQUIRED)
    limit, room = (site().upload_limit, ROOM) if known else (FORMS_ALONE, 0)
    return too_large(int(length), limit) if int(length or 0) > limit + room else None


def too_large(size: int, limit: int) -> Refused:
    """UPLOAD_TOO_LARGE in units that people know."""
    return Refused(UPLOAD_TOO_LARGE, size=in_units(size), limit=in_units(limit))
