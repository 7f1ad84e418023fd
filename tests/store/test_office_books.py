"""The postal register and the register of the use of kept copies: what is noted on a document's page fills them."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pypdfium2
import pytest

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.office.models import CopyLoan, Delivery, Document
from lienthong.office.screens import books
from lienthong.office.services import lending, sending
from lienthong.office.states import Outgoing
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_documents import outgoing_document
from office_world import OfficeAgency, OfficeClient, make_agency, working_as


@pytest.fixture
def made(office_installation: object, agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def issued(made: OfficeAgency) -> Document:
    with working_as(made, Duty.REGISTRAR) as visit:
        return outgoing_document(visit, abstract="Về việc gửi thử")


def on_paper(made: OfficeAgency, document: Document, name: str, channel: str = "paper") -> Delivery:
    with acting_for(made.agency.pk):
        return Delivery.objects.create(agency=made.agency, document=document, name=name, channel=channel)


def body(client: OfficeClient, where: str) -> bytes:
    answer = client.get(where)
    assert answer.status_code == 200, where
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def everywhere(client: OfficeClient, book: str) -> tuple[list[str], list[str], str]:
    """The cells of the screen, those of the spreadsheet, and the text of the PDF."""
    page = client.get(f"/reports/books/{book}").content.decode()
    cells = [re.sub(r"\s+", " ", cell) for cell in re.findall(r"<td(?: class=\"is-date\")?>(.*?)</td>", page)]
    sheet = openpyxl.load_workbook(io.BytesIO(body(client, f"/reports/books/{book}/export.xlsx"))).worksheets[0]
    values = [
        f"{cell.value:%d/%m/%Y}" if hasattr(cell.value, "strftime") else str(cell.value)
        for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]  # fmt: skip
    pages = pypdfium2.PdfDocument(body(client, f"/reports/books/{book}/export.pdf"))
    return cells, values, nfc(" ".join(" ".join(page.get_textpage().get_text_bounded() for page in pages).split()))


def test_what_was_marked_as_sent_by_post_stands_in_the_postal_register_everywhere_the_same(made: OfficeAgency) -> None:
    document, client = issued(made), made.client(Duty.REGISTRAR)
    paper, letter = on_paper(made, document, "UBND xã Thử"), on_paper(made, document, "Hộp thư", "email")
    unsent = on_paper(made, document, "Chưa gửi")
    for each in (paper, letter):
        answer = client.submit(
            f"/deliveries/{each.pk}/sent", page=f"/drafts/{document.pk}", covers="3", taken_by="Bưu điện Thử"
        )
        assert answer.status_code == 303
    cells, values, printed = everywhere(client, "postal")
    assert len(cells) == 6, cells
    assert cells[1:5] == [document.number_and_symbol, "UBND xã Thử", "3", "Bưu điện Thử"]
    for said in cells[:5]:
        assert said in values, (said, values)
        assert said in printed, said
    assert unsent.name not in printed and letter.name not in printed


def test_a_page_that_leaves_rows_out_says_so(made: OfficeAgency, monkeypatch: pytest.MonkeyPatch) -> None:
    document, client = issued(made), made.client(Duty.REGISTRAR)
    for each in [on_paper(made, document, name) for name in ("Sở A", "Sở B")]:
        with working_as(made, Duty.REGISTRAR) as visit:
            sending.mark_sent(visit, each.pk, visit.today)
    assert "dòng đầu" not in client.get("/reports/books/postal").content.decode()
    monkeypatch.setattr(books, "SHOWN", 1)
    page = client.get("/reports/books/postal").content.decode()
    assert "Trang chỉ hiện 1 dòng đầu" in page
    assert ("Sở A" in page, "Sở B" in page) == (True, False)


def test_envelopes_are_counted_from_one(made: OfficeAgency) -> None:
    document = issued(made)
    paper = on_paper(made, document, "UBND xã Thử")
    with working_as(made, Duty.REGISTRAR) as visit:
        for covers in (0, 1000):
            with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
                sending.mark_sent(visit, paper.pk, visit.today, covers)
        assert sending.mark_sent(visit, paper.pk, visit.today).covers == 1


def test_a_kept_copy_is_lent_and_comes_back_and_the_register_says_so(made: OfficeAgency) -> None:
    document, client = issued(made), made.client(Duty.REGISTRAR)
    page = f"/drafts/{document.pk}"
    given = {"user": "Trần Thị Mượn", "allowed_by": "Lê Văn Cho Phép", "note": "Đọc tại chỗ"}
    for _ in range(2):  # a double click
        assert client.submit(f"{page}/copy", page=page, **given).status_code == 303
    with acting_for(made.agency.pk):
        loan = CopyLoan.objects.get(document=document)
    assert loan.returned_on is None
    assert "Trần Thị Mượn" in client.get(page).content.decode()
    assert client.submit(f"{page}/copy", page=page, user="Người khác", allowed_by="Ai đó").status_code == 409
    assert client.submit(f"{page}/copy/{loan.pk}", page=page).status_code == 303
    cells, values, printed = everywhere(client, "copies")
    assert len(cells) == 9, cells
    assert cells[0] == cells[6] == f"{loan.used_on:%d/%m/%Y}"
    for said in (cells[0], "Trần Thị Mượn", "Lê Văn Cho Phép", "Đọc tại chỗ"):
        assert said in cells and said in values, said
        assert said in printed, said


def test_a_use_without_user_or_permission_or_before_the_issue_is_refused_field_by_field(made: OfficeAgency) -> None:
    document = issued(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        with pytest.raises(Refused) as refused:
            lending.lend(visit, document.pk, " ", "", visit.today + timedelta(days=1))
        assert {each.path for each in refused.value.problems} == {"user", "allowed_by", "used_on"}
        draft = outgoing_document(visit, state=Outgoing.DRAFT)
        with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
            lending.lend(visit, draft.pk, "A", "B", visit.today)
        loan = lending.lend(visit, document.pk, "A", "B", visit.today)
        with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
            lending.give_back(visit, document, loan.pk, visit.today + timedelta(days=1))
    with working_as(made, Duty.CASE_OFFICER) as visit, pytest.raises(Refused, match="NOT_YOURS"):
        lending.give_back(visit, document, loan.pk, visit.today)


def test_the_books_are_those_of_the_agency_and_not_for_everybody(made: OfficeAgency) -> None:
    document = issued(made)
    paper = on_paper(made, document, "UBND xã Thử")
    with working_as(made, Duty.REGISTRAR) as visit:
        sending.mark_sent(visit, paper.pk, visit.today)
    other = make_agency(made.agency.pk + 20_000_000, code=f"B{made.agency.code}")
    assert "UBND xã Thử" not in other.client(Duty.REGISTRAR).get("/reports/books/postal").content.decode()
    assert made.client(Duty.CASE_OFFICER).get("/reports/books/postal").status_code == 404
    assert made.client(Duty.REGISTRAR).get("/reports/books/other").status_code == 404
