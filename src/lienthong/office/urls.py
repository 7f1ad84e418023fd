"""Every address of the office; each is declared with its access rule in the module of its screens."""

from __future__ import annotations

from lienthong.office.api import acting, arriving, describing, reading
from lienthong.office.audit_words import WORDS
from lienthong.office.screens import ROUTES
from lienthong.webkit.administration.routes import ROUTES as ADMINISTRATION
from lienthong.webkit.audit.words import add_words
from lienthong.webkit.door import serving
from lienthong.webkit.signin.routes import ROUTES as SIGN_IN

ALL = [
    *serving.ROUTES,
    *SIGN_IN,
    *ADMINISTRATION,
    *ROUTES,
    *reading.ROUTES,
    *arriving.ROUTES,
    *acting.ROUTES,
    *describing.ROUTES,
]
add_words(WORDS)
urlpatterns = [each.url() for each in ALL]

handler404 = "lienthong.webkit.door.failing.not_resolved"
handler500 = "lienthong.webkit.door.entering.broken"
