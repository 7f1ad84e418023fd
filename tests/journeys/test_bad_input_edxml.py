"""Headers that attack the reader or break the regulation: refused with the place of the fault, nothing stored."""

from __future__ import annotations

import base64
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from axis_process import wait_for
from faults_invariants import stored
from fixtures_axis import Town
from lienthong.trust import xml_signature
from lienthong.trust.verdict import Verdict
from raw_requests import packet, require_clear

XML = Callable[[bytes], bytes]


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The axis must hold after the test exactly what it held before."""
    before = stored(town.axis)
    yield town
    wait_for(lambda: stored(town.axis) == before, "nothing is left behind", 5)


def _doctype(declaration: bytes, use: bytes = b"") -> XML:
    def change(xml: bytes) -> bytes:
        head, _, rest = xml.partition(b"?>")
        return head + b"?>\n" + declaration + _in_subject(use)(b"\n" + rest.lstrip())

    return change


def _in_subject(text: bytes) -> XML:
    """The text in front of the subject's own."""
    return lambda xml: re.sub(rb"(<(?:\w+:)?Subject>)", rb"\g<1>" + text.replace(b"\\", b"\\\\"), xml, count=1)


def _before_end(text: bytes) -> XML:
    return lambda xml: xml[: xml.rindex(b"</")] + text + xml[xml.rindex(b"</") :]


def _bomb() -> bytes:
    lines = [b'<!ENTITY a "ha">'] + [
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k"))
    ]
    return b"<!DOCTYPE x [" + b"".join(lines) + b"]>"


