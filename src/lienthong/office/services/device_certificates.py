"""Whose a certificate on a device is (chứng thư số trên thiết bị): an administrator says it once for each certificate.

Many people have the same name, and certificates bear names. So one that is not in a person's signer's profile signs for
him only when somebody who knows him has looked at it.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.office.errors import DEVICE_CERTIFICATE_NOT_CONFIRMED, NOT_YOURS
from lienthong.office.models import DeviceCertificate
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services.telling import notify
from lienthong.office.states import NoticeKind
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import holders
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

WHERE = "/device-certificates"


def require_confirmed(visit: Visit, certificate: x509.Certificate) -> None:
    """Refuses DEVICE_CERTIFICATE_NOT_CONFIRMED unless it was confirmed to be this person's."""
    found = DeviceCertificate.objects.filter(account=visit.who.account, sha256=_digest(certificate)).first()
    if found is not None and found.confirmed:
        return
    vi, en = "quản trị chưa xác nhận là của đúng người này", "no administrator has confirmed that it is this person's"
    if found is not None and found.confirmed is False:
        vi, en = "quản trị đã xem và không công nhận", "the administrator has looked at it and did not accept it"
    raise Refused(DEVICE_CERTIFICATE_NOT_CONFIRMED, subject=_subject(certificate), person=visit.who.account.full_name,
                  why_vi=vi, why_en=en)  # fmt: skip


def ask(visit: Visit, certificate: x509.Certificate) -> DeviceCertificate:
    """Ask the administrators about a certificate that bears the person's name; asked already: nothing more."""
    found, new = DeviceCertificate.objects.get_or_create(
        account=visit.who.account, sha256=_digest(certificate),
        defaults={
            "agency": visit.agency, "subject": _subject(certificate), "serial": f"{certificate.serial_number:x}"[:50],
            "issuer": one_line(certificate.issuer.rfc4514_string(), 300), "asked_at": visit.now,
            "ends_at": certificate.not_valid_after_utc,
        },
    )  # fmt: skip
    if new:
        visit.note("certificate.asked", f"account:{found.account_id}", sha256=found.sha256.hex(), subject=found.subject)
        said = sentence(Said.CERTIFICATE_ASKED, name=visit.who.account.full_name)
        notify(visit, holders(visit.agency, visit.today, Duty.ADMINISTRATOR), NoticeKind.CERTIFICATE, said, WHERE)
    return found


def decide(visit: Visit, number: int, *, confirmed: bool) -> DeviceCertificate:
    """Say that a certificate is the person's, or that it is not; later the other way round too, when that was wrong.

    Never about one's own. Refuses NOT_YOURS, NOT_FOUND_HERE. The same again: no change.
    """
    if not visit.who.may(Duty.ADMINISTRATOR):
        raise Refused(NOT_YOURS, reason_vi="chỉ quản trị xác nhận", reason_en="only administrators confirm it")
    found = DeviceCertificate.objects.select_for_update().filter(pk=number, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    if found.account_id == visit.who.account.pk:
        raise Refused(NOT_YOURS, reason_vi="chứng thư số của mình do quản trị khác xác nhận",
                      reason_en="another administrator confirms one's own certificate")  # fmt: skip
    if found.confirmed is confirmed:
        return found
    found.confirmed, found.decided_at, found.decided_by = confirmed, visit.now, visit.who.account
    found.save(update_fields=["confirmed", "decided_at", "decided_by"])
    visit.note("certificate.confirmed" if confirmed else "certificate.refused", f"account:{found.account_id}",
               sha256=bytes(found.sha256).hex(), subject=found.subject)  # fmt: skip
    said = sentence(Said.CERTIFICATE_CONFIRMED if confirmed else Said.CERTIFICATE_REFUSED, subject=found.subject)
    notify(visit, [found.account_id], NoticeKind.CERTIFICATE, said, "/signing")
    return found


def _digest(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(hashes.SHA256())


def _subject(certificate: x509.Certificate) -> str:
    return one_line(certificate.subject.rfc4514_string(), 300)
