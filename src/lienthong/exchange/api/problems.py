"""Refusals of the axis on the wire: the usual problem document, with the signed evidence of a rejection."""

from __future__ import annotations

from starlette.responses import Response

from lienthong.base.errors import Refused
from lienthong.exchange.service.submitting import RefusedWithEvidence
from lienthong.webkit.edge import problems
from lienthong.webkit.edge.problems import MEDIA_TYPE

__all__ = ["MEDIA_TYPE", "members", "render"]


def members(refusal: Refused) -> dict[str, object]:
    """The members of the problem document; also used inside lists of results."""
    return problems.members(refusal) | _evidence(refusal)


def render(refusal: Refused) -> Response:
    """The answer to a refused request."""
    return problems.render(refusal, _evidence(refusal))


def _evidence(refusal: Refused) -> dict[str, object]:
    return {"evidence": refusal.evidence.decode("ascii")} if isinstance(refusal, RefusedWithEvidence) else {}
