"""Uploads over the wire to an office as it runs: too large, of no length, longer or shorter than they say, broken off."""

from __future__ import annotations

import os
import re
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from axis_process import wait_for
from fixtures_office import FOLDER, OfficeInstallation
from fixtures_pg import make_directory
from incoming_world import pdf
from lienthong.office.models import Arrival, StoredFile
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_host import Browser, Host, running
from office_world import OfficeAgency, make_agency

LIMIT = 64_000_000
GROWTH = 90_000_000
"""Bytes by which a server may grow over an upload of any size."""


pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass
class Desk:
    host: Host
    made: OfficeAgency
    browser: Browser

    def kept(self) -> list[int]:
        """Sizes of all files of the agency."""
        with acting_for(self.made.agency.pk):
            return sorted(StoredFile.objects.filter(agency=self.made.agency).values_list("size", flat=True))

    def head(self, length: str, *, session: bool = True, boundary: str = "giua", accept: str = "text/html") -> bytes:
        """The head of a form with a file, up to its first byte."""
        word = self.browser.word("/arrivals/new")
        cookies = "; ".join(f"{name}={value}" for name, value in self.browser.web.cookies.items())
        return (
            f"POST /arrivals/new/{secrets.token_hex(16)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n"
            f"{f'Cookie: {cookies}' if session else 'X-None: 1'}\r\nX-CSRFToken: {word}\r\n{length}\r\n"
            f"Content-Type: multipart/form-data; boundary={boundary}\r\n\r\n"
        ).encode()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", int(self.host.url.rpartition(":")[2])), timeout=60)


PART = b'--giua\r\nContent-Disposition: form-data; name="file"; filename="quet.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
END = b"\r\n--giua--\r\n"


@pytest.fixture(scope="module")
def host(office_installation: OfficeInstallation) -> Iterator[Host]:
    with running(office_installation, make_directory(), max_upload=f"{LIMIT // 1_000_000} MB") as made:
        yield made


@pytest.fixture
def desk(host: Host, agency_number: int) -> Desk:
    made = make_agency(agency_number)
    return Desk(host, made, host.browser(made, Duty.REGISTRAR))


def answer_of(line: socket.socket) -> str:
    """Everything that comes back until the other side closes or has said a whole page."""
    got = b""
    with suppress(ConnectionResetError, TimeoutError):
        while piece := line.recv(65536):
            got += piece
            size = re.search(rb"content-length: (\d+)", got, re.I)
            head, _, body = got.partition(b"\r\n\r\n")
            if size and head and len(body) >= int(size[1]):
                break
    return got.decode("utf-8", "replace")


def temporary() -> list[Path]:
    """Uploads under way, which are nobody's when nothing is under way."""
    return [*(FOLDER / "uploads").glob("*.upload*"), *(FOLDER / "blobs").glob("tmp/*")]


def test_two_gigabytes_are_refused_before_they_are_sent_and_in_words(desk: Desk) -> None:
    before = desk.host.memory()
    with desk.connect() as line:
        line.sendall(desk.head("Content-Length: 2147483648", accept="application/json") + PART)
        said = answer_of(line)
    assert said.startswith("HTTP/1.1 413"), said[:300]
    assert '"UPLOAD_TOO_LARGE"' in said
    assert "64 MB" in said and "Chưa có gì được ghi" in said
    assert desk.host.memory() - before < GROWTH
    assert (desk.kept(), temporary()) == ([], [])
    assert desk.host.answers()


def test_two_gigabytes_that_are_sent_all_the_same_cost_no_memory_and_leave_nothing(desk: Desk) -> None:
    before, piece, sent = desk.host.memory(), bytes(1 << 20), 0
    with desk.connect() as line:
        line.sendall(desk.head("Content-Length: 2147483648") + PART)
        with suppress(OSError):
            while sent < 2 << 30:
                line.sendall(piece)
                sent += len(piece)
    assert sent < 200 << 20, "the server hangs up on what it has refused"
    assert desk.host.memory() - before < GROWTH
    assert (desk.kept(), temporary()) == ([], [])
    assert desk.host.answers()


