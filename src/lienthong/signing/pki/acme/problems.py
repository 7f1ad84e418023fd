"""Refusals as ACME clients know them: their own type, our words in both languages. Source: RFC 8555 clause 6.7."""

from __future__ import annotations

from lienthong.base.errors import Refused
from lienthong.signing.pki.acme.errors import ACME_ALGORITHM_NOT_OFFERED, type_of
from lienthong.signing.pki.acme.jws import OFFERED
from lienthong.webkit.edge import problems

MEDIA_TYPE = problems.MEDIA_TYPE


def problem(refusal: Refused) -> dict[str, object]:
    """The members of the problem document. ``detail`` is what clients show people: both languages, and what to do."""
    found = problems.members(refusal)
    said = (refusal.sentence("en"), refusal.advice("en"), "·", refusal.sentence("vi"), refusal.advice("vi"))
    found |= {"type": type_of(refusal.code), "detail": " ".join(said)}
    if refusal.code is ACME_ALGORITHM_NOT_OFFERED:
        # Clause 6.2: so that a client can choose another.
        found["algorithms"] = list(OFFERED)
    return found
