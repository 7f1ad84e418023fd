"""The verb *submit*: from a received packet to the receipt, or to a refusal with evidence."""

from __future__ import annotations

from lienthong.base.errors import Refused
from lienthong.exchange.service.accepting import Receipt
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.receiving import Reception
from lienthong.exchange.service.refusing import RefusalUnit, is_for_good


class RefusedWithEvidence(Refused):
    """A refusal for good of an envelope whose sender is certain. ``evidence``: the signed SubmissionRejection."""

    def __init__(self, refusal: Refused, evidence: bytes) -> None:
        super().__init__(refusal.code, refusal.problems, **refusal.params)
        self.evidence = evidence


async def submit(ctx: AxisContext, reception: Reception) -> Receipt:
    """Accept what was received; the receipt is durable when this returns.

    Refuses whatever checking or the database's contents refuse.
    """
    unit = await reception.finish()
    receipt: Receipt = await ctx.require_writer().submit(unit)
    return receipt


async def prove_refusal(ctx: AxisContext, reception: Reception, refusal: Refused) -> Refused:
    """The refusal to answer with: with evidence when it is for good and the sender is certain."""
    if reception.authentic is None or not is_for_good(refusal):
        return refusal
    evidence = await ctx.require_writer().submit(RefusalUnit(reception.authentic, refusal))
    return RefusedWithEvidence(refusal, evidence)
