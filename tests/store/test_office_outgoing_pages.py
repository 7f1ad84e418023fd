"""The pages of the outgoing flow, as browsers send their forms: the whole way, refusals that keep what was typed, rights."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from lienthong.office.models import Document
from lienthong.office.screens import draft_acts, drafts, numbering, outgoing, registers, signing
from lienthong.office.services.reviewing import hex_of
from lienthong.office.states import Outgoing
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import make_agency
from official_document import decision
from outgoing_world import BODY, PASSWORD_TEXT, OutgoingAgency, make_outgoing

OURS = [*drafts.ROUTES, *draft_acts.ROUTES, *numbering.ROUTES, *outgoing.ROUTES, *registers.ROUTES, *signing.ROUTES]


@pytest.fixture
def world(office_installation, agency_number) -> OutgoingAgency:
    return make_outgoing(agency_number)


def form(world: OutgoingAgency, **more: Any) -> dict[str, Any]:
    return {
        "kind": "Quyết định (cá biệt)", "abstract": "Về việc thành lập Tổ công tác", "body": BODY, "urgency": "0",
        "signer_1": str(world.account(Duty.LEADER).pk), "others": "Sở Tài chính; H99.02\nThư viện tỉnh\nHội Khuyến học; a@hoi.example",
        "recipients": ["H99|UBND tỉnh Thử Nghiệm"], **more,
    }  # fmt: skip


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_a_document_goes_the_whole_way_through_pages(world: OutgoingAgency) -> None:
    officer, head = world.made.client(Duty.CASE_OFFICER), world.made.client(Duty.UNIT_HEAD)
    registrar, leader = world.made.client(Duty.REGISTRAR), world.made.client(Duty.LEADER)
    answer = officer.submit("/drafts/new", **form(world))
    assert answer.status_code == 303, text_of(answer)[-3000:]
    page = answer.headers["Location"]
    document = int(page.rpartition("/")[2])
    revision = re.search(r'name="revision" value="(\d+)"', text_of(officer.get(page)))[1]
    upload = SimpleUploadedFile("qd.pdf", decision(), "application/pdf")
    answer = officer.submit(f"{page}/files", page=page, file=upload, revision=revision, comment="bản đầu")
    assert answer.status_code == 303, text_of(answer)[-3000:]
    answer = officer.submit(f"{page}/submit", page=page, revision=str(world.look(document).revision))
    assert answer.status_code == 303, text_of(answer)[-3000:]
    with acting_for(world.made.agency.pk):
        seen = hex_of(world.get(document))
    assert head.submit(f"{page}/approve", page=page, check="content", seen=seen).status_code == 303
    assert "Không thấy lỗi thể thức" in text_of(registrar.get(f"{page}/check")) or "Trang 1" in text_of(
        registrar.get(f"{page}/check")
    )
    assert registrar.submit(f"{page}/approve", page=page, check="form", seen=seen).status_code == 303
    waiting = text_of(leader.get("/signing"))
    assert "Về việc thành lập Tổ công tác" in waiting
    signed = leader.submit("/signing", row=[str(document)], secret=PASSWORD_TEXT, **{f"seen_{document}": seen})
    assert "Kết quả ký" in text_of(signed) and world.look(document).state == Outgoing.SIGNED.value, text_of(signed)
    assert "Về việc thành lập Tổ công tác" in text_of(registrar.get("/numbering"))
    assert registrar.submit(f"{page}/number", page=page).status_code == 303
    assert registrar.submit(f"{page}/seal", page=page, secret=PASSWORD_TEXT).status_code == 303
    assert registrar.submit(f"{page}/issue", page=page).status_code == 303
    assert world.look(document).state == Outgoing.ISSUED.value
    register = text_of(registrar.get("/outgoing"))
    assert "01/QĐ-STN" in register and "Đã phát hành" in register
    board = text_of(registrar.get("/receipts"))
    assert "Hội Khuyến học" in board and "Đang gửi" in board


def test_a_refused_form_keeps_what_was_typed(world: OutgoingAgency) -> None:
    officer = world.made.client(Duty.CASE_OFFICER)
    answer = officer.submit("/drafts/new", **form(world, abstract="", note="ghi chú riêng"))
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Nhập trích yếu" in page and "ghi chú riêng" in page and "Thư viện tỉnh" in page
    with acting_for(world.made.agency.pk):
        assert not Document.objects.filter(agency=world.made.agency).exists()


def test_the_same_form_sent_twice_begins_one_draft(world: OutgoingAgency) -> None:
    officer = world.made.client(Duty.CASE_OFFICER)
    first = officer.submit("/drafts/new", **form(world, once="mot-lan"))
    second = officer.submit("/drafts/new", **form(world, once="mot-lan"))
    assert first.headers["Location"] == second.headers["Location"]


def test_a_new_draft_that_cannot_be_laid_out_is_saved_all_the_same_and_says_why(world: OutgoingAgency) -> None:
    answer = world.made.client(Duty.CASE_OFFICER).submit("/drafts/new", **form(world, body="", act="lay_out"))
    assert answer.status_code in {409, 422}
    assert "Nhập nội dung văn bản." in text_of(answer)
    with acting_for(world.made.agency.pk):
        assert Document.objects.filter(agency=world.made.agency).count() == 1


def test_a_state_secret_is_refused_with_what_to_do(world: OutgoingAgency) -> None:
    officer = world.made.client(Duty.CASE_OFFICER)
    answer = officer.submit("/drafts/new", **form(world, secret="1"))
    assert answer.status_code == 422
    assert "bảo vệ bí mật nhà nước" in text_of(answer)


def addresses(document: int, file: int) -> list[str]:
    return [
        "/" + each.pattern.replace("<int:document>", str(document)).replace("<int:file>", str(file))
        .replace("<int:number>", "1").replace("<int:delivery>", "1").replace("<int:register>", "1")
        for each in OURS
    ]  # fmt: skip


def test_people_of_another_agency_find_nothing_of_it(world: OutgoingAgency, agency_number: int) -> None:
    document = world.draft()
    with acting_for(world.made.agency.pk):
        file = world.get(document).files.get(role="document").pk
    other = make_agency(agency_number + 500_000)
    registrar = other.client(Duty.REGISTRAR)
    for where in addresses(document, file):
        if str(document) in where:
            assert registrar.get(where).status_code in {404, 405}, where
            assert registrar.submit(where, page="/drafts/new").status_code == 404, where
    assert "Về việc thành lập" not in text_of(registrar.get("/drafts?of=unit"))


def test_numbering_and_registers_are_for_registrars_only(world: OutgoingAgency) -> None:
    document = world.draft()
    officer = world.made.client(Duty.CASE_OFFICER)
    for where in ("/numbering", "/registers"):
        assert officer.get(where).status_code == 403
    for name in ("number", "seal", "void", "issue", "recall", "resend"):
        assert officer.submit(f"/drafts/{document}/{name}", page="/drafts/new").status_code == 403
    administrator = world.made.client(Duty.ADMINISTRATOR)
    for where in ("/drafts", "/outgoing", "/receipts", "/signing", f"/drafts/{document}"):
        assert administrator.get(where).status_code == 403


def test_several_documents_are_signed_with_one_password_and_each_for_itself(world: OutgoingAgency) -> None:
    """The second changed after it was shown, so it is refused while the others are signed."""
    documents = [world.draft() for _ in range(3)]
    for each in documents:
        world.to_signers(each)
    leader = world.made.client(Duty.LEADER)
    with acting_for(world.made.agency.pk):
        seen = {f"seen_{each}": hex_of(world.get(each)) for each in documents}
    seen[f"seen_{documents[1]}"] = "0" * 64
    wrong = leader.submit("/signing", row=documents, secret="sai", **seen)
    assert wrong.status_code == 422 and "Mật khẩu của khóa ký không đúng" in text_of(wrong)
    assert str(world.pki.folder) not in text_of(wrong)
    signed = leader.submit("/signing", row=documents, secret=PASSWORD_TEXT, **seen)
    assert "tệp đã thay đổi sau khi anh/chị mở" in text_of(signed)
    assert [world.look(each).state for each in documents] == ["signed", "signing", "signed"]
    again = leader.submit("/signing", row=documents, secret=PASSWORD_TEXT, **seen)
    assert again.status_code == 200
    assert PASSWORD_TEXT not in text_of(signed) + text_of(wrong) + text_of(again)


def test_the_page_of_an_outgoing_document_is_its_own(world: OutgoingAgency) -> None:
    document = world.draft()
    officer = world.made.client(Duty.CASE_OFFICER)
    assert officer.get(f"/documents/{document}").headers["Location"] == f"/drafts/{document}"
    assert "Chờ ký" not in text_of(officer.get(f"/drafts/{document}"))


def test_an_answer_and_a_correction_begin_with_what_they_are_about(world: OutgoingAgency) -> None:
    document = world.issued()
    officer = world.made.client(Duty.CASE_OFFICER)
    page = text_of(officer.get(f"/drafts/new?corrects={document}"))
    assert "Đính chính Quyết định số 01/QĐ-STN" in page and "UBND tỉnh Thử Nghiệm" in page
    page = text_of(officer.get(f"/drafts/new?replaces={document}"))
    assert "thay thế văn bản 01/QĐ-STN" in page
    draft = world.draft()
    assert officer.get(f"/drafts/new?corrects={draft}").status_code == 404


def test_everything_done_is_in_the_audit_log_and_no_password_is(world: OutgoingAgency) -> None:
    document = world.issued()
    with acting_for(world.made.agency.pk), connection.cursor() as cursor:
        cursor.execute("select body from audit_entry where agency_id = %s order by number", [world.made.agency.pk])
        said = [row[0] for row in cursor.fetchall()]
    acts = [json.loads(each)["action"] for each in said if f'"document:{document}"' in each]
    for act in ("draft.begun", "draft.file", "draft.submitted", "draft.content_approved", "draft.form_approved",
                "document.signed", "document.numbered", "document.sealed", "document.issued"):  # fmt: skip
        assert act in acts
    assert not any(PASSWORD_TEXT in each for each in said)


def test_the_register_filters_by_state_and_words(world: OutgoingAgency) -> None:
    world.issued()
    registrar = world.made.client(Duty.REGISTRAR)
    assert "01/QĐ-STN" in text_of(registrar.get("/outgoing?state=issued&words=chuyển đổi"))
    assert "01/QĐ-STN" not in text_of(registrar.get("/outgoing?state=recalled"))
    assert "01/QĐ-STN" not in text_of(registrar.get("/outgoing?words=không có đâu"))
    assert registrar.get("/outgoing?register=x&from=99/99/9999&after=zz").status_code == 200


def test_recipients_are_found_among_earlier_correspondents(world: OutgoingAgency) -> None:
    world.issued()
    officer = world.made.client(Duty.CASE_OFFICER)
    found = officer.get("/drafts/recipients?q=so tai chinh").json()
    assert found == [{"value": "H99.02|Sở Tài chính Thử Nghiệm", "label": "Sở Tài chính Thử Nghiệm", "more": "H99.02"}]


def test_pages_speak_english_to_whoever_wants_it(world: OutgoingAgency) -> None:
    document = world.issued()
    registrar = world.made.client(Duty.REGISTRAR)
    with acting_for(world.made.agency.pk):
        account = world.account(Duty.REGISTRAR)
        account.language = "en"
        account.save()
    assert "Outgoing register" in text_of(registrar.get("/outgoing")) and "Issued" in text_of(
        registrar.get("/outgoing")
    )
    page = text_of(registrar.get(f"/drafts/{document}"))
    assert "What comes next" in page and "Being sent" in page
