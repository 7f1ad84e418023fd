"""An agency that can draft, sign, number, seal and issue: people with keys of a local authority, and their visits."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

import fixtures_office
from lienthong.infra.keys import key_pem, write_new
from lienthong.office.models import Document
from lienthong.office.services import drafting, issuing, reviewing, sending, signing_chain
from lienthong.office.services.draft_content import ChainSigner, DraftFields, Recipient
from lienthong.office.services.reviewing import Check, hex_of
from lienthong.office.services.storing import main_file, opened
from lienthong.trust.local_pki import distinguished_name, make_timestamper
from lienthong.webkit.door.visit import Person, Visit, capacities_of
from lienthong.webkit.people.models import Account, Appointment
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency
from official_document import decision, handwriting, seal_picture
from signers_world import People, period

PASSWORD = b"mat khau cua khoa"
PASSWORD_TEXT = PASSWORD.decode()
LEADER, HEAD = "Nguyễn Văn An", "Phạm Ngọc Ưng"
BODY = (
    "Điều 1. Thành lập Tổ công tác chuyển đổi số của Sở.\n1. Tổ có năm thành viên.\n2. Tổ làm việc theo quy chế.\n"
    "Điều 2. Quyết định này có hiệu lực kể từ ngày ký.\nĐiều 3. Chánh Văn phòng chịu trách nhiệm thi hành Quyết định này"
)


@dataclass
class OutgoingAgency:
    """An agency whose leader, unit head and registry have keys; the leader's and the seal's are in PKCS#12 files."""

    made: OfficeAgency
    pki: People

    def account(self, duty: Duty) -> Account:
        return self.made.people[duty]

    @contextmanager
    def visit(self, duty: Duty) -> Iterator[Visit]:
        """A visit in a transaction of its own, as a page makes one."""
        with acting_for(self.made.agency.pk), transaction.atomic():
            visit = self.visit_inside(duty)
            yield visit
            visit.write_entries()

    def visit_inside(self, duty: Duty) -> Visit:
        """The same for somebody who sees to agency and transaction himself."""
        account, now = self.account(duty), datetime.now(UTC)
        account.refresh_from_db()
        return Visit("vi", "127.0.0.1", now, Person(account, account.agency, "code", capacities_of(account, now)))

    def fields(self, **more: object) -> DraftFields:
        leader = self.account(Duty.LEADER)
        given = DraftFields(
            kind="Quyết định (cá biệt)", abstract="Về việc thành lập Tổ công tác chuyển đổi số", body=BODY,
            bases=("Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư",),
            signers=(ChainSigner(leader.pk, "GIÁM ĐỐC", LEADER),),
            recipients=(
                Recipient("UBND tỉnh Thử Nghiệm", "axis", "H99"), Recipient("Sở Tài chính Thử Nghiệm", "axis", "H99.02"),
                Recipient("Thư viện tỉnh", "paper"),
            ),
        )  # fmt: skip
        return replace(given, **more)  # type: ignore[arg-type]

    def draft(self, pdf: bytes | None = None, **more: object) -> int:
        """A draft of the case officer with a PDF."""
        with self.visit(Duty.CASE_OFFICER) as visit:
            document = drafting.begin(visit, self.fields(**more))
            drafting.put_file(visit, document.pk, io.BytesIO(pdf or decision()), "quyet-dinh.pdf", document.revision)
            return document.pk

    def submit(self, document: int) -> None:
        with self.visit(Duty.CASE_OFFICER) as visit:
            reviewing.submit(visit, document, self.get(document).revision)

    def approve(self, document: int, check: Check, duty: Duty) -> None:
        with self.visit(duty) as visit:
            signing_chain.approve(visit, document, check, hex_of(self.get(document)))

    def to_signers(self, document: int) -> None:
        """From draft to the first signer."""
        self.submit(document)
        self.approve(document, Check.CONTENT, Duty.UNIT_HEAD)
        self.approve(document, Check.FORM, Duty.REGISTRAR)

    def sign(self, document: int, duty: Duty = Duty.LEADER, secret: str = PASSWORD_TEXT) -> None:
        with self.visit(duty) as visit, signing_chain.opened_key(signing_chain.own_profile(visit), secret) as key:
            signing_chain.sign(visit, document, hex_of(self.get(document)), key)

    def number(self, document: int) -> Document:
        with self.visit(Duty.REGISTRAR) as visit:
            return issuing.number(visit, document)

    def seal(self, document: int, secret: str = PASSWORD_TEXT) -> None:
        with (
            self.visit(Duty.REGISTRAR) as visit,
            signing_chain.opened_key(issuing.agency_profile(visit), secret) as key,
        ):
            issuing.seal(visit, document, key)

    def issue(self, document: int) -> Document:
        with self.visit(Duty.REGISTRAR) as visit:
            return sending.issue(visit, document)

    def issued(self, **more: object) -> int:
        """The whole way."""
        document = self.draft(**more)
        self.to_signers(document)
        self.sign(document)
        self.number(document)
        self.seal(document)
        self.issue(document)
        return document

    def seal_and_die(self, document: int) -> None:
        """The seal is made, and the process dies before anything is committed."""
        with (
            self.visit(Duty.REGISTRAR) as visit,
            signing_chain.opened_key(issuing.agency_profile(visit), PASSWORD_TEXT) as key,
        ):
            issuing.seal(visit, document, key)
            raise RuntimeError("died")

    def also(self, duty: Duty, more: Duty) -> None:
        """Let the person of one duty have another one besides."""
        with acting_for(self.made.agency.pk):
            own = Appointment.objects.get(account=self.account(duty))
            own.pk, own.duty = None, more.value
            own.save(force_insert=True)

    def rename(self, duty: Duty, name: str) -> None:
        """Give a person another name and a key in it."""
        account = self.account(duty)
        with acting_for(self.made.agency.pk):
            account.full_name = name
            account.save()
        _profile(self.made, self.pki, account.login, name, "person")

    def copies_of(self, document: int, count: int) -> list[int]:
        """The same signed document several times, with its chain and its file; the first is the document itself."""
        made = [document]
        with acting_for(self.made.agency.pk), transaction.atomic():
            for _ in range(count):
                copy = self.get(document)
                steps, files = (
                    list(copy.signing_steps.all()),
                    list(copy.files.filter(role="document").order_by("version")),
                )
                copy.pk = None
                copy.save(force_insert=True)
                for each in (*steps, *files):
                    each.pk, each.document = None, copy
                    each.save(force_insert=True)
                made.append(copy.pk)
        return made

    @property
    def agency_log(self) -> Path:
        """Uses of the agency's key."""
        return fixtures_office.FOLDER / "signers" / self.made.agency.code / "co-quan.uses.log"

    def get(self, document: int) -> Document:
        """The document as it is now; inside of a visit or :meth:`looking`."""
        return Document.objects.select_related("agency", "unit", "drafter").get(pk=document)

    def look(self, document: int) -> Document:
        with acting_for(self.made.agency.pk):
            return self.get(document)

    def bytes_of(self, document: int) -> bytes:
        with acting_for(self.made.agency.pk):
            file = main_file(self.get(document))
            assert file is not None
            with opened(file) as source:
                return source.read()


