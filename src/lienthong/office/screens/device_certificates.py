"""Chứng thư số thiết bị: the administrator says whose the certificates are that people bring on their devices."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.office.models import DeviceCertificate
from lienthong.office.services import device_certificates
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.site.duties import Duty

HERE = "lienthong.office"
SHOWN = 200


def listing(request: HttpRequest) -> HttpResponseBase:
    """Those that wait first, then the newest."""
    visit = visit_of(request)
    mine = DeviceCertificate.objects.filter(agency=visit.agency).select_related("account", "decided_by")
    found = [*mine.filter(confirmed=None).order_by("pk")[:SHOWN], *mine.exclude(confirmed=None).order_by("-pk")[:SHOWN]]
    return render(request, HERE, "device_certificates.html", certificates=found, me=visit.who.account.pk)


def decide(request: HttpRequest, certificate: int) -> HttpResponseBase:
    """It is the person's, or it is not."""
    device_certificates.decide(visit_of(request), certificate, confirmed=request.POST.get("is") == "yes")
    return see_other("device_certificates")


ADMIN = needs(Duty.ADMINISTRATOR)
ROUTES: list[Route] = [
    route("device-certificates", listing, ADMIN, "device_certificates"),
    posted("device-certificates/<int:certificate>", decide, ADMIN, "device_certificate"),
]
