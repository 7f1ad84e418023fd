"""The cover page: complete, alone, and deaf to what senders write into it."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.connector.folder.cover import CoverFile, Delivery, page
from lienthong.edxml.model import (
    Business,
    BusinessKind,
    DocumentCode,
    DocumentPacket,
    DocumentType,
    Organization,
    OtherInfo,
    Replacement,
    ResponseFor,
    SignerInfo,
    StatusPacket,
)

DELIVERY = Delivery(
    "01a21507-1b26-74ac-aa38-0d37131b425e", "019ac1f0-7e55-7c3a-b3b0-1d2c61a7a111", "9f" * 32, "truc.tinh-mau.example",
    "2026-11-25T02:14:09.120Z", datetime(2026, 11, 25, 2, 14, 11, tzinfo=UTC), "000.00.00.H15", "000.00.00.H15", "PASSED",
)  # fmt: skip
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&\u202egpj.exe"


def packet(text: str = "", **more: object) -> DocumentPacket:
    facts: dict[str, object] = {
        "sender": Organization(AgencyCode("000.00.00.H29"), text or "Ủy ban nhân dân tỉnh Mẫu"),
        "receivers": (
            Organization(AgencyCode("000.00.00.H15"), "Sở Tài chính tỉnh Mẫu"),
            Organization(AgencyCode("000.00.00.H26"), "Sở Nội vụ tỉnh Mẫu"),
        ),
        "document_id": DocumentId("000.00.00.H29,2026/11/20,1234/UBND-VP"),
        "code": DocumentCode("1234", "UBND-VP"), "promulgation_date": date(2026, 11, 20),
        "subject": text or "V/v phối hợp thử nghiệm gửi, nhận văn bản điện tử qua trục liên thông giữa các cơ quan của tỉnh Mẫu",
        "place": text or "Tỉnh Mẫu", "document_type": DocumentType(2, 18, text or "Công văn"),
        "signer": SignerInfo("TM. ỦY BAN NHÂN DÂN", "Chủ tịch", text or "Nguyễn Văn Mẫu"), "due_date": date(2026, 12, 5),
        "other": OtherInfo(priority=2),
        "responses_for": (ResponseFor(AgencyCode("000.00.00.H15"), "88/STC-NS", DocumentId("000.00.00.H15,2026/11/02,88/STC-NS"), date(2026, 11, 2)),),
        "business": Business(BusinessKind.REPLACE, text or "Sửa phụ lục 2", replacements=(Replacement(DocumentId("000.00.00.H29,2026/11/10,1200/UBND-VP")),)),
        **more,
    }  # fmt: skip
    return DocumentPacket(**facts)  # type: ignore[arg-type]


FILES = [
    CoverFile("1234-UBND-VP.pdf", "tep/1234-UBND-VP.pdf", 412_345, "ab" * 32, "Toàn văn"),
    CoverFile("Phụ lục 1 - Danh mục chỉ tiêu.xlsx", "tep/Phụ lục 1 - Danh mục chỉ tiêu.xlsx", 18_000, "cd" * 32),
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def parsed(text: str) -> Tags:
    reader = Tags()
    reader.feed(text)
    return reader


def test_the_page_says_everything_a_registrar_asks_for() -> None:
    text = page(packet(), FILES, DELIVERY)
    for said in (
        "1234/UBND-VP", "20/11/2026", "05/12/2026", "Thượng khẩn", "Ủy ban nhân dân tỉnh Mẫu", "000.00.00.H29", "ab" * 32,
        "412,3 kB", "88/STC-NS", "1200/UBND-VP", "Sửa phụ lục 2", "Nguyễn Văn Mẫu", "09:14:11 25/11/2026", "9f" * 32,
        "Attachments", "Proof of delivery",
    ):  # fmt: skip
        assert said in text, said


def test_the_style_is_the_only_thing_that_the_policy_lets_in() -> None:
    text = page(packet(), FILES, DELIVERY)
    style = re.search("<style>(.*)</style>", text, re.DOTALL)
    assert style is not None
    mark = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{mark}'" in text
    tags = parsed(text)
    assert not tags.tags & {"script", "img", "iframe", "link", "object", "form"}
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in {"style", "src"}]
    assert "http" not in "".join(value or "" for name, value in tags.attributes if name == "href")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60).map(lambda t: t or EVIL))
def test_whatever_a_sender_writes_stays_text(text: str) -> None:
    plain = parsed(page(packet(), FILES, DELIVERY))
    files = [CoverFile(text, f"tep/{text}", 1, text, text)] * 2
    evil = parsed(page(packet(text), files, DELIVERY))
    assert evil.tags <= plain.tags
    assert {name for name, _ in evil.attributes} == {name for name, _ in plain.attributes}


def test_the_evil_text_is_shown_and_harmless() -> None:
    text = page(packet(EVIL), [CoverFile(EVIL, f"tep/{EVIL}", 1, "")], DELIVERY)
    assert "<script" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("verdict", "said"), [("FAILED", "SAI"), ("PASSED", "hợp lệ"), ("INDETERMINATE", "chưa đánh giá được")]
)
def test_the_verdict_on_the_signature_is_said_in_words(verdict: str, said: str) -> None:
    delivery = Delivery(*[getattr(DELIVERY, n) for n in DELIVERY.__slots__[:-1]], verdict)
    assert said in page(packet(), FILES, delivery)


def test_a_status_has_a_page_too() -> None:
    about = ResponseFor(AgencyCode("000.00.00.H15"), "88/STC-NS", DocumentId("x"), date(2026, 11, 2))
    status = StatusPacket(Organization(AgencyCode("000.00.00.H29"), "Sở"), about, 3, datetime(2026, 11, 25, tzinfo=UTC))
    text = page(status, [], DELIVERY)
    assert "03" in text
    assert "Đã tiếp nhận" in text
