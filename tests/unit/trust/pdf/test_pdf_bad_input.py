"""Odd, closed and broken files: each is refused in words, and nothing is half-signed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date

import pikepdf
import pytest
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from lienthong.base.errors import Refused
from lienthong.trust.keys import Algorithm
from lienthong.trust.pdf import steps
from lienthong.trust.pdf.files import open_reader, require_signable, rewrite_if_needed
from lienthong.trust.pdf.images import load_picture
from lienthong.trust.pdf.plan import Person, find_plan, person_field, write_plan
from lienthong.trust.pdf.signing import prepare
from official_document import PERSONS, decision, handwriting
from signing_world import NOW, World


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


def plan(pdf: bytes) -> bytes:
    source, out = io.BytesIO(pdf), io.BytesIO()
    write_plan(source, out, find_plan(source, PERSONS[-1:]))
    return out.getvalue()


def changed(change: Callable[[pikepdf.Pdf], None], **saving: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(decision())) as pdf:
        change(pdf)
        pdf.save(out, **saving)
    return out.getvalue()


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[]))


def _opening(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA="<xdp/>")


def _page_action(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))


def _link(pdf: pikepdf.Pdf, **action: object) -> None:
    pdf.pages[1].Annots = pdf.make_indirect(
        [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=pikepdf.Dictionary(**action))]
    )  # fmt: skip


def _hiding_link(pdf: pikepdf.Pdf) -> None:
    hide = pikepdf.Dictionary(S=pikepdf.Name.Hide, T="x")
    _link(
        pdf, S=pikepdf.Name.URI, URI="https://x.vn", Next=[pikepdf.Dictionary(S=pikepdf.Name.URI, URI="a", Next=hide)]
    )


def _film(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Annots = [
        pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia, Rect=[0, 0, 9, 9])
    ]


def _nothing(_: pikepdf.Pdf) -> None:
    """As it is."""


def _no_pages(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[:]


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        pytest.param(changed(_script), "PDF_IS_ACTIVE", id="script"),
        pytest.param(changed(_opening), "PDF_IS_ACTIVE", id="opening action"),
        pytest.param(changed(_xfa), "PDF_IS_ACTIVE", id="XFA"),
        pytest.param(changed(_page_action), "PDF_IS_ACTIVE", id="action of a page"),
        pytest.param(changed(_hiding_link), "PDF_IS_ACTIVE", id="action behind a link"),
        pytest.param(changed(_film), "PDF_IS_ACTIVE", id="film"),
        pytest.param(
            changed(_nothing, encryption=pikepdf.Encryption(user="a", owner="b")), "PDF_ENCRYPTED", id="password"
        ),
        pytest.param(changed(_nothing, encryption=pikepdf.Encryption(user="", owner="b")), "PDF_ENCRYPTED", id="owner"),
        pytest.param(changed(_no_pages), "PDF_HAS_NO_PAGES", id="no pages"),
        pytest.param(b"", "PDF_NOT_READABLE", id="empty"),
        pytest.param(b"PK\x03\x04 not a pdf", "PDF_NOT_READABLE", id="another format"),
        pytest.param(decision()[: len(decision()) // 2], "PDF_NOT_READABLE", id="cut"),
    ],
)
def test_what_cannot_be_signed_is_refused_before_anything_is_written(world: World, pdf: bytes, code: str) -> None:
    out = io.BytesIO()
    step = steps.person(person_field(1), None)
    with pytest.raises(Refused, match=code) as caught:
        prepare(io.BytesIO(pdf), out, step, world.person.certificate, Algorithm.RS256, NOW)
    assert out.getvalue() == b""
    assert caught.value.sentence("vi") and caught.value.advice("vi")


@pytest.mark.parametrize("form", ["linearize", "object_streams", "plain"])
def test_linearised_files_and_object_streams_are_planned_and_signed(world: World, form: str) -> None:
    saving = {
        "linearize": {"linearize": True}, "object_streams": {"object_stream_mode": pikepdf.ObjectStreamMode.generate}, "plain": {},
    }[form]  # fmt: skip
    planned = plan(changed(_nothing, **saving))
    out = io.BytesIO()
    prepare(
        io.BytesIO(planned), out, steps.person(person_field(1), None), world.person.certificate, Algorithm.RS256, NOW
    )
    assert out.getvalue().startswith(planned)


def test_a_document_certified_against_changes_is_refused_with_the_reason(world: World) -> None:
    from pyhanko.sign.fields import MDPPerm

    closed = world.sign_pdf(
        plan(decision()), world.person, person_field(1), certify=True, docmdp_permissions=MDPPerm.NO_CHANGES
    )
    step = steps.seal(io.BytesIO(closed), None)
    with pytest.raises(Refused, match="PDF_FORBIDS_CHANGES") as caught:
        prepare(io.BytesIO(closed), io.BytesIO(), step, world.agency.certificate, Algorithm.RS256, NOW)
    assert "chứng nhận không cho thay đổi" in caught.value.sentence("vi")


def test_a_field_is_signed_once_and_must_be_there(world: World) -> None:
    signed = world.sign_pdf(plan(decision()), world.person, person_field(1))
    for field, code in ((person_field(1), "PDF_FIELD_TAKEN"), ("NguoiKy09", "PDF_FIELD_MISSING")):
        with pytest.raises(Refused, match=code):
            prepare(
                io.BytesIO(signed),
                io.BytesIO(),
                steps.person(field, None),
                world.person.certificate,
                Algorithm.RS256,
                NOW,
            )


def test_fields_are_not_planned_on_a_document_that_is_signed_already(world: World) -> None:
    signed = world.sign_pdf(plan(decision()), world.person, person_field(1))
    with pytest.raises(Refused, match="PDF_FORBIDS_CHANGES"):
        plan(signed)


def test_a_missing_anchor_names_what_was_looked_for() -> None:
    with pytest.raises(Refused, match="ANCHOR_NOT_FOUND") as caught:
        find_plan(io.BytesIO(decision()), [Person("CHỦ TỊCH", "Người Khác")])
    assert "«CHỦ TỊCH» … «Người Khác»" in caught.value.sentence("vi")


def test_a_form_that_viewers_would_paint_anew_is_rewritten_before_its_first_signature() -> None:
    def asks(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], NeedAppearances=True)

    out = io.BytesIO()
    assert rewrite_if_needed(io.BytesIO(changed(asks)), out)
    assert "/NeedAppearances" not in open_reader(out).root["/AcroForm"]
    assert not rewrite_if_needed(io.BytesIO(decision()), io.BytesIO())


@pytest.mark.parametrize("kind", ["opaque", "empty", "jpeg", "noise", "one clear pixel"])
def test_pictures_without_transparency_and_other_formats_are_refused(kind: str) -> None:
    out = io.BytesIO()
    if kind == "jpeg":
        Image.new("RGB", (10, 10)).save(out, "JPEG")
    elif kind == "noise":
        out.write(handwriting()[:200])
    else:
        drawn = Image.new("RGBA", (10, 10), (0, 0, 0, 0 if kind == "empty" else 255))
        if kind == "one clear pixel":
            drawn.putpixel((5, 5), (0, 0, 0, 0))
        drawn.save(out, "PNG")
    with pytest.raises(Refused, match="IMAGE_NOT_USABLE"):
        load_picture(out.getvalue())


def test_ten_thousand_pages_are_signed(world: World) -> None:
    made = pikepdf.new()
    for _ in range(10_000):
        made.add_blank_page()
    file, out = io.BytesIO(), io.BytesIO()
    made.save(file)
    step = steps.attachment(file, "15/QĐ-SNV", NOW)
    prepared = prepare(file, out, step, world.agency.certificate, Algorithm.RS256, NOW)
    assert prepared.end - prepared.start > 1000


@pytest.mark.parametrize(
    ("number", "when", "words"),
    [
        ("123456789012", date(2026, 7, 12), "quá hẹp|không đủ"),
        ("15", date(2027, 1, 4), "năm 2026"),
    ],
)
def test_a_number_too_wide_and_another_year_are_refused(number: str, when: date, words: str) -> None:
    with pytest.raises(Refused, match="NUMBER_NOT_PLACEABLE") as caught:
        steps.number(io.BytesIO(decision()), number, when, "QĐ-SNV", "")
    assert re.search(words, caught.value.sentence("vi"))


@pytest.mark.parametrize(
    ("blank", "filled", "words"),
    [("Số:" + " " * 13, "Số:   07      ", "đã có chữ «07»"), ("ngày" + " " * 7, "ngày  12  ", "đã có chữ «12»")],
)
def test_blanks_that_are_filled_already_are_refused(blank: str, filled: str, words: str) -> None:
    with pytest.raises(Refused, match="NUMBER_NOT_PLACEABLE") as caught:
        find_plan(io.BytesIO(decision(1, change=lambda text: text.replace(blank, filled))), PERSONS[-1:])
    assert words in caught.value.sentence("vi")


def test_a_date_of_the_content_is_not_taken_for_the_date_of_the_document() -> None:
    def moved(text: str) -> str:
        text = text.replace("Thử Nghiệm, ngày" + " " * 7 + "tháng" + " " * 7 + "năm 2026", "Thử Nghiệm")
        return text.replace("Điều 9. Nguyễn Văn An", "Từ ngày" + " " * 9 + "tháng" + " " * 9 + "năm 2026")

    with pytest.raises(Refused, match="NUMBER_NOT_PLACEABLE") as caught:
        find_plan(io.BytesIO(decision(1, change=moved)), PERSONS[-1:])
    assert "không cùng một dòng" in caught.value.sentence("vi")


def test_a_rotated_first_page_and_a_cropped_one_are_told_apart(world: World) -> None:
    def turned(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].rotate(90, relative=False)

    def cropped(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].cropbox = [40, 40, 500, 760]

    with pytest.raises(Refused, match="ANCHOR_NOT_FOUND"):
        steps.attachment(io.BytesIO(changed(turned)), "15/QĐ-SNV", NOW)
    box = steps.attachment(io.BytesIO(changed(cropped)), "15/QĐ-SNV", NOW).new
    assert box is not None and box.right <= 500 and box.top <= 760


def test_links_and_destinations_are_no_active_content(world: World) -> None:
    def linked(pdf: pikepdf.Pdf) -> None:
        _link(
            pdf,
            S=pikepdf.Name.URI,
            URI="https://mau.gov.vn",
            Next=pikepdf.Dictionary(S=pikepdf.Name.Named, N=pikepdf.Name.NextPage),
        )
        pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])

    assert steps.attachment(io.BytesIO(changed(linked)), "15/QĐ-SNV", NOW).new is not None


def test_a_page_tree_in_a_circle_ends() -> None:
    """Written by hand, because libraries refuse to write it."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", "<</Type/Pages/Parent 2 0 R/Count 1/Kids[2 0 R]>>",
    ]  # fmt: skip
    file, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    file += f"xref\n0 5\n0000000000 65535 f \n{table}trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{len(file)}\n%%EOF\n".encode()
    with pytest.raises(Refused, match="PDF_NOT_READABLE"):
        require_signable(PdfFileReader(io.BytesIO(file), strict=False))
