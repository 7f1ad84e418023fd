"""The pages of an import: upload, columns, trial, import, report; what was typed stays after a refusal."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from test_office_importing import row, table

from lienthong.office.models import Document, ImportRun
from lienthong.office.services.importing import work_on_imports
from lienthong.webkit.door.visit import visit_of_system
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency

MAY = (Duty.ADMINISTRATOR, Duty.REGISTRAR)


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def work(made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        work_on_imports(visit_of_system(made.agency))


@pytest.mark.parametrize("duty", MAY)
def test_an_export_becomes_a_closed_register_through_the_pages(made: OfficeAgency, duty: Duty) -> None:
    client = made.client(duty)
    file = SimpleUploadedFile("cu.csv", table(row(1), row(3), row(3), row("x")))
    where = client.submit("/imports", system="Hệ cũ", direction="incoming", table=file)["Location"]
    page = client.get(where).content.decode()
    chosen = dict(re.findall(r'name="(column-[a-z_]+)".*?<option value="(\d+)" selected', page))
    assert chosen["column-arrival_number"] == "0"
    assert client.submit(f"{where}/columns", page=where, **chosen).status_code == 303
    assert 'hx-trigger="every 2s"' in client.get(where).content.decode()
    work(made)
    assert client.get(f"{where}/progress").headers["HX-Refresh"] == "true"
    assert "Nhập 2 văn bản" in client.get(where).content.decode()
    with acting_for(made.agency.pk):
        assert not Document.objects.exists()
    for _ in range(2):
        assert client.submit(f"{where}/begin", page="/imports").status_code == 303
    work(made)
    assert "Đã nhập xong" in client.get(where).content.decode()
    with acting_for(made.agency.pk):
        assert Document.objects.count() == 2
    report = b"".join(client.get(f"{where}/report.xlsx").streaming_content)
    said = [[cell.value for cell in line] for line in load_workbook(io.BytesIO(report)).worksheets[0].iter_rows()]
    assert [4, "không nhập", "Trùng trong tệp"] in [line[:3] for line in said]


def test_what_cannot_be_read_is_said_and_what_was_typed_stays(made: OfficeAgency) -> None:
    client = made.client(Duty.REGISTRAR)
    answer = client.submit(
        "/imports", system="Tên đã gõ", direction="outgoing", table=SimpleUploadedFile("a.csv", b"\x00\x01")
    )
    assert answer.status_code == 422
    assert "Tên đã gõ" in answer.content.decode()
    zipped = SimpleUploadedFile("tep.zip", b"PK\x03\x04 hong")
    answer = client.submit(
        "/imports", system="a", direction="incoming", table=SimpleUploadedFile("a.csv", table(row(1))), package=zipped
    )
    assert answer.status_code == 422
    assert "không phải ZIP" in answer.content.decode()
    with acting_for(made.agency.pk):
        assert not ImportRun.objects.exists()


def test_a_missing_column_is_told_at_its_field(made: OfficeAgency) -> None:
    client = made.client(Duty.REGISTRAR)
    file = SimpleUploadedFile("cu.csv", table(row(1)))
    where = client.submit("/imports", system="Hệ cũ", direction="incoming", table=file)["Location"]
    answer = client.submit(f"{where}/columns", page=where, **{"column-abstract": "5"})
    assert answer.status_code == 422
    assert 'id="column-arrival_number-fault"' in answer.content.decode()


def test_others_are_kept_out(made: OfficeAgency, agency_number: int) -> None:
    file = SimpleUploadedFile("cu.csv", table(row(1)))
    where = made.client(Duty.REGISTRAR).submit("/imports", system="Hệ cũ", direction="incoming", table=file)["Location"]
    stranger = make_agency(agency_number + 900_000).client(Duty.ADMINISTRATOR)
    for end in ("", "/progress", "/report.xlsx"):
        assert stranger.get(where + end).status_code == 404
    for end in ("/columns", "/begin"):
        assert stranger.submit(where + end, page="/imports").status_code == 404
    assert made.client(Duty.CASE_OFFICER).get(where).status_code == 403
