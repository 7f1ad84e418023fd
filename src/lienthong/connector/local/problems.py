"""Refusals on the wire: our own and the axis's, in one form (RFC 9457)."""

from __future__ import annotations

import json

from starlette.responses import Response

from lienthong.base.errors import Refused, Retry
from lienthong.connector.courier.model import Reason
from lienthong.connector.errors import AxisRefused
from lienthong.webkit.edge import problems

AXIS_FAULT = 502
"""Status for a refusal of the axis that is a fault there, and not ours."""


def render(refusal: Refused | AxisRefused) -> Response:
    """The answer to a refused request; the axis's words are passed on unchanged."""
    if isinstance(refusal, Refused):
        return problems.render(refusal)
    status = refusal.http_status if refusal.http_status < 500 else AXIS_FAULT
    body = {
        "type": f"urn:lienthong:error:{refusal.code}",
        "code": refusal.code,
        "status": status,
        "title": refusal.title_en,
        "title_vi": refusal.title_vi,
        "title_en": refusal.title_en,
        "advice_vi": refusal.advice_vi,
        "advice_en": refusal.advice_en,
        "retry": refusal.retry.value,
        "problems": refusal.problems,
    }
    return Response(
        json.dumps(body, ensure_ascii=False).encode(), status, {"Cache-Control": "no-store"}, problems.MEDIA_TYPE
    )


def reason_members(reason: Reason | None) -> dict[str, object] | None:
    """Why something waits or was refused, as members of an answer."""
    if reason is None:
        return None
    return {
        "code": reason.code, "title_vi": reason.vi, "title_en": reason.en, "advice_vi": reason.do_vi,
        "advice_en": reason.do_en, "retry": Retry(reason.retry).value,
    }  # fmt: skip
