"""Every route declares who may use it; a view without a rule cannot be reached, because only :func:`route` makes URLs.

The rule is checked before the view runs, in the same transaction. What a view may do to one object is the business of
the service that it calls, which refuses for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from lienthong.base.errors import Refused
from lienthong.infra.steps import reached
from lienthong.webkit.audit.chain import append
from lienthong.webkit.door.visit import Person, Visit, entry, visit_of
from lienthong.webkit.errors import METHOD_NOT_ALLOWED
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import DUTY_MISSING, ONLY_BY_FORM, SIGN_IN_NEEDED

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route. ``duties``: one of them is enough; empty with ``signed_in``: whoever is signed in.

    ``unfinished``: also a person who still has to give the second factor or a new password.
    """

    signed_in: bool
    duties: tuple[Duty, ...] = ()
    unfinished: bool = False

    def check(self, person: Person | None) -> None:
        """Refuses SIGN_IN_NEEDED, DUTY_MISSING."""
        if not self.signed_in:
            return
        if person is None or (person.unfinished and not self.unfinished):
            raise Refused(SIGN_IN_NEEDED)
        if self.duties and not person.may(*self.duties):
            names = [", ".join(getattr(duty, tongue) for duty in self.duties) for tongue in ("vi", "en")]
            raise Refused(DUTY_MISSING, duties_vi=names[0], duties_en=names[1])


PUBLIC = Rule(signed_in=False)
"""Anybody: the sign-in page, the look, what a monitor asks."""

SIGNED_IN = Rule(signed_in=True)
"""Everybody of the agency; the view shows only what is his."""

SIGNING_IN = Rule(signed_in=True, unfinished=True)
"""Whoever has given his password, to go on from there."""


def needs(*duties: Duty) -> Rule:
    """Only people with one of these duties."""
    return Rule(signed_in=True, duties=duties)


FORM = ("GET", "HEAD", "POST")
"""A page, perhaps with a form that is sent to its own address."""

ONLY_FORMS = ("POST",)
"""What only changes something. Forms carry the page's own token; a link anybody can be made to follow."""


@dataclass(frozen=True, slots=True)
class Route:
    """One address of a web context. ``name``: ``office:incoming`` and the like; ``pattern``: as Django writes paths.

    ``methods``: those that it takes; a view of a page must change nothing on GET.
    """

    pattern: str
    view: View
    rule: Rule
    name: str
    methods: tuple[str, ...] = FORM

    def url(self) -> URLPattern:
        """The route as Django's resolver takes it."""
        return path(self.pattern, guarded(self.view, self.rule, self.methods), name=self.name)


def api(pattern: str, view: View, rule: Rule, name: str, methods: tuple[str, ...] = FORM) -> Route:
    """An address for programs. Forgery by a foreign page is no danger there: cookies do not count, only the token."""
    view.csrf_exempt = True  # type: ignore[attr-defined]  # Django's own mark
    return Route(f"api/v1/{pattern}", view, rule, name, methods)


def route(pattern: str, view: View, rule: Rule, name: str) -> Route:
    """Declare a page and who may use it."""
    return Route(pattern, view, rule, name)


def posted(pattern: str, view: View, rule: Rule, name: str) -> Route:
    """Declare an address that only takes forms, and who may use it."""
    return Route(pattern, view, rule, name, ONLY_FORMS)


def opens(request: HttpRequest) -> bool:
    """Whether a link opens the address of this request."""
    return request.resolver_match is None or "GET" in getattr(request.resolver_match.func, "methods", FORM)


def guarded(view: View, rule: Rule, methods: tuple[str, ...] = FORM) -> View:
    """The view inside its rule, its methods and one transaction, with the audit entries as the last thing written.

    A refusal or fault rolls everything back; a refusal for lack of a duty is itself written into the log.
    """

    def run(request: HttpRequest, **values: Any) -> HttpResponseBase:
        visit = visit_of(request)
        try:
            with transaction.atomic():
                rule.check(visit.person)
                if request.method not in methods:
                    raise _wrong_method(request, methods)
                answer = view(request, **values)
                visit.write_entries()
                if request.method == "POST":
                    reached("page.written")
            if request.method == "POST":
                reached("page.committed")
            return answer
        except Refused as refused:
            visit.entries.clear()
            _note_denial(visit, request, refused)
            raise

    # One guard serves all views, so Django's marks on the view itself have to be carried over.
    run.csrf_exempt = getattr(view, "csrf_exempt", False)  # type: ignore[attr-defined]
    run.methods = methods  # type: ignore[attr-defined]  # read by opens
    return run


def _wrong_method(request: HttpRequest, methods: tuple[str, ...]) -> Refused:
    """People who followed a link are told where the button is; programs have somebody else to ask."""
    link = request.method in {"GET", "HEAD"} and not request.path.startswith("/api/")
    code = ONLY_BY_FORM if link else METHOD_NOT_ALLOWED
    return Refused(code, method=request.method or "", allow=", ".join(methods))


def _note_denial(visit: Visit, request: HttpRequest, refused: Refused) -> None:
    if visit.person is not None and refused.code.http == 403:
        with transaction.atomic():
            append([entry(visit, "denied", "", None, {"path": request.path[:200], "code": refused.code.name})])
