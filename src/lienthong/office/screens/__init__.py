"""The pages of the office, one module per flow. A page parses, calls one verb, and renders."""

from lienthong.office.screens import (
    arrivals,
    document,
    files,
    home,
    incoming,
    settings,
)

ROUTES = [*home.ROUTES, *incoming.ROUTES, *files.ROUTES, *settings.ROUTES, *arrivals.ROUTES, *document.ROUTES]
