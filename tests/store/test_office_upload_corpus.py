"""Files that nobody should hand in, at the counter and to a draft: each is refused in words, or kept as what it is."""

from __future__ import annotations

import io
import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from fixtures_office import FOLDER, OfficeInstallation
from incoming_world import arrived, pdf
from lienthong.base.errors import Refused
from lienthong.office.errors import FILE_NOT_TAKEN
from lienthong.office.models import Arrival, StoredFile
from lienthong.office.services.examining import examine
from lienthong.office.services.receiving import Given, add_to
from lienthong.office.services.storing import take
from lienthong.webkit.people.models import Account
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from odd_files import COMPOUND, compound, locked_pdf, long_pdf, package, plain_pdf, zip_behind
from office_world import OfficeAgency, OfficeClient, make_agency, visit_of_worker, working_as

REFUSED: dict[str, tuple[str, Any, str, str]] = {
    "nothing in it": ("rong.pdf", lambda: b"", "tệp rỗng", "it is empty"),
    "a PDF named otherwise": ("vb.zip", lambda: zip_behind(plain_pdf()), "đuôi tên phải là .pdf", "name it .pdf"),
    "a PDF named as Word": ("vb.docx", plain_pdf, "đuôi tên phải là .pdf", "name it .pdf"),
    "a page that is a PDF too": (
        "vb.pdf", lambda: b"<html><script>alert(1)</script>" + plain_pdf(), "vừa là PDF vừa là loại khác", "something else"),
    "a package that is a PDF too": ("vb.pdf", lambda: package() [:400] + plain_pdf(), "vừa là PDF", "something else"),
    "a picture that is a script": ("anh.gif", lambda: b"GIF89a/*" + bytes(9) + b"*/=1;alert(1)", "không phải loại", "no kind"),
    "a picture named PDF": ("anh.pdf", lambda: b"\x89PNG\r\n\x1a\n" + bytes(90), "không khớp đuôi .pdf", "does not fit .pdf"),
    "a program that is a PDF too": ("vb.pdf", lambda: b"MZ" + bytes(60) + plain_pdf(), "chương trình", "a program"),
    "a program named text": ("doc.txt", lambda: b"#!/bin/sh\nrm -rf /\n", "chương trình", "a program"),
    "a program of Linux named Word": ("vb.docx", lambda: b"\x7fELF" + bytes(60), "chương trình", "a program"),
    "text named PDF": ("vb.pdf", "Quyết định".encode, "không phải loại", "no kind"),
    "a page of HTML": ("vb.html", lambda: b"<!doctype html><script>1</script>", "không phải loại", "no kind"),
    "a drawing with a script": ("hinh.svg", lambda: b"<svg onload=alert(1)>", "không phải loại", "no kind"),
    "Word with macros": ("vb.docm", lambda: package("word/vbaProject.bin"), "macro", "macros"),
    "macros behind a plain name": ("vb.docx", lambda: package("word/vbaProject.bin"), "macro", "macros"),
    "a sheet with macros": ("bang.xlsm", lambda: package("xl/vbaProject.bin"), "macro", "macros"),
    "a sheet with macros, renamed": ("bang.xlsx", lambda: package("xl/VBAPROJECT.BIN"), "macro", "macros"),
    "old Word with macros": ("vb.doc", lambda: compound("WordDocument", "Macros", "_VBA_PROJECT"), "macro", "macros"),
    "OpenDocument with programs": ("vb.odt", lambda: package("Basic/Standard/Module1.xml"), "macro", "macros"),
    "a PDF with a password": ("mat-khau.pdf", lambda: locked_pdf("bi mat"), "có mật khẩu", "a password"),
    "Word with a password": ("vb.docx", lambda: compound("EncryptionInfo", "EncryptedPackage"), "có mật khẩu", "a password"),
    "old Word with a password": ("vb.doc", lambda: compound("EncryptedPackage"), "có mật khẩu", "a password"),
    "a package that was cut": ("vb.docx", lambda: package("word/document.xml")[:-30], "hỏng hoặc bị cắt", "damaged or cut"),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(office_installation: OfficeInstallation) -> tuple[OfficeAgency, dict[str, OfficeClient]]:
    """One agency with a registrar who reads Vietnamese or English."""
    made = make_agency(97_532)
    return made, {"vi": made.client(Duty.REGISTRAR)}


def speak(made: OfficeAgency, language: str) -> None:
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.REGISTRAR].pk).update(language=language)


