"""All addresses of signing in."""

from lienthong.webkit.signin import pages, pages_passkeys, pages_sso

ROUTES = [*pages.ROUTES, *pages_passkeys.ROUTES, *pages_sso.ROUTES]
