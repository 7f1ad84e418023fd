"""Letters in an agency's mailbox come into the tray, with their attachments as files (thư điện tử công vụ).

The mailbox is only read: nothing in it is changed, marked or deleted. Source: RFC 9051 (IMAP), RFC 5322.
"""

from __future__ import annotations

import base64
import hashlib
import imaplib
import io
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from django.db import DataError, transaction

from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.infra import telemetry
from lienthong.infra.steps import reached
from lienthong.office.errors import MAILBOX_AWAY
from lienthong.office.models import Arrival
from lienthong.office.services.arriving import Kept, arrive, left_out, take_file
from lienthong.office.states import Source
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Agency
from lienthong.webkit.signin.sealing import seal, unseal

SECONDS = 30
LARGEST = 60_000_000
"""Bytes of a letter; a larger one is left to people."""

AT_ONCE = 50
PLAIN_USER = re.compile(r"[A-Za-z0-9._@+-]+")
FOR_EVER = ("[CORRUPTION]", "[EXPUNGEISSUED]")
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""A letter that says it is older has a wrong date."""


STUMBLES = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError, MessageError,
)  # fmt: skip
"""What the library's reading of a letter raises on some that strangers write."""


if TYPE_CHECKING:
    _Policy = policy.EmailPolicy[EmailMessage]
else:
    _Policy = policy.EmailPolicy


class _Patient(_Policy):
    """The library's reading of headers, which raises errors of many kinds on some of them: those are taken raw."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """A header as an object of the library; one that it cannot read as the text that stands there."""
        try:
            return super().header_fetch_parse(name, value)
        except STUMBLES:
            if name.lower() == "content-disposition":
                # The library asks it for a member that no plain text has; a part that says anything here is a file.
                return super().header_fetch_parse(name, "attachment")
            return " ".join(str(policy.compat32.header_fetch_parse(name, value)).split())


_PARSER = BytesParser(policy=_Patient())


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where an agency's letters are. ``place``: folder on the server."""

    host: str
    user: str
    password: str
    port: int = 993
    place: str = "INBOX"


def set_mailbox(visit: Visit, box: Mailbox | None) -> None:
    """Remember an agency's mailbox, its password sealed; None: no mailbox any more."""
    agency = Agency.objects.select_for_update().get(pk=visit.agency.pk)
    settings = {name: value for name, value in agency.settings.items() if name not in {"mailbox", "mailbox_read"}}
    if box is not None:
        sealed = base64.b64encode(seal(box.password.encode())).decode()
        settings["mailbox"] = {
            "host": box.host,
            "port": box.port,
            "user": box.user,
            "place": box.place,
            "sealed": sealed,
        }
    agency.settings = settings
    agency.save(update_fields=["settings"])
    visit.note("mailbox.set", f"agency:{agency.pk}", host=box.host if box else "")


def mailbox_of(agency: Agency) -> Mailbox | None:
    """The mailbox of an agency, None when it has none."""
    given: Mapping[str, Any] | None = agency.settings.get("mailbox")
    if not given:
        return None
    password = unseal(base64.b64decode(given["sealed"])).decode()
    return Mailbox(given["host"], given["user"], password, int(given["port"]), given["place"])


def take_mail(visit: Visit, trust: ssl.SSLContext | None = None) -> int:
    """Take new letters with attachments into the tray; how many. ``trust``: of the server's certificate.

    How far the mailbox was read is kept with the agency; the Message-ID keeps a letter from coming twice. A letter
    that cannot be read stays in the mailbox for people and holds up no other. Refuses MAILBOX_AWAY.
    """
    box = mailbox_of(visit.agency)
    if box is None:
        return 0
    count = 0
    with _opened(box, trust) as server:
        validity = _validity(server)
        known = visit.agency.settings.get("mailbox_read", {})
        last = int(known.get("uid", 0)) if known.get("validity") == validity else 0
        for uid in _new(server, last)[:AT_ONCE]:
            data = _letter(server, uid)
            count += _take_or_leave(visit, data) if data is not None else 0
            reached("office.mail_taken")
            _remember(visit, validity, uid)
    return count


@contextmanager
def _opened(box: Mailbox, trust: ssl.SSLContext | None) -> Iterator[imaplib.IMAP4_SSL]:
    try:
        context = trust or ssl.create_default_context()
        server = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=SECONDS)
        try:
            _sign_in(server, box)
            _answered(server.select(_folder(box.place), readonly=True))
            yield server
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()
    except (imaplib.IMAP4.error, OSError) as reason:
        raise Refused(MAILBOX_AWAY, why=type(reason).__name__) from reason