def hand_in(client: OfficeClient, name: str, data: bytes, reference: str, **headers: str) -> Any:
    """One file as the page's script sends it."""
    page = client.get("/arrivals/new").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    headers = {"HTTP_ACCEPT": "application/json", "HTTP_X_CSRFTOKEN": token[1]} | headers
    return client.post(f"/arrivals/new/{reference}", {"file": SimpleUploadedFile(name, data)}, **headers)


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_not_taken_is_refused_in_both_languages_with_its_code(
    desk: tuple[OfficeAgency, dict[str, OfficeClient]], case: str
) -> None:
    made, clients = desk
    name, make, vi, en = REFUSED[case]
    reference = f"{abs(hash(case)):032x}"[-32:]
    for language, sentence in (("vi", vi), ("en", en)):
        speak(made, language)
        answer = hand_in(clients["vi"], name, make(), reference)
        told = json.loads(answer.content)
        assert (answer.status_code, told["code"]) == (400, "FILE_NOT_TAKEN"), told
        assert sentence in told["title"], told
        assert name in told["title"] or name[:20] in told["title"]
        assert len(told["detail"]) > 20
    with acting_for(made.agency.pk):
        assert not StoredFile.objects.filter(name=name).exists()
        assert not Arrival.objects.filter(reference=reference).exists(), "nothing is left of the form that was refused"