def test_a_page_says_it_to_people_in_both_languages(desk: Desk) -> None:
    for tongue, sentence in (("vi", "quá mức 64 MB"), ("en", "more than 64 MB")):
        desk.browser.send("/language", "/mine", to=tongue)
        with desk.connect() as line:
            line.sendall(desk.head("Content-Length: 2147483648"))
            said = answer_of(line)
        assert sentence in said and "UPLOAD_TOO_LARGE" in said


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not(desk: Desk) -> None:
    before = desk.host.memory()
    start = pdf()
    for size, status in ((LIMIT, 303), (LIMIT + 1, 422)):
        source = FOLDER / f"lon-{size}.pdf"
        with source.open("wb") as out:
            out.write(start)
            out.truncate(size)
        with source.open("rb") as data:
            answer = desk.browser.send(
                "/arrivals/new", "/arrivals/new", files={"files": ("lon.pdf", data, "application/pdf")},
                reference=secrets.token_hex(16),
            )  # fmt: skip
        source.unlink()
        assert answer.status_code == status, answer.text[-2000:]
    assert "Mã: UPLOAD_TOO_LARGE" in answer.text or "quá mức 64 MB" in answer.text
    assert desk.kept() == [LIMIT]
    assert desk.host.memory() - before < GROWTH
    assert temporary() == []


def test_whoever_has_not_signed_in_hands_nothing_in(desk: Desk) -> None:
    with desk.connect() as line:
        line.sendall(desk.head("Content-Length: 50000000", session=False))
        said = answer_of(line)
    assert said.startswith("HTTP/1.1 413"), said[:300]
    assert temporary() == []


def test_a_body_that_does_not_say_how_long_it_is_is_refused(desk: Desk) -> None:
    whole = PART + pdf() + END
    with desk.connect() as line:
        line.sendall(
            desk.head("Transfer-Encoding: chunked") + f"{len(whole):x}\r\n".encode() + whole + b"\r\n0\r\n\r\n"
        )
        said = answer_of(line)
    assert said.startswith("HTTP/1.1 411"), said[:300]
    assert "LENGTH_REQUIRED" in said
    assert desk.kept() == []


def test_what_follows_the_announced_length_belongs_to_no_file(desk: Desk) -> None:
    whole = PART + pdf() + END
    with desk.connect() as line:
        line.sendall(desk.head(f"Content-Length: {len(whole)}", accept="application/json") + whole + b"X" * 5000)
        said = answer_of(line)
    assert said.startswith("HTTP/1.1 200"), said[:300]
    (size,) = desk.kept()
    assert size == len(whole) - len(PART) - len(END)


@pytest.mark.parametrize(
    "length", ["Content-Length: -5", "Content-Length: 5, 7", "Content-Length: 9e9", "Content-Length: ٣"]
)
def test_a_length_that_is_none_is_refused(desk: Desk, length: str) -> None:
    with desk.connect() as line:
        line.sendall(desk.head(length) + PART)
        said = answer_of(line)
    assert said.startswith(("HTTP/1.1 400", "HTTP/1.1 411")) or said == "", said[:300]
    assert desk.kept() == []
    assert desk.host.answers()


@pytest.mark.parametrize("how", ["closed", "reset", "half closed"])
def test_half_a_file_is_no_file(desk: Desk, how: str) -> None:
    """The PDF is whole to its last byte, so that only the length tells that something is missing."""
    half = PART + pdf(pages=3) + b"\r\n" + bytes(300_000)
    with desk.connect() as line:
        line.sendall(desk.head(f"Content-Length: {2 * len(half)}") + half)
        time.sleep(0.3)
        if how == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        elif how == "half closed":
            line.shutdown(socket.SHUT_WR)
            said = answer_of(line)
            assert said == "" or "UPLOAD_BROKE_OFF" in said or said.startswith("HTTP/1.1 400"), said[:300]
    time.sleep(1)
    with acting_for(desk.made.agency.pk):
        assert not Arrival.objects.filter(agency=desk.made.agency).exists()
    assert desk.kept() == []
    wait_for(lambda: temporary() == [], "what came of it is taken away", 10)
    assert desk.host.answers()
    said = desk.host.log.read_text("utf-8", "replace")
    assert "page.fault" not in said and "Traceback" not in said, said[-3000:]


def test_the_files_of_a_killed_server_are_found_by_the_sweeping(desk: Desk) -> None:
    """What an upload left behind is older than a day before it goes; nothing of it is ever a document."""
    from lienthong.roles.office_sweeping import LEFTOVER, _old_files

    left = FOLDER / "uploads" / "tmp1.upload.pdf"
    left.write_bytes(b"%PDF-1.7 half")
    assert _old_files(FOLDER / "uploads", LEFTOVER) == 0
    old = time.time() - LEFTOVER.total_seconds() - 60
    os.utime(left, (old, old))
    assert _old_files(FOLDER / "uploads", LEFTOVER) == 1
