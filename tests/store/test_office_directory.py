"""Whom one can send to: those one corresponded with come first, found without reading every document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from incoming_world import arrived, registered
from lienthong.office.models import Delivery, Document
from lienthong.office.services import directory
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner
from office_documents import outgoing_document
from office_world import OfficeAgency, make_agency, working_as


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def found(made: OfficeAgency, words: str) -> list[tuple[str, str]]:
    with working_as(made, Duty.REGISTRAR) as visit:
        return [(each.code, each.name) for each in directory.look_up(visit, words)]


def test_whoever_was_written_to_or_sent_something_is_found_once_under_the_newest_name(made: OfficeAgency) -> None:
    registered(made, issuer_code="H01.1", issuer_name="Sở Giao thông")
    registered(made, issuer_code="H01.1", issuer_name="Sở Xây dựng và Giao thông")
    arrived(made, sender_code="H02", sender_name="Huyện Thử")
    with working_as(made, Duty.REGISTRAR) as visit:
        document = outgoing_document(visit)
        for name in ("Ban Dân nguyện", "Ban Dân nguyện và Giám sát"):
            Delivery.objects.create(agency=visit.agency, document=document, code="Q01", name=name, channel="axis")
        Delivery.objects.create(agency=visit.agency, document=document, code="", name="Thư viện", channel="paper")
    assert found(made, "giao thong") == [("H01.1", "Sở Xây dựng và Giao thông")]
    assert found(made, "q01") == [("Q01", "Ban Dân nguyện và Giám sát")]
    assert found(made, "huyen") == [("H02", "Huyện Thử")]
    assert found(made, "thu vien") == []
    other = make_agency(made.agency.pk + 500_000)
    assert found(other, "giao thong") == []


def test_correspondents_are_found_among_thirty_thousand_documents_without_reading_them(made: OfficeAgency) -> None:
    first = registered(made, issuer_code="H01.1", issuer_name="Sở Giao thông")
    columns = [each.column for each in Document._meta.concrete_fields if each.column not in {"id", "arrival_number"}]
    chosen = ", ".join("'X' || lpad((n %% 40)::text, 2, '0')" if each == "issuer_code" else each for each in columns)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            f"insert into office_document ({', '.join(columns)}, arrival_number) select {chosen}, 100000 + n"
            " from office_document, generate_series(1, 30000) n where id = %s",
            [first.pk],
        )
        cursor.execute("analyze office_document")
    with acting_for(made.agency.pk), connection.cursor() as cursor:
        cursor.execute(
            f"explain (analyze, buffers, format json) {directory._CORRESPONDENTS}", {"agency": made.agency.pk}
        )
        (told,) = cursor.fetchone()
    plan: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    assert plan["Actual Rows"] >= 42
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 2000, plan
    assert len(found(made, "x")) == directory.SHOWN
