"""The pages of the office, one module per flow. A page parses, calls one verb, and renders."""

from lienthong.office.screens import (
    arrivals,
    document,
    draft_acts,
    drafts,
    files,
    home,
    incoming,
    numbering,
    outgoing,
    outgoing_sides,
    registers,
    signing,
)

ROUTES = [*home.ROUTES, *arrivals.ROUTES, *incoming.ROUTES, *document.ROUTES, *files.ROUTES]
ROUTES += [*drafts.ROUTES, *draft_acts.ROUTES, *signing.ROUTES, *numbering.ROUTES, *outgoing.ROUTES, *registers.ROUTES]

__all__ = ["ROUTES", "outgoing_sides"]