TAKEN = {
    "a PDF with a package behind it": ("hai-trong-mot.pdf", lambda: zip_behind(plain_pdf()), "application/pdf"),
    "a PDF that only forbids printing": ("cam-in.pdf", lambda: locked_pdf(""), "application/pdf"),
    "old Word without macros": ("cu.doc", lambda: compound("WordDocument"), "application/msword"),
    "Word": ("moi.docx", lambda: package("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_a_file_of_one_kind_is_kept_to_the_byte_and_never_shown_in_place(
    desk: tuple[OfficeAgency, dict[str, OfficeClient]], case: str
) -> None:
    made, clients = desk
    name, make, media_type = TAKEN[case]
    data = make() + b"\n"
    answer = hand_in(clients["vi"], name, data, f"{abs(hash(case)):032x}"[-32:])
    assert answer.status_code == 200, answer.content.decode()
    with acting_for(made.agency.pk):
        kept = StoredFile.objects.get(pk=json.loads(answer.content)["id"])
        assert kept.media_type == media_type
    given = clients["vi"].get(f"/files/{kept.pk}")
    assert b"".join(given.streaming_content) == data
    assert given["Content-Type"] == "application/octet-stream"
    assert given["Content-Disposition"].startswith("attachment")
    assert given["X-Content-Type-Options"] == "nosniff"


NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf",
    "..\\..\\windows\\system32\\a.pdf": "a.pdf",
    "C:\\Users\\x\\Desktop\\Quyết định.pdf": "Quyết định.pdf",
    "/etc/cron.d/vb.pdf": "vb.pdf",
    "....pdf": "pdf",
    "vb\u202efdp.exe.pdf": "vb fdp.exe.pdf",
    "dong\r\nX-Injected: 1.pdf": None,
    "'; drop table office_document; --.pdf": "'; drop table office_document; --.pdf",
    "<script>alert(1)<\\script>.pdf": None,
    "Quye\u0302\u0301t đi\u0323nh.pdf": "Quyết định.pdf",
    "a" * 300 + ".pdf": "a" * 196 + ".pdf",
    "CON.pdf": "CON.pdf",
    " . .. vb.pdf": "vb.pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_path_or_a_trick_in_a_name_stays_a_plain_name(
    desk: tuple[OfficeAgency, dict[str, OfficeClient]], name: str
) -> None:
    """The name is set below the form, where nothing tidies it on the way."""
    made, clients = desk
    with acting_for(made.agency.pk):
        arrival = Arrival.objects.create(
            agency=made.agency, source="paper", reference=f"{abs(hash(name)):032x}"[-32:], state="waiting",
            received_at=datetime.now(UTC), title="x",
        )  # fmt: skip
    with working_as(made, Duty.REGISTRAR) as visit:
        kept = add_to(visit, arrival, Given(io.BytesIO(pdf()), name))
    expected = NAMES[name]
    if expected is not None:
        assert kept.name == expected
    assert not re.search(r"[/\\\x00-\x1f\u202a-\u202e\u2066-\u2069]", kept.name)
    assert len(kept.name) <= 200
    assert not kept.name.startswith((".", " "))
    given = clients["vi"].get(f"/files/{kept.pk}")
    assert "X-Injected" not in given.headers
    assert "\n" not in given["Content-Disposition"]
    assert "<script>" not in clients["vi"].get(f"/arrivals/{arrival.pk}").content.decode()


def test_a_name_with_a_nul_is_refused_before_anything_is_kept(
    desk: tuple[OfficeAgency, dict[str, OfficeClient]],
) -> None:
    _, clients = desk
    page = clients["vi"].get("/arrivals/new").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    body = (
        b'--giua\r\nContent-Disposition: form-data; name="file"; filename="a\x00b.pdf"\r\n\r\n'
        + pdf()
        + b"\r\n--giua--\r\n"
    )
    answer = clients["vi"].generic(
        "POST", f"/arrivals/new/{'e' * 32}", body, "multipart/form-data; boundary=giua",
        HTTP_X_CSRFTOKEN=token[1], HTTP_ACCEPT="application/json",
    )  # fmt: skip
    if answer.status_code == 200:
        with acting_for(desk[0].agency.pk):
            assert "\0" not in StoredFile.objects.get(pk=json.loads(answer.content)["id"]).name
    else:
        assert answer.status_code == 400


def test_ten_thousand_pages_are_taken_looked_at_and_told_in_bounded_time(
    desk: tuple[OfficeAgency, dict[str, OfficeClient]],
) -> None:
    made, clients = desk
    speak(made, "vi")
    begun = time.monotonic()
    answer = hand_in(clients["vi"], "muoi-nghin-trang.pdf", long_pdf(10_000), "d" * 32)
    assert answer.status_code == 200, answer.content.decode()
    with acting_for(made.agency.pk):
        arrival = Arrival.objects.get(reference="d" * 32)
    with visit_of_worker(made) as visit:
        examine(visit, arrival)
    page = clients["vi"].get(f"/arrivals/{arrival.pk}").content.decode()
    assert time.monotonic() - begun < 120
    assert re.search(r'data-sizes="10000:\d+x\d+"', page), "all pages can be reached, in one run of one size"
    assert len(page) < 300_000
    with acting_for(made.agency.pk):
        arrival.refresh_from_db()
        assert arrival.state == "waiting"


def test_a_file_over_the_limit_is_refused_with_both_sizes(
    desk: tuple[OfficeAgency, dict[str, OfficeClient]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, clients = desk
    speak(made, "vi")
    monkeypatch.setattr(settings, "LIENTHONG", replace(settings.LIENTHONG, upload_limit=10_000))
    answer = hand_in(clients["vi"], "lon.pdf", plain_pdf() + bytes(40_000), "c" * 32)
    told = json.loads(answer.content)
    assert (answer.status_code, told["code"]) == (413, "UPLOAD_TOO_LARGE")
    assert "10 KB" in told["title"] and "tách thành nhiều tệp" in told["detail"]


def test_a_file_that_was_handed_in_by_mistake_is_taken_out_and_the_next_one_is_the_document(
    desk: tuple[OfficeAgency, dict[str, OfficeClient]],
) -> None:
    made, clients = desk
    client = clients["vi"]
    first = json.loads(hand_in(client, "nham.pdf", pdf(), "b" * 32).content)
    json.loads(hand_in(client, "dung.pdf", pdf(), "b" * 32).content)
    json.loads(hand_in(client, "phu-luc.pdf", pdf(), "b" * 32).content)
    for _ in range(2):
        assert client.submit(first["remove"], page="/arrivals/new").status_code == 303
    with acting_for(made.agency.pk):
        arrival = Arrival.objects.get(reference="b" * 32)
        left = [(each.slot, each.role, each.name) for each in arrival.files.order_by("slot")]
        assert left == [(0, "document", "dung.pdf"), (1, "attachment", "phu-luc.pdf")]
        assert arrival.title == "dung"


def test_what_the_axis_brings_keeps_its_password_and_says_so(office_installation: OfficeInstallation) -> None:
    """Its sender cannot be asked here and now: the registrar sees the sentence, and returns it or not."""
    made = make_agency(97_533)
    arrival = arrived(made, data=locked_pdf("bi mat"))
    with acting_for(made.agency.pk):
        Arrival.objects.filter(pk=arrival.pk).update(state="checking")
        arrival.refresh_from_db()
    with visit_of_worker(made) as visit:
        examine(visit, arrival)
    page = made.client(Duty.REGISTRAR).get(f"/arrivals/{arrival.pk}").content.decode()
    assert "mã hóa" in page or "mật khẩu" in page


def test_the_parts_of_a_refused_file_do_not_stay_in_the_store(office_installation: OfficeInstallation) -> None:
    def files() -> list[Path]:
        return sorted(path for path in (FOLDER / "blobs").rglob("*") if path.is_file())

    before = files()
    for data, name in ((COMPOUND + bytes(50), "vb.docx"), (package("word/vbaProject.bin"), "vb.docx"), (b"", "a.pdf")):
        with pytest.raises(Refused) as refused:
            take(io.BytesIO(data), name)
        assert refused.value.code is FILE_NOT_TAKEN
    assert files() == before
