"""Letters come out of a mailbox over a real line with TLS: each once, whatever happens to the line in between."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from imap_server import BODY, SIZE, MailboxServer, mailbox_server
from lienthong.base.errors import Refused
from lienthong.office.models import Arrival
from lienthong.office.services.mail_intake import Mailbox, set_mailbox, take_mail
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, make_agency, visit_of_worker, working_as

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailboxServer]:
    with mailbox_server(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        found.letters = {4: letter("Một"), 9: letter("Hai"), 12: letter("Ba")}
        yield found


@pytest.fixture
def made(agency_number: int, server: MailboxServer) -> OfficeAgency:
    found = make_agency(agency_number)
    connect(found, server)
    return found


def connect(made: OfficeAgency, server: MailboxServer, place: str = "INBOX", password: str | None = None) -> None:
    with working_as(made, Duty.ADMINISTRATOR) as visit:
        password = server.password if password is None else password
        set_mailbox(visit, Mailbox("127.0.0.1", server.user, password, server.port, place))


def letter(title: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = "so-noi-vu@tinh.example", "van-thu@tinh.example"
    made["Subject"], made["Message-ID"] = title, f"<{title.encode().hex()}@tinh.example>"
    made.set_content("Kính gửi")
    made.add_attachment(PDF, maintype="application", subtype="pdf", filename="a.pdf")
    return made.as_bytes().replace(b"\n", b"\r\n")


def take(made: OfficeAgency, trust: ssl.SSLContext | None = None) -> int:
    with visit_of_worker(made) as visit:
        visit.agency.refresh_from_db()
        return take_mail(visit, trust)


def titles(made: OfficeAgency) -> list[str]:
    with visit_of_worker(made):
        return list(Arrival.objects.order_by("pk").values_list("title", flat=True))


def test_letters_come_in_once_and_only_new_ones_are_fetched(made: OfficeAgency, server: MailboxServer) -> None:
    assert [take(made), take(made)] == [3, 0]
    server.letters[13] = letter("Bốn")
    assert take(made) == 1
    assert titles(made) == ["Một", "Hai", "Ba", "Bốn"]
    assert server.bodies == [4, 9, 12, 13]
    assert {"EXAMINE", "LOGOUT"} <= set(server.verbs), "the mailbox is only read"
    assert "SELECT" not in server.verbs


def test_a_wrong_password_is_refused_with_the_words_of_the_server(made: OfficeAgency, server: MailboxServer) -> None:
    connect(made, server, password="khac")
    with pytest.raises(Refused, match="MAILBOX_AWAY") as refused:
        take(made)
    assert "Sai mật khẩu" in refused.value.sentence("vi")
    assert titles(made) == []


def test_a_user_or_password_with_letters_of_vietnamese_or_spaces_signs_in(
    made: OfficeAgency, server: MailboxServer
) -> None:
    server.user, server.password = 'văn thư "1"', "mật khẩu"
    connect(made, server)
    assert take(made) == 3


def test_a_folder_that_is_not_there_is_refused(made: OfficeAgency, server: MailboxServer) -> None:
    connect(made, server, "Luu")
    with pytest.raises(Refused, match="MAILBOX_AWAY"):
        take(made)


def test_a_folder_with_letters_of_other_languages_is_asked_for_in_the_servers_spelling(
    made: OfficeAgency, server: MailboxServer
) -> None:
    # The example of RFC 3501 §5.1.3.
    server.place = "~peter/mail/&U,BTFw-/&ZeVnLIqe-"
    connect(made, server, "~peter/mail/台北/日本語")
    assert take(made) == 3


def test_a_letter_that_the_server_has_lost_for_ever_holds_up_no_other(
    made: OfficeAgency, server: MailboxServer
) -> None:
    server.refusals = {(9, BODY): "CORRUPTION"}
    assert take(made) == 2
    assert titles(made) == ["Một", "Ba"]


def test_a_server_whose_certificate_nobody_trusts_is_told_no_password(
    made: OfficeAgency, server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Refused, match="MAILBOX_AWAY"):
        take(made)
    assert server.verbs == []
    assert take(made, ssl.create_default_context(cafile=str(server.certificate))) == 3


def test_a_mailbox_that_was_numbered_anew_is_read_again_without_doubling(
    made: OfficeAgency, server: MailboxServer
) -> None:
    assert take(made) == 3
    server.validity, server.letters = 8, {1: letter("Hai"), 2: letter("Ba"), 3: letter("Bốn")}
    assert take(made) == 1
    assert titles(made) == ["Một", "Hai", "Ba", "Bốn"]
    assert server.bodies[3:] == [1, 2, 3]


@pytest.mark.parametrize("what", [SIZE, BODY], ids=["between_letters", "within_a_letter"])
def test_a_line_that_breaks_loses_and_doubles_nothing(made: OfficeAgency, server: MailboxServer, what: str) -> None:
    server.cuts = {(9, what)}
    with pytest.raises(Refused, match="MAILBOX_AWAY"):
        take(made)
    assert titles(made) == ["Một"]
    assert take(made) == 2
    assert titles(made) == ["Một", "Hai", "Ba"]
    assert server.bodies == [4, 9, 12]


@pytest.mark.parametrize("what", [SIZE, BODY])
def test_a_letter_that_the_server_does_not_give_just_now_is_asked_for_again(
    made: OfficeAgency, server: MailboxServer, what: str
) -> None:
    server.refusals = {(9, what): "UNAVAILABLE"}
    with pytest.raises(Refused, match="MAILBOX_AWAY"):
        take(made)
    assert take(made) == 2
    assert titles(made) == ["Một", "Hai", "Ba"]
