"""An agency's mailbox: letters with files come in once, and no letter, however broken, holds up the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.office.errors import MAILBOX_AWAY
from lienthong.office.models import Arrival
from lienthong.office.services import mail_intake
from lienthong.office.services.mail_intake import Mailbox, set_mailbox, take_mail
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, make_agency, visit_of_worker, working_as

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
BROKEN = (
    b"Message-ID: <", b"From: <@", b'From: "', b"From: a@[b", b"Subject: =?utf-8?q?=00?=", b"Subject: \x00\xff",
    b"Date: Thu, 26 Nov 2026 08:00:00 +99999999999999999999", b"Date: 1 Jan 0001 00:00:00 +1400", b"Date: <",
    b"Content-Disposition: ;;=*0*=", b"To: <@", b"Reply-To: a@[b",
)  # fmt: skip


class Server:
    """What of an IMAP server is asked here: letters by their number."""

    def __init__(self) -> None:
        self.letters: dict[int, bytes] = {}
        self.fetched: list[int] = []

    def response(self, _code: str) -> tuple[str, list[bytes]]:
        return "UIDVALIDITY", [b"7"]

    def uid(self, command: str, first: str, what: str = "") -> tuple[str, list[object]]:
        if command == "SEARCH":
            return "OK", [" ".join(str(each) for each in sorted(self.letters)).encode()]
        number = int(first)
        data = self.letters[number]
        if "SIZE" in what:
            return "OK", [f"1 (UID {number} RFC822.SIZE {len(data)})".encode()]
        self.fetched.append(number)
        return "OK", [(f"1 (UID {number} BODY[] {{{len(data)}}}".encode(), data), b")"]


def letter(name: str = "a.pdf", *broken: bytes, message: str = "") -> bytes:
    made = EmailMessage()
    made["To"] = "van-thu@tinh.example"
    if message:
        made["Message-ID"] = f"<{message}@tinh.example>"
    made.set_content("Kính gửi")
    made.add_attachment(PDF, maintype="application", subtype="pdf", filename=name)
    return b"".join(each + b"\n" for each in broken) + made.as_bytes()


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    found = make_agency(agency_number)
    with working_as(found, Duty.ADMINISTRATOR) as visit:
        set_mailbox(visit, Mailbox("imap.example", "van-thu", "mat khau"))
    return found


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()

    @contextmanager
    def opened(*_: object) -> Iterator[Server]:
        yield found

    monkeypatch.setattr(mail_intake, "_opened", opened)
    return found


def take(made: OfficeAgency) -> int:
    with visit_of_worker(made) as visit:
        visit.agency.refresh_from_db()
        return take_mail(visit)


def titles(made: OfficeAgency) -> list[str]:
    with visit_of_worker(made):
        return list(Arrival.objects.order_by("pk").values_list("title", flat=True))


@pytest.mark.parametrize("broken", BROKEN)
def test_a_letter_with_a_broken_header_comes_in_and_so_do_those_behind_it(
    made: OfficeAgency, server: Server, broken: bytes
) -> None:
    server.letters = {1: letter("a.pdf", broken), 2: letter("b.pdf", b"Subject: Sau", message="2")}
    assert take(made) == 2
    assert titles(made)[1] == "Sau"
    assert take(made) == 0
    assert server.fetched == [1, 2]


def test_a_letter_that_breaks_the_reading_is_left_and_the_next_one_is_taken(
    made: OfficeAgency, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = mail_intake._files

    def stumble(read: EmailMessage) -> object:
        if read["Subject"] == "Hỏng":
            raise RecursionError
        return files(read)

    monkeypatch.setattr(mail_intake, "_files", stumble)
    server.letters = {1: letter("a.pdf", "Subject: Hỏng".encode()), 2: letter("b.pdf", b"Subject: Sau")}
    assert take(made) == 1
    assert titles(made) == ["Sau"]
    assert take(made) == 0
    assert server.fetched == [1, 2], "what was left is not fetched again"


def test_what_is_only_for_now_keeps_the_letter_for_the_next_round(
    made: OfficeAgency, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.letters = {1: letter()}

    def away(_: object) -> object:
        raise Refused(MAILBOX_AWAY, why="disk")

    with monkeypatch.context() as patched:
        patched.setattr(mail_intake, "_files", away)
        with pytest.raises(Refused):
            take(made)
    assert take(made) == 1


headers = st.lists(
    st.builds(
        lambda name, value: name + b": " + value,
        st.sampled_from([b"Message-ID", b"From", b"Subject", b"Date", b"Content-Disposition", b"Content-Type",
                         b"Content-Transfer-Encoding", b"MIME-Version"]),
        st.one_of(
            st.binary(max_size=60),
            st.text("<>@[]()\",;:=?*.\\ aA0+-\t\r\n\x00ệ", max_size=40).map(str.encode),
            st.lists(st.sampled_from([b"<", b"@", b"=?utf-8?b?", b"?=", b'"', b"a@b", b"[", b"filename*0*=", b";", b"multipart/mixed",
                                      b"boundary=", b"attachment", b"Thu, 26 Nov 2026 08:00:00 ", b"+9999"]), max_size=6).map(b"".join),
        ),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(headers)
@example([BROKEN[0], BROKEN[1]])
@example([b"Content-Type: <", b"Content-Transfer-Encoding: ", b"Content-Disposition: ;;=*0*="])
def test_no_header_breaks_the_reading_and_all_that_is_read_can_be_stored(lines: list[bytes]) -> None:
    read = mail_intake._PARSER.parsebytes(b"\n".join([*lines, b"X: y", b"", b"text"]))
    for part in read.iter_attachments():
        part.get_payload(decode=True)
        part.get_filename()
    for name in ("Message-ID", "From", "Subject"):
        said = mail_intake._header(read, name, 255)
        assert len(said) <= 255
        assert "\x00" not in said
        said.encode()
    assert NOW - timedelta(days=20_000) < mail_intake._date(read, NOW) <= NOW
