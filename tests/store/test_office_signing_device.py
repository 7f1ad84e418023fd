"""Signatures from a person's own device: what the office makes ready, what it takes back, and what it does not."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection

from device_world import confirm, trusting
from incoming_world import registered
from lienthong.base.errors import Refused
from lienthong.office.models import DeviceCertificate, Notice, Register
from lienthong.office.services import device_certificates, registers, signing_device
from lienthong.office.services.reviewing import hex_of
from lienthong.office.services.signing_device import Device, Prepared
from lienthong.trust.local_pki import Period
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeClient
from outgoing_world import HEAD, LEADER, OutgoingAgency, make_outgoing
from signers_world import Holder, People

HOUR = timedelta(hours=1)


@pytest.fixture
def world(office_installation, agency_number) -> OutgoingAgency:
    return make_outgoing(agency_number)


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    """Those whose root the office trusts."""
    made = People(tmp_path / "people")
    trusting(monkeypatch, tmp_path, made)
    return made


@pytest.fixture
def leader(world: OutgoingAgency, people: People) -> Holder:
    """The leader's device, whose certificate the administrator has confirmed."""
    made = people.add(LEADER, "lanh-dao")
    confirm(world, made)
    return made


def waiting(world: OutgoingAgency) -> int:
    document = world.draft()
    world.to_signers(document)
    return document


def device(holder: Holder) -> Device:
    return signing_device.read_device([base64.b64encode(holder.certificate.public_bytes(Encoding.DER)).decode()])


def prepare(world: OutgoingAgency, document: int, holder: Holder, duty: Duty = Duty.LEADER) -> Prepared:
    with world.visit(duty) as visit:
        return signing_device.prepare(visit, document, hex_of(world.get(document)), device(holder))


def signed(made: Prepared, holder: Holder) -> str:
    """What an agent answers for this document."""
    return base64.b64encode(holder.key.sign(made.to_sign, ec.ECDSA(hashes.SHA256()))).decode()


def complete(world: OutgoingAgency, ticket: str, signature: str, duty: Duty = Duty.LEADER) -> None:
    with world.visit(duty) as visit:
        signing_device.complete(visit, ticket, signature)


def refused(*asked: object, **more: object) -> str:
    with pytest.raises(Refused) as caught:
        complete(*asked, **more)  # type: ignore[arg-type]
    return caught.value.code.name


def not_prepared(*asked: object, **more: object) -> str:
    with pytest.raises(Refused) as caught:
        prepare(*asked, **more)  # type: ignore[arg-type]
    return caught.value.code.name


def test_a_signature_from_the_device_completes_the_document_like_one_of_the_server(
    world: OutgoingAgency, leader: Holder, tmp_path: Path
) -> None:
    document = waiting(world)
    before = world.bytes_of(document)
    made = prepare(world, document, leader)
    assert world.look(document).state == "signing"
    assert world.bytes_of(document) == before
    with world.visit(Duty.LEADER) as visit:
        signing_device.complete(visit, made.ticket, signed(made, leader))
        (entry,) = (each for each in visit.entries if "document.signed" in each)
        assert f"document:{document}" in entry and '"device":true' in entry.replace(" ", "")
    found = world.look(document)
    assert (found.state, found.signer_name) == ("signed", LEADER)
    file = tmp_path / "signed.pdf"
    file.write_bytes(world.bytes_of(document))
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 1, said
    with acting_for(world.made.agency.pk):
        step = found.signing_steps.get()
        assert bytes(step.sha256_after).hex() == hex_of(found)
    world.number(document)
    world.seal(document)
    assert world.issue(document).state == "issued"


def test_a_signature_counts_once(world: OutgoingAgency, leader: Holder) -> None:
    document = waiting(world)
    made = prepare(world, document, leader)
    complete(world, made.ticket, signed(made, leader))
    after = world.bytes_of(document)
    assert refused(world, made.ticket, signed(made, leader)) == "STEP_NOT_POSSIBLE"
    assert world.bytes_of(document) == after


def test_a_signature_of_another_document_key_or_of_nothing_is_not_taken(
    world: OutgoingAgency, people: People, leader: Holder
) -> None:
    first, second = waiting(world), waiting(world)
    made, other = prepare(world, first, leader), prepare(world, second, leader)
    namesake = people.add(LEADER, "trung-ten")
    for value in (signed(other, leader), signed(made, namesake), "", "?!", base64.b64encode(b"x" * 70).decode()):
        assert refused(world, made.ticket, value) == "SIGNATURE_NOT_VALID"
    assert [world.look(each).state for each in (first, second)] == ["signing", "signing"]


def test_a_ticket_is_of_one_person_and_cannot_be_changed(world: OutgoingAgency, leader: Holder) -> None:
    made = prepare(world, waiting(world), leader)
    value = signed(made, leader)
    assert refused(world, made.ticket, value, duty=Duty.UNIT_HEAD) == "DEVICE_SIGNING_EXPIRED"
    for ticket in ("", "x", made.ticket[:-1], f"{made.ticket}A", made.ticket.replace(":", "", 1)):
        assert refused(world, ticket, value) == "DEVICE_SIGNING_EXPIRED"
    with world.visit(Duty.UNIT_HEAD) as visit, pytest.raises(Refused, match="DEVICE_SIGNING_EXPIRED"):
        signing_device.content(visit, made.ticket)


