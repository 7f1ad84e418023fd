"""Refusals on the wire: RFC 9457 problem documents, in both languages. Source: PR-NATIVE §4."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response

from lienthong.base.errors import Problem, Refused

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:lienthong:error:"


def members(refusal: Refused) -> dict[str, object]:
    """The members of the problem document; also used inside lists of results."""
    code = refusal.code
    found: dict[str, object] = {
        "type": _TYPE + code.name,
        "code": code.name,
        "status": code.http,
        "title": refusal.sentence("en"),
        "title_vi": refusal.sentence("vi"),
        "title_en": refusal.sentence("en"),
        "advice_vi": refusal.advice("vi"),
        "advice_en": refusal.advice("en"),
        "retry": code.retry.value,
        "problems": [_problem(problem) for problem in refusal.problems],
    }
    if refusal.params.get("offset", "").isdigit():
        found["offset"] = int(refusal.params["offset"])
    return found


def render(refusal: Refused, further: Mapping[str, object] | None = None) -> Response:
    """The answer to a refused request; ``further``: members besides the usual ones."""
    headers = {"Cache-Control": "no-store"}
    seconds = refusal.params.get("seconds", "")
    if refusal.code.http in {429, 503}:
        headers["Retry-After"] = seconds if seconds.isdigit() else "5"
    body = json.dumps(members(refusal) | dict(further or {}), ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, refusal.code.http, headers, MEDIA_TYPE)


def _problem(problem: Problem) -> dict[str, str]:
    return {
        "code": problem.code,
        "path": problem.path,
        "severity": problem.severity.value,
        "vi": problem.vi,
        "en": problem.en,
    }
