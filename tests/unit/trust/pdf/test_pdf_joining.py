"""Files joined into one: all pages in order, an outline, and every signed file whole inside."""

from __future__ import annotations

import io
import random

import pikepdf
import pypdfium2
import pytest

from lienthong.base.errors import Refused
from lienthong.trust.pdf.joining import Piece, attached, join, look, outline
from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.verdict import Verdict
from signing_world import World, plain_pdf


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


def joined(*pieces: Piece, title: str = "") -> bytes:
    out = io.BytesIO()
    join(pieces, out, title=title)
    return out.getvalue()


def texts(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def test_pages_follow_one_another_and_the_outline_points_to_them():
    data = joined(
        Piece(plain_pdf(1, "bia"), "Bìa"), Piece(plain_pdf(2, "mot"), "Văn bản 1"), Piece(plain_pdf(1, "hai"))
    )
    assert [text.split()[0] for text in texts(data)] == ["bia", "mot", "mot", "hai"]
    assert outline(data) == ["Bìa", "Văn bản 1"]
    bookmarks = list(pypdfium2.PdfDocument(data).get_toc())
    assert [(each.get_title(), each.get_dest().get_index()) for each in bookmarks] == [("Bìa", 0), ("Văn bản 1", 1)]


def test_a_signed_file_lies_attached_and_its_signature_is_still_valid_there(world):
    signed = world.sign_pdf(plain_pdf(), world.person, "Sig1", box=(50, 50, 200, 100))
    assert look(signed).signatures == 1
    data = joined(Piece(plain_pdf(1), "Bìa", (("001 văn bản.pdf", signed),)), Piece(signed))
    assert attached(data) == {"001 văn bản.pdf": signed}
    report = validate_pdf(io.BytesIO(attached(data)["001 văn bản.pdf"]), world.context())
    assert report.signatures[0].verdict is Verdict.PASSED
    assert look(data).signatures == 0


def test_the_joined_pages_show_the_stamp_of_a_signature_but_hold_no_field(world):
    signed = world.sign_pdf(plain_pdf(1), world.person, "Sig1", box=(50, 50, 200, 100))
    data = joined(Piece(signed))
    assert "ky" in texts(data)[0]
    with pikepdf.open(io.BytesIO(data)) as found:
        assert "/AcroForm" not in found.Root
        assert "/Annots" not in found.pages[0]


def active() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf(1))) as pdf:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        web = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://vi-du.example/")
        page = pdf.pages[0]
        page.AA = pikepdf.Dictionary(O=script)
        pdf.Root.OpenAction = script
        page.Annots = pdf.make_indirect(pikepdf.Array([
            pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action))
            for action in (script, web)
        ]))  # fmt: skip
        pdf.save(out)
    return out.getvalue()


def test_nothing_that_acts_comes_along_but_links_to_the_web_do():
    data = joined(Piece(active()))
    with pikepdf.open(io.BytesIO(data)) as found:
        page = found.pages[0]
        assert "/AA" not in page and "/OpenAction" not in found.Root
        assert [str(each.A.S) for each in page.Annots] == ["/URI"]
    with pikepdf.open(io.BytesIO(data)) as found:
        out = io.BytesIO()
        found.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert b"app.alert" not in out.getvalue()


def encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf(1))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "PDF_NOT_READABLE"), (b"PK\x03\x04", "PDF_NOT_READABLE"), (plain_pdf()[:300], "PDF_NOT_READABLE"),
     (encrypted(), "PDF_ENCRYPTED")],
)  # fmt: skip
def test_what_cannot_be_joined_is_told_beforehand(data, code):
    looked = look(data)
    assert (looked.joinable, looked.pages, looked.why.code.name) == (False, 0, code)


def test_a_piece_that_cannot_be_joined_is_refused():
    with pytest.raises(Refused) as refused:
        joined(Piece(b"no pdf"))
    assert refused.value.code.name == "PDF_NOT_READABLE"


def test_two_attached_files_of_one_name_are_an_error():
    with pytest.raises(ValueError, match="one name"):
        joined(Piece(plain_pdf(1), "", (("a", b"1"), ("a", b"2"))))


def test_the_same_pieces_give_the_same_bytes(world):
    pieces = [Piece(plain_pdf(1), "Bìa", (("a.txt", b"1"),)), Piece(plain_pdf(2))]
    assert joined(*pieces, title="Hồ sơ") == joined(*pieces, title="Hồ sơ")


def test_damaged_files_are_joined_or_refused_and_never_anything_else(world):
    draw = random.Random(11)
    good = world.sign_pdf(plain_pdf(1), world.person, "Sig1", box=(50, 50, 200, 100))
    outcomes = set()
    for _ in range(120):
        data = bytearray(good)
        for _ in range(draw.randint(1, 30)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        looked = look(bytes(data))
        outcomes.add(looked.joinable)
        if looked.joinable:
            try:
                joined(Piece(bytes(data)))
            except Refused:
                outcomes.add("refused")
    assert {True, False} <= outcomes