def test_a_ticket_ends_after_some_hours(world: OutgoingAgency, leader: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    made = prepare(world, waiting(world), leader)
    monkeypatch.setattr(signing_device, "LASTS", -1)
    assert refused(world, made.ticket, signed(made, leader)) == "DEVICE_SIGNING_EXPIRED"


def test_a_file_that_changed_meanwhile_is_not_signed(world: OutgoingAgency, leader: Holder) -> None:
    document = waiting(world)
    made = prepare(world, document, leader)
    world.sign(document)
    assert refused(world, made.ticket, signed(made, leader)) == "STEP_NOT_POSSIBLE"
    other = waiting(world)
    with world.visit(Duty.LEADER) as visit, pytest.raises(Refused, match="STEP_NOT_POSSIBLE"):
        signing_device.prepare(visit, other, "0" * 64, device(leader))


def test_only_a_certificate_of_the_person_under_a_trusted_root_signs(
    world: OutgoingAgency, people: People, tmp_path: Path
) -> None:
    document, now = waiting(world), datetime.now(UTC).replace(microsecond=0)
    assert not_prepared(world, document, people.add(HEAD, "nguoi-khac")) == "DEVICE_CERTIFICATE_FOREIGN"
    ended = people.add(LEADER, "het-han", valid=Period(now - 2 * HOUR, now - HOUR))
    assert not_prepared(world, document, ended) == "CERTIFICATE_OUT_OF_TIME"
    stranger = People(tmp_path / "strangers").add(LEADER, "gia-danh")
    assert not_prepared(world, document, stranger) == "DEVICE_CERTIFICATE_NOT_TRUSTED"
    head = people.add(HEAD, "truong-phong")
    confirm(world, head, Duty.UNIT_HEAD)
    assert not_prepared(world, document, head, duty=Duty.UNIT_HEAD) in {"NOT_YOURS", "NOT_FOUND_HERE"}


def test_without_trust_stores_only_the_certificate_of_the_profile_signs(world: OutgoingAgency, tmp_path: Path) -> None:
    document = waiting(world)
    stranger = People(tmp_path / "people").add(LEADER, "khong-ro")
    assert not_prepared(world, document, stranger) == "DEVICE_CERTIFICATE_NOT_TRUSTED"
    login = world.account(Duty.LEADER).login
    text = base64.b64encode(
        signing_device.load_certificate((world.pki.folder / f"{login}.crt").read_bytes()).public_bytes(Encoding.DER)
    ).decode()
    with world.visit(Duty.LEADER) as visit:
        own = signing_device.read_device([text])
        assert signing_device.prepare(visit, document, hex_of(world.get(document)), own).to_sign


def test_a_certificate_that_ends_between_preparing_and_signing_does_not_sign(
    world: OutgoingAgency, leader: Holder
) -> None:
    document = waiting(world)
    made = prepare(world, document, leader)
    with world.visit(Duty.LEADER) as visit, pytest.raises(Refused, match="CERTIFICATE_OUT_OF_TIME"):
        visit.now += timedelta(days=4000)
        signing_device.complete(visit, made.ticket, signed(made, leader))


def test_the_pages_refuse_one_document_and_go_on_with_the_others(world: OutgoingAgency, leader: Holder) -> None:
    first, second = waiting(world), waiting(world)
    client = world.made.client(Duty.LEADER)
    text = base64.b64encode(leader.certificate.public_bytes(Encoding.DER)).decode()
    seen = {f"seen_{first}": "0" * 64}
    with acting_for(world.made.agency.pk):
        seen[f"seen_{second}"] = hex_of(world.get(second))
    rows = [str(first), str(second), str(second), "x"]
    answer = client.submit("/signing/device/prepare", page="/signing", row=rows, certificate=[text], **seen)
    one, two = answer.json()["documents"]
    assert "đã thay đổi" in one["said"]
    content = client.submit("/signing/device/content", page="/signing", ticket=two["ticket"])
    assert b"".join(content.streaming_content).startswith(b"%PDF-")
    value = leader.key.sign(base64.b64decode(two["to_sign"]), ec.ECDSA(hashes.SHA256()))
    members = {"ticket": two["ticket"], "signature": base64.b64encode(value).decode()}
    assert client.submit("/signing/device/complete", page="/signing", **members).json()["ok"] is True
    again = client.submit("/signing/device/complete", page="/signing", **members).json()
    assert (again["ok"], world.look(first).state, world.look(second).state) == (False, "signing", "signed")


def test_the_page_of_signing_may_call_the_agent_and_nobody_else(
    world: OutgoingAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.made.client(Duty.LEADER)
    assert "connect-src 'self';" in client.get("/signing").headers["Content-Security-Policy"]
    monkeypatch.setitem(signing_device.site().context, "sign_agent", "http://127.0.0.1:8093")
    policy = client.get("/signing").headers["Content-Security-Policy"]
    assert "connect-src 'self' http://127.0.0.1:8093;" in policy
    assert "8093" not in client.get("/drafts").headers["Content-Security-Policy"]


def last_entry(action: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_entry where action = %s order by number desc", [action])
        return str(cursor.fetchone()[0])


def asked_for(client: OfficeClient, row: str, seen: str, holder: Holder) -> dict[str, str]:
    """What the page of signing gets for one ticked row and this device."""
    text = base64.b64encode(holder.certificate.public_bytes(Encoding.DER)).decode()
    members = {"row": [row], f"seen_{row}": seen, "certificate": [text]}
    [found] = client.submit("/signing/device/prepare", page="/signing", **members).json()["documents"]
    return dict(found)


def signed_by(told: dict[str, str], holder: Holder) -> str:
    value = holder.key.sign(base64.b64decode(told["to_sign"]), ec.ECDSA(hashes.SHA256()))
    return base64.b64encode(value).decode()


def test_a_namesake_does_not_sign_until_the_administrator_has_said_whose_certificate_it_is(
    world: OutgoingAgency, people: People
) -> None:
    document, own, namesake = waiting(world), people.add(LEADER, "chinh-chu"), people.add(LEADER, "trung-ten")
    client, admin, row = world.made.client(Duty.LEADER), world.made.client(Duty.ADMINISTRATOR), str(document)
    with acting_for(world.made.agency.pk):
        seen = hex_of(world.get(document))
    for holder in (own, namesake, own):
        told = asked_for(client, row, seen, holder)
        assert "mang tên Nguyễn Văn An nhưng quản trị chưa xác nhận" in told["said"] and "ticket" not in told
    page = admin.get("/device-certificates").content.decode()
    with acting_for(world.made.agency.pk):
        rows = {bytes(each.sha256): each for each in DeviceCertificate.objects.all()}
        notices = Notice.objects.filter(kind="certificate", account=world.account(Duty.ADMINISTRATOR))
        assert (len(rows), notices.count()) == (2, 2)
    for holder, answer, action in (
        (own, "yes", "certificate.confirmed"), (namesake, "no", "certificate.refused"),
    ):  # fmt: skip
        asked = rows[holder.certificate.fingerprint(hashes.SHA256())]
        assert f"{holder.certificate.serial_number:x}" in page
        admin.submit(f"/device-certificates/{asked.pk}", page="/device-certificates", **{"is": answer})
        with acting_for(world.made.agency.pk):
            assert bytes(asked.sha256).hex() in last_entry(action)
    assert "không công nhận" in asked_for(client, row, seen, namesake)["said"]
    told = asked_for(client, row, seen, own)
    complete(world, told["ticket"], signed_by(told, own))
    assert world.look(document).state == "signed"


def test_nobody_confirms_his_own_certificate_or_without_the_duty(world: OutgoingAgency, people: People) -> None:
    own = people.add(LEADER, "cua-minh")
    world.also(Duty.LEADER, Duty.ADMINISTRATOR)
    with world.visit(Duty.LEADER) as visit:
        asked = device_certificates.ask(visit, own.certificate)
    for duty in (Duty.LEADER, Duty.REGISTRAR):
        with world.visit(duty) as visit, pytest.raises(Refused, match="NOT_YOURS"):
            device_certificates.decide(visit, asked.pk, confirmed=True)
    assert world.made.client(Duty.LEADER).get("/device-certificates").status_code == 200
    assert world.made.client(Duty.REGISTRAR).get("/device-certificates").status_code == 403


def test_a_closed_register_is_signed_with_the_device_of_who_closes_it(
    world: OutgoingAgency, people: People, tmp_path: Path
) -> None:
    world.rename(Duty.OFFICE_CHIEF, "Lê Thị Chánh")
    chief, register = people.add("Lê Thị Chánh", "chanh"), registered(world.made).register_id
    confirm(world, chief, Duty.OFFICE_CHIEF)
    with world.visit(Duty.OFFICE_CHIEF) as visit:
        closed = registers.close_register(visit, register)
    client, row = world.made.client(Duty.OFFICE_CHIEF), f"register-{register}"
    page, seen = client.get("/signing").content.decode(), bytes(closed.closed_sha256 or b"").hex()
    assert f'value="{row}"' in page and seen in page
    assert row not in world.made.client(Duty.LEADER).get("/signing").content.decode()
    assert "ticket" not in asked_for(client, row, "0" * 64, chief)
    told = asked_for(client, row, seen, chief)
    assert told["document"] == row
    members = {"ticket": told["ticket"], "signature": signed_by(told, chief)}
    answers = [client.submit("/signing/device/complete", page="/signing", **members).json()["ok"] for _ in range(2)]
    assert answers == [True, False]
    file = tmp_path / "book.pdf"
    file.write_bytes(b"".join(client.get(f"/registers/{register}/paper").streaming_content))
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 1, said
    with acting_for(world.made.agency.pk):
        assert Register.objects.get(pk=register).signed_by_id == world.account(Duty.OFFICE_CHIEF).pk
        assert '"device":true' in last_entry("register.signed").replace(" ", "")
    assert row not in client.get("/signing").content.decode()