DOCTYPES: list[tuple[str, XML]] = [
    ("an empty one", _doctype(b"<!DOCTYPE x>")),
    ("in small letters", _doctype(b"<!doctype x>")),
    ("an inner entity", _doctype(b'<!DOCTYPE x [<!ENTITY e "x">]>', b"&e;")),
    ("a file", _doctype(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', b"&e;")),
    ("a public file", _doctype(b'<!DOCTYPE x [<!ENTITY e PUBLIC "-//x" "file:///etc/passwd">]>', b"&e;")),
    ("a billion laughs", _doctype(_bomb(), b"&j;")),
    ("a blow-up of one long entity", _doctype(b'<!DOCTYPE x [<!ENTITY e "' + b"A" * 50_000 + b'">]>', b"&e;" * 3000)),
    ("a parameter entity", _doctype(b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>')),
    ("after a comment", _doctype(b"<!-- c --><!DOCTYPE x>")),
    ("after an instruction", _doctype(b"<?p i?><!DOCTYPE x>")),
    ("a default attribute", _doctype(b'<!DOCTYPE x [<!ATTLIST Subject a CDATA "v">]>')),
    ("in the middle", _before_end(b"<!DOCTYPE x>")),
]


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in DOCTYPES])
def test_a_document_type_in_a_header_is_refused_unread(untouched: Town, change: XML) -> None:
    first, second, *_ = untouched
    began = time.monotonic()
    require_clear(
        packet(first, [second.agency], header=change).post(untouched.axis),
        "EDXML_DOCTYPE", "EDXML_NOT_XML",
    )  # fmt: skip
    assert time.monotonic() - began < 5


def test_nothing_in_a_header_makes_the_axis_ask_another_machine(town: Town) -> None:
    """Entities, schemas, stylesheets, XInclude and links name a listener here: nobody may come."""
    first, second, *_ = town
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        called = threading.Event()

        def listen() -> None:
            try:
                listener.accept()
                called.set()
            except OSError:
                pass

        url = b"http://127.0.0.1:%d/x" % listener.getsockname()[1]
        changes = [
            _doctype(b'<!DOCTYPE x SYSTEM "' + url + b'">'),
            _doctype(b'<!DOCTYPE x [<!ENTITY e SYSTEM "' + url + b'">]>', b"&e;"),
            _doctype(b'<!DOCTYPE x [<!ENTITY % p SYSTEM "' + url + b'"> %p;]>'),
            _in_subject(b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="' + url + b'"/>'),
            lambda xml: xml.replace(b"?>", b'?><?xml-stylesheet type="text/xsl" href="' + url + b'"?>', 1),
            lambda xml: re.sub(
                rb"<([\w:]+)",
                rb'<\1 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="'
                + url
                + b" "
                + url
                + b'"',
                xml,
                count=1,
            ),
        ]
        for change in changes:
            thread = threading.Thread(target=listen)
            thread.start()
            answer = packet(first, [second.agency], header=change).post(town.axis)
            thread.join()
            assert not called.is_set(), answer.body[:200]
            # What the reader need not read it may ignore; a document type is never taken.
            assert answer.status in {201, 400, 422}


NOT_XML: list[tuple[str, XML]] = [
    ("empty", lambda x: b" "),
    ("text", lambda x: b"hello"),
    ("cut short", lambda x: x[: len(x) // 2]),
    ("cut by one byte", lambda x: x.rstrip()[:-1]),
    ("two roots", lambda x: x + b"<a/>"),
    ("bytes behind the end", lambda x: x + b"\x00"),
    ("a zero byte inside", _in_subject(b"\x00")),
    ("a forbidden letter", _in_subject(b"\x0b")),
    ("a forbidden reference", _in_subject(b"&#0;")),
    ("a surrogate reference", _in_subject(b"&#xD800;")),
    ("not UTF-8", _in_subject(b"\xff\xfe")),
    ("overlong UTF-8", _in_subject(b"\xc0\xbcb\xc0\xbe")),
    ("UTF-16", lambda x: x.decode().encode("utf-16")),
    ("UTF-16 without a mark", lambda x: x.decode().encode("utf-16-le")),
    ("UTF-32", lambda x: x.decode().encode("utf-32")),
    ("UTF-7 by name", lambda x: x.replace(b"UTF-8", b"UTF-7").replace(b"utf-8", b"utf-7")),
    ("EBCDIC by name", lambda x: x.replace(b"UTF-8", b"cp037").replace(b"utf-8", b"cp037")),
    ("an unknown entity", _in_subject(b"&eacute;")),
    ("an attribute twice", lambda x: re.sub(rb"<([\w:]+)", rb'<\1 a="1" a="2"', x, count=1)),
    ("an unbound prefix", _before_end(b"<nobody:x/>")),
    ("gzip", lambda x: b"\x1f\x8b\x08\x00" + x),
    ("JSON", lambda x: b'{"edXML": {}}'),
]


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in NOT_XML])
def test_bytes_that_are_no_edxml_are_refused(untouched: Town, change: XML) -> None:
    first, second, *_ = untouched
    require_clear(
        packet(first, [second.agency], header=change).post(untouched.axis),
        "EDXML_NOT_XML", "EDXML_NOT_UTF8", "EDXML_NOT_EDXML", "EDXML_DOCTYPE",
    )  # fmt: skip


COSTLY: list[tuple[str, XML]] = [
    ("very deep", _before_end(b"<a>" * 5000 + b"</a>" * 5000)),
    ("a hundred thousand elements", _before_end(b"<a/>" * 60_000)),
    ("a very large header", _before_end(b"<!--" + b"A" * 2_000_000 + b"-->")),
    ("a very long value", _in_subject(b"A" * 600_000)),
    (
        "thousands of attributes",
        lambda x: re.sub(rb"<([\w:]+)", rb"<\1 " + b" ".join(b'a%d="1"' % n for n in range(30_000)), x, count=1),
    ),
    (
        "thousands of namespaces",
        lambda x: re.sub(
            rb"<([\w:]+)", rb"<\1 " + b" ".join(b'xmlns:a%d="u:%d"' % (n, n) for n in range(20_000)), x, count=1
        ),
    ),
]


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in COSTLY])
def test_a_header_made_to_cost_is_refused_cheaply(untouched: Town, change: XML) -> None:
    first, second, *_ = untouched
    before = untouched.axis.processes["axis"].resident()
    began = time.monotonic()
    require_clear(
        packet(first, [second.agency], header=change).post(untouched.axis),
        "EDXML_TOO_LARGE", "EDXML_TOO_DEEP", "EDXML_NOT_XML", "PART_TOO_LARGE",
    )  # fmt: skip
    assert time.monotonic() - began < 5
    assert untouched.axis.processes["axis"].resident() - before < 64 * 2**20


def _value(element: str, text: str) -> XML:
    """Another value for the first such element."""
    pattern = rf"(<(?:\w+:)?{element}>)[^<]*(<)".encode()
    return lambda xml: re.sub(pattern, rb"\g<1>" + text.encode().replace(b"\\", b"\\\\") + rb"\g<2>", xml, count=1)


def _without(element: str) -> XML:
    pattern = rf"<(\w+:)?{element}>.*?</(\w+:)?{element}>".encode()
    return lambda xml: re.sub(pattern, b"", xml, count=1, flags=re.DOTALL)


BROKEN_RULES: list[tuple[str, XML]] = [
    ("no subject", _without("Subject")),
    ("an empty subject", _value("Subject", "")),
    ("no sender", _without("From")),
    ("no receiver", _without("To")),
    ("no number", _without("CodeNumber")),
    ("no date", _without("PromulgationDate")),
    ("29 February 2027", _value("PromulgationDate", "2027-02-29")),
    ("year 9999", _value("PromulgationDate", "9999-12-31")),
    ("a date in words", _value("PromulgationDate", "hôm qua")),
    ("a priority of nine", _value("Priority", "9")),
    ("another sender", _value("OrganId", "000.00.00.H41")),
    ("a family in words", _value("Type", "hai")),
]


@pytest.mark.parametrize("change", [pytest.param(c, id=name) for name, c in BROKEN_RULES])
def test_a_header_against_the_regulation_is_refused_with_the_place_of_the_fault(untouched: Town, change: XML) -> None:
    first, second, *_ = untouched
    made = packet(first, [second.agency], header=change)
    problem = require_clear(made.post(untouched.axis), "EDXML_INVALID", "HEADER_DISAGREES", "EDXML_NOT_EDXML")
    assert problem["problems"] or problem["code"] == "EDXML_NOT_EDXML", problem
    for each in problem["problems"]:
        assert each["path"]
        assert len(each["vi"]) > 10
        assert len(each["en"]) > 10


def test_content_hidden_in_a_header_is_refused(untouched: Town) -> None:
    """Attachments travel as parts; Base64 inside a header would be a second, unchecked truth."""
    first, second, *_ = untouched
    content = base64.b64encode(b"%PDF-1.7" * 100)
    for encoded in (b"ContentTransferEncoded", b"edXML:ContentTransferEncoded"):
        inside = b"<AttachmentEncoded><Attachment xmlns:edXML='http://www.mic.gov.vn/TBT/QCVN_102_2016'>"
        inside += b"<%s>%s</%s></Attachment></AttachmentEncoded>" % (encoded, content, encoded)
        made = packet(first, [second.agency], header=_before_end(inside))
        require_clear(made.post(untouched.axis), "EDXML_INVALID")


@pytest.mark.parametrize("mark", ["[MẬT] ", "[TỐI MẬT] ", "(TUYỆT MẬT) ", "Độ mật: Tuyệt mật; ", "Tuyệt mật: "])
def test_a_document_marked_secret_is_refused(untouched: Town, mark: str) -> None:
    first, second, *_ = untouched
    answer = packet(first, [second.agency], subject=mark + "kế hoạch").post(untouched.axis)
    require_clear(answer, "SECRET_CONTENT")


def _wrapped(xml: bytes, signer: object) -> dict[str, bytes]:
    """A rightly signed header, and what attackers make of such."""
    right = xml_signature.sign(xml, signer, None)  # type: ignore[arg-type]
    found = re.search(rb"<(?:\w+:)?Signature[ >].*</(?:\w+:)?Signature>", right, re.DOTALL)
    assert found is not None
    return {
        "another subject under the signature": _in_subject("Giả mạo ".encode())(right),
        "two signatures": right.replace(found[0], found[0] * 2),
        "a comment in the digest": re.sub(rb"(<(?:\w+:)?DigestValue>....)", rb"\1<!-- x -->", right),
        "a comment in the signature value": re.sub(rb"(<(?:\w+:)?SignatureValue>....)", rb"\1<!-- x -->", right),
        "two SignedInfo": re.sub(
            rb"(<((?:\w+:)?)SignedInfo[ >].*?</(?:\w+:)?SignedInfo>)", rb"\1\1", right, count=1, flags=re.DOTALL
        ),
        "SHA-1 digest": right.replace(
            b"http://www.w3.org/2001/04/xmlenc#sha256", b"http://www.w3.org/2000/09/xmldsig#sha1"
        ),
        "HMAC by name": re.sub(
            rb'(SignatureMethod Algorithm=")[^"]*', rb"\1http://www.w3.org/2000/09/xmldsig#hmac-sha1", right
        ),
        "an XSLT transform": re.sub(
            rb'(Transform Algorithm=")[^"]*', rb"\1http://www.w3.org/TR/1999/REC-xslt-19991116", right, count=1
        ),
        "a reference to elsewhere": re.sub(rb'(Reference [^>]*URI=")[^"]*', rb"\1http://127.0.0.1:9/x", right),
    }


def test_a_header_whose_xml_signature_was_tampered_with_is_never_read_as_valid(town: Town) -> None:
    """Every byte is covered by the envelope's signature; what the header's own signature says is never stretched."""
    first, second, *_ = town
    base = packet(first, [second.agency]).contents[0]
    right = xml_signature.sign(base, first.signer, None)
    key = first.signer.public_key
    assert xml_signature.verify(right, lambda _: key, datetime.now(UTC)).verdict is Verdict.PASSED
    for name, xml in _wrapped(base, first.signer).items():
        assert xml != right, name
        report = xml_signature.verify(xml, lambda _: key, datetime.now(UTC))
        assert report.verdict is not Verdict.PASSED, name
        assert report.signed is None, name