def _sign_in(server: imaplib.IMAP4_SSL, box: Mailbox) -> None:
    try:
        if box.password.isascii() and PLAIN_USER.fullmatch(box.user):
            server.login(box.user, box.password)
        else:
            # LOGIN knows ASCII only, and the library sends the user as it stands (RFC 4616 takes both as UTF-8).
            server.authenticate("PLAIN", lambda _: f"\0{box.user}\0{box.password}".encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as reason:
        raise Refused(MAILBOX_AWAY, why=_said(*reason.args[:1])) from reason


def _folder(name: str) -> str:
    """A folder's name as a mailbox server is asked for it: quoted, and in its own UTF-7 (RFC 3501 §5.1.3)."""

    def shifted(found: re.Match[str]) -> str:
        text = base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return "&-" if found[0] == "&" else f"&{text}-"

    plain = re.sub(r"&|[^\x20-\x7e]+", shifted, name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def _answered(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server gave; anything but OK is for now and must not pass for an empty answer. Refuses MAILBOX_AWAY."""
    word, found = answer
    if word != "OK":
        raise Refused(MAILBOX_AWAY, why=_said(*found[-1:]))
    return found


def _said(text: object = "") -> str:
    """Words of the server."""
    return one_line(nfc(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)), 100)


def _validity(server: imaplib.IMAP4_SSL) -> str:
    _, found = server.response("UIDVALIDITY")
    return bytes(found[0]).decode("ascii", "replace") if found and found[0] else ""


def _new(server: imaplib.IMAP4_SSL, last: int) -> list[int]:
    found = _answered(server.uid("SEARCH", f"UID {last + 1}:*"))
    numbers = bytes(found[0] or b"").split() if found else []
    # "n:*" always gives the newest letter, also when its number is smaller.
    return sorted(int(each) for each in numbers if int(each) > last)


def _letter(server: imaplib.IMAP4_SSL, uid: int) -> bytes | None:
    """The bytes of a letter; None when it is too large or gone."""
    sized = _fetched(server, uid, "(RFC822.SIZE)")
    text = b" ".join(each if isinstance(each, bytes) else each[0] for each in sized if each)
    size = int(text.rpartition(b"RFC822.SIZE ")[2].partition(b")")[0].split()[0]) if b"RFC822.SIZE " in text else 0
    if not 0 < size <= LARGEST:
        return None
    found = _fetched(server, uid, "(BODY.PEEK[])")
    return next((bytes(each[1]) for each in found if isinstance(each, tuple)), None)


def _fetched(server: imaplib.IMAP4_SSL, uid: int, what: str) -> list[Any]:
    """Nothing when the server says that the letter is gone or spoilt for ever (RFC 5530)."""
    word, found = server.uid("FETCH", str(uid), what)
    if word == "NO" and _said(*found[-1:]).upper().startswith(FOR_EVER):
        return []
    return _answered((word, found))


def _take_or_leave(visit: Visit, data: bytes) -> bool:
    """Take a letter; one over which the reading stumbles is left and told to the operator."""
    try:
        return _take(visit, data)
    except (*STUMBLES, DataError) as reason:
        # Values that the database cannot hold are the letter's fault too; all else may be better next time.
        telemetry.fault("office.letter_left", reason, agency=visit.agency.code)
    visit.entries.clear()
    return False


def _take(visit: Visit, data: bytes) -> bool:
    """A letter becomes an arrival when it has a file that the office takes."""
    letter = _PARSER.parsebytes(data)
    files, lacking = _files(letter)
    if not files:
        return False
    reference = _header(letter, "Message-ID", 255) or hashlib.sha256(data).hexdigest()
    name, address = parseaddr(_header(letter, "From", 2_000))
    subject = _header(letter, "Subject", 500) or "Thư không có tiêu đề"
    fields: dict[str, Any] = {"mail_from": one_line(address, 254)}
    if lacking:
        fields["left_out"] = lacking
    with transaction.atomic():
        new = not Arrival.objects.filter(agency=visit.agency, source=Source.MAIL.value, reference=reference).exists()
        arrive(
            visit, visit.agency.pk, Source.MAIL, reference, files, sender_name=nfc(name or address), title=subject,
            received_at=_date(letter, visit.now), fields=fields,
        )  # fmt: skip
        visit.write_entries()
    return new


def _header(letter: EmailMessage, name: str, limit: int) -> str:
    """A header in one line that can be stored; empty when there is none."""
    return one_line(nfc(str(letter.get(name, ""))), limit)


def _files(letter: EmailMessage) -> tuple[list[tuple[Kept, str]], list[dict[str, str]]]:
    taken: list[tuple[Kept, str]] = []
    lacking: list[dict[str, str]] = []
    for part in letter.iter_attachments():
        content = part.get_payload(decode=True)
        name = part.get_filename() or "tep"
        if not isinstance(content, bytes):
            continue
        try:
            taken.append(take_file(io.BytesIO(content), name))
        except Refused as refused:
            if refused.code.http >= 500:
                raise
            lacking.append(left_out(name, refused))
    return taken, lacking


def _date(letter: EmailMessage, otherwise: datetime) -> datetime:
    """When it was sent, as it says; a date that cannot be is not believed."""
    try:
        found = parsedate_to_datetime(_header(letter, "Date", 200))
    except (ValueError, TypeError, LookupError, ArithmeticError):
        return otherwise
    aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return min(aware, otherwise) if aware >= EARLIEST else otherwise


def _remember(visit: Visit, validity: str, uid: int) -> None:
    with transaction.atomic():
        agency = Agency.objects.select_for_update().get(pk=visit.agency.pk)
        agency.settings = {**agency.settings, "mailbox_read": {"validity": validity, "uid": uid}}
        agency.save(update_fields=["settings"])
