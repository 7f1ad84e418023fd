"""Incoming documents for tests: things that arrive, and documents that are registered."""

from __future__ import annotations

import io
import itertools
from datetime import UTC, date, datetime
from typing import Any

from lienthong.office.models import Arrival, Document
from lienthong.office.services.receiving import Given
from lienthong.office.services.registering import IncomingFields, register
from lienthong.office.services.storing import add_file, keep
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, working_as
from official_document import decision

_numbers = itertools.count(1)


def pdf(pages: int = 1) -> bytes:
    """A decision in the prescribed form, each of its own bytes."""
    return decision(pages=pages, noise=0) + f"\n%{next(_numbers)}\n".encode()


def arrived(made: OfficeAgency, *, source: str = "axis", data: bytes | None = None, **more: Any) -> Arrival:
    """Something that came in and was checked; over the axis unless said otherwise."""
    with working_as(made, Duty.REGISTRAR) as visit:
        number = next(_numbers)
        values: dict[str, Any] = {
            "state": "waiting", "received_at": datetime.now(UTC), "sender_code": "000.00.01.H01",
            "sender_name": "Bộ Thử nghiệm", "title": f"Về việc thử số {number}", "identifier": f"000.00.01.H01,2026,{number}",
            "fields": {
                "kind": "Công văn", "number": f"{number}", "symbol": "BTN-VP", "issued_date": "2026-01-05",
                "issuer_name": "Bộ Thử nghiệm", "abstract": f"Về việc thử số {number}", "text": "chữ trên trang",
            },
        }  # fmt: skip
        arrival = Arrival.objects.create(agency=visit.agency, source=source, reference=f"r{number}", **(values | more))
        kept = keep(io.BytesIO(data or pdf()), "van-ban.pdf")
        add_file(visit, arrival, kept, "van-ban.pdf", slot=0, role="document")
        return arrival


def fields(**more: Any) -> IncomingFields:
    """Fields that a registrar would confirm."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": "Công văn", "number": str(number), "symbol": "BTN-VP", "issued_date": date(2026, 1, 5),
        "issuer_name": "Bộ Thử nghiệm", "abstract": f"Về việc thử số {number}",
    }  # fmt: skip
    return IncomingFields(**(values | more))


def registered(made: OfficeAgency, *, source: str = "axis", **more: Any) -> Document:
    """A document in the register of this year."""
    arrival = arrived(made, source=source)
    with working_as(made, Duty.REGISTRAR) as visit:
        return register(visit, arrival, fields(**more))


def given(data: bytes, name: str) -> Given:
    """A file as a form sends it."""
    return Given(io.BytesIO(data), name)
