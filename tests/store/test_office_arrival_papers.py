"""The papers of an incoming document: a copy with the stamp ĐẾN, and the handling slip."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest

from incoming_world import arrived, fields, registered
from lienthong.base.text import nfc
from lienthong.office.models import Document, Dossier, DossierDocument, StoredFile
from lienthong.office.models.task import Opinion
from lienthong.office.services.registering import register
from lienthong.office.services.storing import opened
from lienthong.office.services.tasks import Owner, give
from lienthong.office.states import Role, TaskKind
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, OfficeClient, make_agency, working_as


@pytest.fixture
def made(office_installation: object, agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def body(client: OfficeClient, where: str) -> bytes:
    answer = client.get(where)
    assert answer.status_code == 200, where
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def printed(data: bytes) -> str:
    """What stands on the first page, notes included."""
    flat = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.flatten_annotations("print")
        pdf.save(flat)
    return nfc(" ".join(pypdfium2.PdfDocument(flat)[0].get_textpage().get_text_bounded().split()))


def full_page() -> bytes:
    full, out = pikepdf.new(), io.BytesIO()
    page = full.add_blank_page(page_size=(595, 842))
    page.obj.Contents = full.make_stream(b"0.5 g " + b" ".join(b"%d 0 2 842 re f" % x for x in range(0, 595, 40)))
    full.save(out)
    return out.getvalue()


def test_the_copy_shows_agency_number_and_day_and_what_was_received_stays_whole(made: OfficeAgency) -> None:
    document = registered(made)
    client = made.client(Duty.REGISTRAR)
    where = f"/documents/{document.pk}/stamped.pdf"
    assert where in client.get(f"/documents/{document.pk}").content.decode()
    copy = body(client, where)
    with acting_for(made.agency.pk):
        file = StoredFile.objects.get(document=document)
        with opened(file) as source:
            original = source.read()
        files = StoredFile.objects.filter(document=document).count()
    assert files == 1
    assert copy.startswith(original), "the received bytes stand unchanged at its beginning"
    assert "ĐẾN" not in printed(original)
    shown = printed(copy)
    for said in ("ĐẾN", nfc(made.agency.name.upper()), f"Số: {document.arrival_number:02d}",
                 f"Ngày: {document.arrival_date:%d/%m/%Y}", "Chuyển: ...", "Số và ký hiệu HS: ..."):  # fmt: skip
        assert said in shown, said


def test_the_stamp_says_to_whom_it_was_passed_and_in_which_dossier_it_is(made: OfficeAgency) -> None:
    document = registered(made)
    with working_as(made, Duty.OFFICE_CHIEF) as visit:
        give(visit, document, Owner(unit=made.unit.pk), TaskKind.HANDLING, Role.LEAD)
        dossier = Dossier.objects.create(
            agency=made.agency, code="05.TCCB", title="Tổ chức bộ máy", year=2026, state="open"
        )
        DossierDocument.objects.create(
            agency=made.agency, dossier=dossier, document=document, ordinal=1, filed_at=visit.now
        )  # fmt: skip
    shown = printed(body(made.client(Duty.REGISTRAR), f"/documents/{document.pk}/stamped.pdf"))
    assert f"Chuyển: {made.unit.name}" in shown
    assert "Số và ký hiệu HS: 05.TCCB" in shown


def test_a_page_without_free_room_says_so(made: OfficeAgency) -> None:
    arrival = arrived(made, data=full_page())
    with working_as(made, Duty.REGISTRAR) as visit:
        document = register(visit, arrival, fields())
    answer = made.client(Duty.REGISTRAR).get(f"/documents/{document.pk}/stamped.pdf")
    assert answer.status_code == 422
    assert "Trang đầu không còn chỗ trống cho dấu ĐẾN." in answer.content.decode()


def test_the_slip_is_a_pdf_with_what_was_said_at_each_level_but_not_what_was_superseded(made: OfficeAgency) -> None:
    document = registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        base = {"agency": made.agency, "document": document, "author": visit.who.account, "at": visit.now}
        newer = Opinion.objects.create(**base, kind="directive", text="Giao phòng Thử nghiệm chủ trì")
        Opinion.objects.create(**base, kind="directive", text="Ý kiến đã thay", superseded_by=newer)
        Opinion.objects.create(**base, kind="remark", text="Tham mưu trong tuần")
    shown = printed(body(made.client(Duty.REGISTRAR), f"/documents/{document.pk}/slip.pdf"))
    for said in ("PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN", document.abstract, "Giao phòng Thử nghiệm chủ trì",
                 "Tham mưu trong tuần"):  # fmt: skip
        assert said in shown, said
    assert "Ý kiến đã thay" not in shown
    assert shown.index("1. Ý kiến") < shown.index("Giao phòng") < shown.index("2. Ý kiến") < shown.index("Tham mưu")


def test_papers_of_what_is_not_incoming_or_not_of_this_agency_are_not_found(made: OfficeAgency) -> None:
    document: Document = registered(made)
    other = make_agency(made.agency.pk + 20_000_000, code=f"Z{made.agency.code}")
    for ending in ("stamped.pdf", "slip.pdf"):
        assert other.client(Duty.REGISTRAR).get(f"/documents/{document.pk}/{ending}").status_code == 404
        assert made.client(Duty.ADMINISTRATOR).get(f"/documents/{document.pk}/{ending}").status_code == 403
