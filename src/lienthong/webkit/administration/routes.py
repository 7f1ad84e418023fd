"""All addresses of administration."""

from lienthong.webkit.administration import pages_audit, pages_mine, pages_people, pages_tokens, pages_units

ROUTES = [*pages_people.ROUTES, *pages_units.ROUTES, *pages_audit.ROUTES, *pages_mine.ROUTES, *pages_tokens.ROUTES]
