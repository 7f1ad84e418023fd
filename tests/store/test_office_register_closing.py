"""Registers are signed at closing: the paper that was closed, signed once, now or later; nothing enters afterwards."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pypdfium2
import pytest

from fixtures_office import OfficeInstallation
from incoming_world import registered
from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.infra.office_config import OfficeConfig
from lienthong.office.models import Document, Register
from lienthong.office.services import registers
from lienthong.office.services.signing_chain import opened_key, own_profile
from lienthong.office.services.storing import store
from lienthong.roles.office_sweeping import clean
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from outgoing_world import PASSWORD_TEXT, OutgoingAgency, make_outgoing


@pytest.fixture
def world(office_installation, agency_number) -> OutgoingAgency:
    """The office chief has a key; the registrar has none."""
    made = make_outgoing(agency_number)
    made.rename(Duty.OFFICE_CHIEF, "Lê Thị Chánh")
    return made


def number_of(world: OutgoingAgency) -> int:
    """The incoming register, with one document."""
    document = registered(world.made)
    with acting_for(world.made.agency.pk):
        return Document.objects.get(pk=document.pk).register_id


def now(world: OutgoingAgency, register: int) -> Register:
    with acting_for(world.made.agency.pk):
        return Register.objects.select_related("closed_by", "signed_by").get(pk=register)


def bytes_of(digest: bytes | None) -> bytes:
    assert digest is not None
    with store().open(Sha256(bytes(digest))) as source:
        return source.read()


def sign(world: OutgoingAgency, register: int) -> None:
    with world.visit(Duty.OFFICE_CHIEF) as visit, opened_key(own_profile(visit), PASSWORD_TEXT) as key:
        registers.sign_register(visit, register, key)


def test_the_chief_closes_a_register_and_its_paper_carries_his_valid_signature(
    world: OutgoingAgency, tmp_path: Path
) -> None:
    register = number_of(world)
    chief = world.made.client(Duty.OFFICE_CHIEF)
    answer = chief.submit(f"/registers/{register}/close", page="/registers", secret=PASSWORD_TEXT)
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    found = now(world, register)
    assert found.closed_by == found.signed_by == world.account(Duty.OFFICE_CHIEF)
    page = chief.get("/registers").content.decode()
    assert "Đã khóa, đã ký" in page and page.count("Lê Thị Chánh") >= 2
    data = b"".join(chief.get(f"/registers/{register}/paper").streaming_content)
    assert data == bytes_of(found.signed_sha256) and data.startswith(bytes_of(found.closed_sha256))
    file = tmp_path / "book.pdf"
    file.write_bytes(data)
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 1, said
    assert "Total document signed" in said and "Lê Thị Chánh" in said
    words = "".join(each.get_textpage().get_text_range() for each in pypdfium2.PdfDocument(io.BytesIO(data)))
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN" in words.upper() and "Bộ Thử nghiệm" in words


def test_without_a_key_or_with_a_wrong_secret_the_register_stays_open_unless_signing_is_put_off(
    world: OutgoingAgency,
) -> None:
    register = number_of(world)
    chief, registrar = world.made.client(Duty.OFFICE_CHIEF), world.made.client(Duty.REGISTRAR)
    wrong = chief.submit(f"/registers/{register}/close", page="/registers", secret="sai")
    assert wrong.status_code == 422 and "Mật khẩu của khóa ký không đúng" in wrong.content.decode()
    assert registrar.submit(f"/registers/{register}/close", page="/registers", secret="x").status_code == 422
    assert now(world, register).closed_at is None
    assert registrar.submit(f"/registers/{register}/close", page="/registers", later="1").status_code == 303
    found = now(world, register)
    assert found.closed_by == world.account(Duty.REGISTRAR) and found.signed_at is None
    assert "Đã khóa, chờ ký" in chief.get("/registers").content.decode()
    assert chief.submit(f"/registers/{register}/sign", page="/registers", secret=PASSWORD_TEXT).status_code == 303
    assert now(world, register).signed_by == world.account(Duty.OFFICE_CHIEF)


def test_signing_twice_gives_the_same_file_and_a_crash_is_signed_again(world: OutgoingAgency) -> None:
    register = number_of(world)
    with world.visit(Duty.REGISTRAR) as visit:
        registers.close_register(visit, register)
    with (
        pytest.raises(RuntimeError),
        world.visit(Duty.OFFICE_CHIEF) as visit,
        opened_key(own_profile(visit), PASSWORD_TEXT) as key,
    ):
        registers.sign_register(visit, register, key)
        raise RuntimeError("died")
    assert now(world, register).signed_sha256 is None
    sign(world, register)
    first = now(world, register)
    sign(world, register)
    again = now(world, register)
    assert bytes(again.signed_sha256) == bytes(first.signed_sha256) and again.signed_at == first.signed_at


def test_an_open_register_cannot_be_signed(world: OutgoingAgency) -> None:
    with pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
        sign(world, number_of(world))


def test_nothing_is_entered_into_closed_registers(world: OutgoingAgency) -> None:
    incoming, first = number_of(world), world.issued()
    document = world.draft()
    world.to_signers(document)
    world.sign(document)
    with world.visit(Duty.REGISTRAR) as visit:
        registers.close_register(visit, incoming)
        registers.close_register(visit, world.look(first).register_id)
    for enter in (lambda: registered(world.made), lambda: world.number(document)):
        with pytest.raises(Refused) as caught:
            enter()
        assert "đã khóa, không cấp số được nữa" in caught.value.sentence("vi")
        assert "is closed and gives no numbers" in caught.value.sentence("en")


def test_the_sweep_keeps_both_papers(world: OutgoingAgency, office_installation: OfficeInstallation) -> None:
    register = number_of(world)
    with world.visit(Duty.REGISTRAR) as visit:
        registers.close_register(visit, register)
    sign(world, register)
    found = now(world, register)
    paths = [store().path(Sha256(bytes(each))) for each in (found.closed_sha256, found.signed_sha256)]
    for each in paths:
        os.utime(each, (1_600_000_000, 1_600_000_000))
    clean(OfficeConfig(data_dir=office_installation.folder), office_installation.owner_dsn)
    assert [each.exists() for each in paths] == [True, True]


def test_case_officers_neither_close_nor_sign_nor_download(world: OutgoingAgency) -> None:
    register = number_of(world)
    with world.visit(Duty.REGISTRAR) as visit:
        registers.close_register(visit, register)
    officer = world.made.client(Duty.CASE_OFFICER)
    for act in ("close", "sign"):
        assert officer.submit(f"/registers/{register}/{act}", page="/drafts/new").status_code == 403
    assert officer.get(f"/registers/{register}/paper").status_code == 403
