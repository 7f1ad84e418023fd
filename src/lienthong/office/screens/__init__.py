"""The pages of the office, one module per flow. A page parses, calls one verb, and renders."""

from lienthong.office.screens import (
    arrivals,
    document,
    draft_acts,
    drafts,
    files,
    home,
    imports,
    incoming,
    numbering,
    outgoing,
    registers,
    settings,
    signing,
    webhooks,
)

ROUTES = [
    *home.ROUTES,
    *incoming.ROUTES,
    *files.ROUTES,
    *settings.ROUTES,
    *arrivals.ROUTES,
    *document.ROUTES,
    *drafts.ROUTES,
    *draft_acts.ROUTES,
    *signing.ROUTES,
    *numbering.ROUTES,
    *outgoing.ROUTES,
    *registers.ROUTES,
    *imports.ROUTES,
    *webhooks.ROUTES,
]
