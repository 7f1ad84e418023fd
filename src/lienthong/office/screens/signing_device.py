"""What the page of signing asks while it carries documents to the person's own device and signatures back."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.db import transaction
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.errors import DEVICE_CERTIFICATE_NOT_CONFIRMED
from lienthong.office.screens.signing import REGISTER, SHOWN, label_of, number_of
from lienthong.office.services import device_certificates, signing_device
from lienthong.office.services.storing import CHUNK
from lienthong.webkit.door.access import Route, needs, posted
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.site.duties import CLERICAL


def prepare(request: HttpRequest) -> HttpResponseBase:
    """Every ticked document, ready for the device or with the reason why not."""
    visit = visit_of(request)
    device = signing_device.read_device(request.POST.getlist("certificate"))
    rows = [each for each in request.POST.getlist("row")[:SHOWN] if number_of(each) is not None]
    return _reply({"documents": [_prepared(visit, each, request, device) for each in dict.fromkeys(rows)]})


def content(request: HttpRequest) -> HttpResponseBase:
    """The prepared bytes of one document."""
    source = signing_device.content(visit_of(request), request.POST.get("ticket", ""))
    return StreamingHttpResponse(_chunks(source), content_type="application/pdf")


def complete(request: HttpRequest) -> HttpResponseBase:
    """One signature has come back."""
    visit = visit_of(request)
    kept = list(visit.entries)
    try:
        with transaction.atomic():
            made = signing_device.complete(visit, request.POST.get("ticket", ""), request.POST.get("signature", ""))
    except Refused as refused:
        visit.entries[:] = kept
        return _reply({"ok": False, "said": _said(visit, refused)})
    missing = "; ".join(each.sentence(visit.language) for each in made.missing)
    return _reply({"ok": True, "said": f"{made.level.value}{'; ' if missing else ''}{missing}"})


def _prepared(visit: Visit, row: str, request: HttpRequest, device: signing_device.Device) -> dict[str, Any]:
    number, seen = number_of(row) or 0, request.POST.get(f"seen_{row}", "")
    members: dict[str, Any] = {"document": row, "label": label_of(visit, row)}
    make = signing_device.prepare_register if row.startswith(REGISTER) else signing_device.prepare
    try:
        with transaction.atomic():
            made = make(visit, number, seen, device)
    except Refused as refused:
        if refused.code is DEVICE_CERTIFICATE_NOT_CONFIRMED:
            device_certificates.ask(visit, device.certificate)
        return members | {"said": _said(visit, refused)}
    return members | {
        "name": made.name, "ticket": made.ticket, "to_sign": base64.b64encode(made.to_sign).decode(),
    }  # fmt: skip


def _said(visit: Visit, refused: Refused) -> str:
    return f"{refused.sentence(visit.language)} {refused.advice(visit.language)}"


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    with source:
        while data := source.read(CHUNK):
            yield data


def _reply(members: dict[str, Any]) -> JsonResponse:
    return JsonResponse(members, json_dumps_params={"ensure_ascii": False})


ROUTES: list[Route] = [
    posted("signing/device/prepare", prepare, needs(*CLERICAL), "device_prepare"),
    posted("signing/device/content", content, needs(*CLERICAL), "device_content"),
    posted("signing/device/complete", complete, needs(*CLERICAL), "device_complete"),
]
