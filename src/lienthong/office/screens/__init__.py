"""The pages of the office, one module per flow. A page parses, calls one verb, and renders."""

from lienthong.office.screens import arrivals, document, files, home, incoming

ROUTES = [*home.ROUTES, *arrivals.ROUTES, *incoming.ROUTES, *document.ROUTES, *files.ROUTES]