def make_outgoing(number: int) -> OutgoingAgency:
    """An agency with keys; leader and unit head have the names that the test decision prints."""
    made = make_agency(number)
    with acting_for(made.agency.pk):
        for duty, name in ((Duty.LEADER, LEADER), (Duty.UNIT_HEAD, HEAD)):
            made.people[duty].full_name = name
            made.people[duty].save()
    pki = People(fixtures_office.FOLDER / "pki" / made.agency.code)
    _time_stamps(pki)
    (pki.folder / "person.png").write_bytes(handwriting())
    (pki.folder / "agency.png").write_bytes(seal_picture())
    _profile(made, pki, made.people[Duty.LEADER].login, LEADER, "person")
    _profile(made, pki, "co-quan", made.agency.name, "agency")
    return OutgoingAgency(made, pki)


def _profile(made: OfficeAgency, pki: People, label: str, name: str, role: str) -> None:
    """A PKCS#12 file with its profile, in the agency's folder of signers."""
    folder = fixtures_office.FOLDER / "signers" / made.agency.code
    folder.mkdir(parents=True, exist_ok=True)
    profile = pki.bundle(label, pki.add(name, label, bits=2048), PASSWORD, role)
    more = f"image = '{pki.folder / role}.png'\ntsa = '{pki.folder / 'tsa.toml'}'\n"
    (folder / profile.name).write_text(profile.read_text("utf-8") + more, "utf-8")


def _time_stamps(pki: People) -> None:
    """A time stamping authority of the local kind, as a ``tsa.toml``."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = make_timestamper(pki.root, key.public_key(), distinguished_name("TSA thử nghiệm"), period(), 5)
    write_new(pki.folder / "tsa.key", key_pem(key))
    file = pki._put("tsa.crt", own)
    text = f"key = 'tsa.key'\ncertificate = '{file.name}'\nchain = '{pki.root_file.name}'\n"
    (pki.folder / "tsa.toml").write_text(text, "utf-8")
