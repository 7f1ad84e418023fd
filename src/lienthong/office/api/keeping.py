"""What every address for programs has: a rate for each token, answers kept for repeated requests, versions."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.infra.errors import TOO_MANY_REQUESTS
from lienthong.infra.http_limits import RateLimiter
from lienthong.office.api.forms import wrong
from lienthong.office.errors import KEY_REUSED, REVISION_CHANGED
from lienthong.office.models import Document, KeptAnswer
from lienthong.webkit.door import failing
from lienthong.webkit.door.access import View
from lienthong.webkit.door.entering import digest_of
from lienthong.webkit.door.visit import visit_of

PER_SECOND, BURST = 20.0, 200
"""Requests of one token in one serving process; beyond it 429 with ``Retry-After``."""

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_limiter = RateLimiter(PER_SECOND, BURST)


def for_programs(view: View) -> View:
    """A view with the rate of its token, and, for POST with ``Idempotency-Key``, with the answer that was given before.

    Refuses TOO_MANY_REQUESTS, KEY_REUSED, INPUT_WRONG.
    """

    @wraps(view)
    def run(request: HttpRequest, **values: Any) -> HttpResponseBase:
        token = token_of(request)
        try:
            _limiter.take(token.hex(), time.monotonic())
        except Refused as refused:
            if refused.code is not TOO_MANY_REQUESTS:
                raise
            answer = failing.shown(request, refused)
            answer.headers["Retry-After"] = refused.params["seconds"]
            return answer
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or key is None:
            return view(request, **values)
        return _once(request, token, key, lambda: view(request, **values))

    return run


def token_of(request: HttpRequest) -> bytes:
    """What is stored of the token that a request came with."""
    return digest_of(request.headers.get("Authorization", "").partition(" ")[2].strip())


def _once(request: HttpRequest, token: bytes, key: str, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    if not _KEY.fullmatch(key):
        raise wrong("“Idempotency-Key” dài 1–200 ký tự ASCII", "“Idempotency-Key” has 1 to 200 ASCII characters")
    visit, asked = visit_of(request), _digest(request)
    with connection.cursor() as cursor:
        # The same request twice at once: the second one waits for the first, and then finds its answer.
        lock = hashlib.sha256(token + key.encode()).digest()
        cursor.execute("select pg_advisory_xact_lock(%s)", [int.from_bytes(lock[:8], "big", signed=True)])
    KeptAnswer.objects.filter(agency=visit.agency, at__lt=visit.now - KEPT).delete()
    kept = KeptAnswer.objects.filter(agency=visit.agency, token=token, key=key).first()
    if kept is not None:
        if bytes(kept.request) != asked:
            raise Refused(KEY_REUSED)
        again = HttpResponse(kept.body, status=kept.status, content_type="application/json")
        again.headers["Idempotency-Replayed"] = "true"
        return again
    answer = view()
    if isinstance(answer, HttpResponse) and 200 <= answer.status_code < 300:
        KeptAnswer.objects.create(
            agency=visit.agency, token=token, key=key, request=asked, status=answer.status_code,
            body=answer.content.decode(), at=visit.now,
        )  # fmt: skip
    return answer


def _digest(request: HttpRequest) -> bytes:
    """Method, address and body; of a form with files, its fields and files."""
    found = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        found.update(request.body)
        return found.digest()
    for name, values in sorted(request.POST.lists()):
        found.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for each in files:
            found.update(repr((name, each.name, each.size)).encode())
            for chunk in each.chunks():
                found.update(chunk)
            each.seek(0)
    return found.digest()


def etag_of(document: Document) -> str:
    """The version of a document for ``If-Match`` and ``If-None-Match``."""
    return f'"{document.pk}-{document.revision}"'


def require_unchanged(request: HttpRequest, document: Document) -> None:
    """Refuses REVISION_CHANGED when ``If-Match`` names another version."""
    given = [each.strip() for each in request.headers.get("If-Match", "*").split(",")]
    if "*" not in given and etag_of(document) not in given:
        raise Refused(REVISION_CHANGED)


def is_known(request: HttpRequest, document: Document) -> bool:
    """Whether ``If-None-Match`` names this version: the program has it already."""
    given = [each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")]
    return etag_of(document) in given
