"""Odd and damaged PDFs: each gets a verdict, none gets an exception, and nothing damaged passes as something else."""

from __future__ import annotations

import io
import re
import tracemalloc
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.verdict import Verdict
from signing_world import World, plain_pdf


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


@pytest.fixture(scope="module")
def signed(world: World) -> bytes:
    pdf = world.sign_pdf(plain_pdf(), world.person, "NguoiKy01", box=(300, 100, 420, 160))
    return world.sign_pdf(pdf, world.agency, "CoQuan")


def saved(**how: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf())) as document:
        document.save(out, **how)
    return out.getvalue()


@pytest.mark.parametrize(
    "how",
    [
        {"linearize": True},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate, "linearize": True},
        {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    ],
)
def test_linearised_files_and_object_streams_pass_when_signed_and_fail_when_added_to(world: World, how: dict) -> None:
    pdf = world.sign_pdf(saved(**how), world.person, "A")
    pdf = world.sign_pdf(pdf, world.agency, "B")
    report = validate_pdf(io.BytesIO(pdf), world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    more = pdf + b"1 0 obj\n<< >>\nendobj\n" + pdf[pdf.rindex(b"startxref") :]
    assert validate_pdf(io.BytesIO(more), world.context()).verdict is Verdict.FAILED


def test_an_encrypted_file_is_not_decided_and_says_so(world: World) -> None:
    pdf = saved(encryption=pikepdf.Encryption(owner="a", user="b"))
    report = validate_pdf(io.BytesIO(pdf), world.context())
    assert report.verdict is Verdict.INDETERMINATE
    assert "mã hóa" in report.checks[0].vi


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"\x00" * 2000, plain_pdf()[:900]])
def test_what_is_no_pdf_is_a_verdict(world: World, data: bytes) -> None:
    assert validate_pdf(io.BytesIO(data), world.context()).verdict is Verdict.FAILED


def test_many_revisions_and_pages_are_judged(world: World) -> None:
    pdf = plain_pdf(pages=300)
    for number in range(6):
        pdf = world.sign_pdf(pdf, world.person, f"NguoiKy{number:02}")
    report = validate_pdf(io.BytesIO(pdf), world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    assert len(report.signatures) == 6


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_flipped_cut_and_inserted_bytes_never_raise_and_never_pass(signed, world, data) -> None:
    gaps = [found.span() for found in re.finditer(rb"<[0-9a-fA-F]{2000,}>", signed)]
    at = data.draw(st.integers(0, len(signed) - 1).filter(lambda place: not any(a <= place < b for a, b in gaps)))
    kind = data.draw(st.sampled_from(["flip", "cut", "insert", "remove"]))
    damaged = {
        "flip": lambda: signed[:at] + bytes([signed[at] ^ data.draw(st.integers(1, 255))]) + signed[at + 1 :],
        "cut": lambda: signed[:at],
        "insert": lambda: signed[:at] + data.draw(st.binary(min_size=1, max_size=40)) + signed[at:],
        "remove": lambda: signed[:at] + signed[at + 1 :],
    }[kind]()
    assert validate_pdf(io.BytesIO(damaged), world.context()).verdict is not Verdict.PASSED


def with_picture(pdf: bytes, number: int, data: bytes) -> bytes:
    """An update that puts a picture under one name of the page's resources."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    ref = writer.find_page_for_modification(0)[0]
    page = ref.get_object()
    if "/XObject" not in page["/Resources"]:
        page["/Resources"][pdf_name("/XObject")] = DictionaryObject()
    made = StreamObject({pdf_name("/Subtype"): pdf_name("/Image")}, encoded_data=data)
    page["/Resources"]["/XObject"][pdf_name(f"/Im{number}")] = writer.add_object(made)
    writer.update_container(page["/Resources"])
    writer.mark_update(ref)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def overwritten(pdf: bytes, data: bytes) -> bytes:
    """An update that puts other bytes in the place of the picture."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.find_page_for_modification(0)[0].get_object()
    place = page["/Resources"]["/XObject"].raw_get("/Im0")
    made = StreamObject({pdf_name("/Subtype"): pdf_name("/Image")}, encoded_data=data)
    writer.objects[(place.generation, place.idnum)] = made
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_large_file_is_judged_like_a_small_one_without_being_loaded(world: World, tmp_path: Path) -> None:
    picture = bytes(range(256)) * (9 * 4096)
    pdf = world.sign_pdf(with_picture(plain_pdf(), 0, picture), world.person, "A")
    pdf = world.sign_pdf(pdf, world.agency, "B")
    verdicts = []
    for case in (pdf, overwritten(pdf, picture[:-1] + b"!"), pdf.replace(picture[:64], b"!" * 64, 1)):
        (tmp_path / "large.pdf").write_bytes(case)
        tracemalloc.start()
        with (tmp_path / "large.pdf").open("rb") as stream:
            verdicts.append(validate_pdf(stream, world.context()).verdict)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < len(picture)
    assert verdicts == [Verdict.PASSED, Verdict.FAILED, Verdict.FAILED]
