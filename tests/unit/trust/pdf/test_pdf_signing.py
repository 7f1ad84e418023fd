"""Persons sign, the register numbers, the seal closes: every signature stays valid for strict validators."""

from __future__ import annotations

import hashlib
import io
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image, ImageChops
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.trust.keys import Algorithm
from lienthong.trust.local_pki import Period, make_signer
from lienthong.trust.pdf import steps
from lienthong.trust.pdf.anchors import pages_of
from lienthong.trust.pdf.images import load_picture
from lienthong.trust.pdf.levels import add_archive_timestamp, add_validation_data
from lienthong.trust.pdf.plan import NUMBER, SEAL, find_plan, person_field, write_plan
from lienthong.trust.pdf.preview import page_picture
from lienthong.trust.pdf.signing import (
    ROOM_WITH_TIMESTAMP,
    PreparedSignature,
    Step,
    embed,
    prepare,
    range_digest,
    require_unharmed,
)
from lienthong.trust.pdf.stamped import NOT_THE_ORIGINAL, write_stamped
from lienthong.trust.pdf.steps import ArrivalStamp
from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.signer import MemorySigner
from lienthong.trust.timestamp import Responder, make_request, read_response
from lienthong.trust.verdict import Verdict
from official_document import PERSONS, decision, handwriting, seal_picture
from signing_world import DER, NOW, PEM, Holder, World, person_name, plain_pdf

AT = NOW.astimezone(VIETNAM)
WHEN = date(2026, 7, 12)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


def sign(
    pdf: bytes, step: Step, world: World, holder: Holder, algorithm: Algorithm | None = None, *, token: bool = False
) -> bytes:
    signer = MemorySigner(holder.key, algorithm)
    out = io.BytesIO()
    room = ROOM_WITH_TIMESTAMP if token else 12_288
    prepared = prepare(io.BytesIO(pdf), out, step, holder.certificate, signer.algorithm, AT, room=room)
    signature = signer.sign(prepared.to_sign)
    stamp = None
    if token:
        from lienthong.trust.cades import timestamp_digest

        stamp = token_for(world)(timestamp_digest(signer.algorithm, signature))
    embed(out, prepared, signature, [world.issuing.certificate], stamp)
    return out.getvalue()


def token_for(world: World) -> Callable[[bytes], bytes]:
    chain = [world.tsa.certificate, world.issuing.certificate]
    responder = Responder(MemorySigner(world.tsa.key), world.tsa.certificate, chain, "1.2.3.4")
    serials = iter(range(1, 1000))
    return lambda digest: read_response(responder.respond(make_request(digest, 7), next(serials), LATER))


def planned(persons: int = 1, **more: int) -> bytes:
    source, out = io.BytesIO(decision(persons, **more)), io.BytesIO()
    write_plan(source, out, find_plan(source, PERSONS[-persons:]))
    return out.getvalue()


def issued(world: World, persons: int = 1, algorithm: Algorithm | None = None, *, token: bool = False) -> bytes:
    """The whole chain: persons, number, seal."""
    pdf = planned(persons)
    for index in range(1, persons + 1):
        pdf = sign(pdf, steps.person(person_field(index), load_picture(handwriting())), world, world.person, algorithm)
    pdf = sign(pdf, steps.number(io.BytesIO(pdf), "15", WHEN, "QĐ-SNV", "Thử Nghiệm"), world, world.agency, algorithm)
    return sign(
        pdf, steps.seal(io.BytesIO(pdf), load_picture(seal_picture())), world, world.agency, algorithm, token=token
    )


def verdicts(pdf: bytes, world: World, moment: datetime = LATER) -> list[tuple[str, bool]]:
    """What pyHanko's validator with its strict difference analysis says of every signature."""
    root, issuing = (
        asn1_x509.Certificate.load(c.public_bytes(DER)) for c in (world.root.certificate, world.issuing.certificate)
    )
    context = ValidationContext(
        trust_roots=[root], other_certs=[issuing], crls=[world.crl(), world.root_crl()], allow_fetching=False,
        revocation_mode="hard-fail", moment=moment,
    )  # fmt: skip
    found = []
    for each in PdfFileReader(io.BytesIO(pdf)).embedded_signatures:
        stamp = each.sig_object.get("/Type") == "/DocTimeStamp"
        status = validate_pdf_timestamp(each, context) if stamp else validate_pdf_signature(each, context)
        good = status.intact and status.valid and status.trusted and status.docmdp_ok is not False
        found.append((each.field_name, good and (stamp or status.bottom_line)))
    return found


@pytest.mark.parametrize("persons", [1, 2, 3, 4])
def test_every_earlier_signature_stays_valid_when_number_seal_and_timestamps_follow(world: World, persons: int) -> None:
    pdf = issued(world, persons, token=True)
    kept, stamped = io.BytesIO(), io.BytesIO()
    add_validation_data(
        io.BytesIO(pdf), kept, [world.issuing.certificate, world.root.certificate], [world.crl(), world.root_crl()]
    )
    add_archive_timestamp(kept, stamped, token_for(world))
    add_archive_timestamp(stamped, renewed := io.BytesIO(), token_for(world))
    names = [*(person_field(n) for n in range(1, persons + 1)), NUMBER, SEAL]
    assert verdicts(pdf, world) == [(name, True) for name in names]
    found = verdicts(renewed.getvalue(), world)
    assert [good for _, good in found] == [True] * (persons + 4)
    assert [name for name, _ in found][-2:] == ["DauThoiGian01", "DauThoiGian02"]


@pytest.mark.parametrize("algorithm", [Algorithm.RS256, Algorithm.PS256, Algorithm.PS512])
def test_both_paddings_of_rsa_are_valid(world: World, algorithm: Algorithm) -> None:
    assert all(good for _, good in verdicts(issued(world, 1, algorithm), world))


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_elliptic_curves_are_valid(world: World, curve: ec.EllipticCurve) -> None:
    key = ec.generate_private_key(curve)
    year = Period(NOW - timedelta(days=1), NOW + timedelta(days=300))
    holder = Holder(make_signer(world.issuing, key.public_key(), person_name("Nguyễn Văn An"), year, 99), key)  # type: ignore[arg-type]
    pdf = sign(planned(), steps.person(person_field(1), None), world, holder)
    assert verdicts(pdf, world) == [(person_field(1), True)]


def test_poppler_calls_every_signature_valid(world: World, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(issued(world, 2))
    said = subprocess.run(["pdfsig", "-nocert", tmp_path / "a.pdf"], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid.") == 4, said


def test_openssl_verifies_the_signature_over_the_bytes_outside_the_place(world: World, tmp_path: Path) -> None:
    pdf = sign(planned(), steps.person(person_field(1), None), world, world.person)
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    start, length, rest, tail = (int(n) for n in signature.sig_object["/ByteRange"])
    (tmp_path / "content").write_bytes(pdf[start : start + length] + pdf[rest : rest + tail])
    (tmp_path / "cms").write_bytes(bytes(signature.pkcs7_content))
    roots = (world.root.certificate, world.issuing.certificate)
    (tmp_path / "root.pem").write_bytes(b"".join(each.public_bytes(PEM) for each in roots))
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content", "-CAfile", "root.pem",
         "-purpose", "any", "-out", "/dev/null", "-attime", str(int(LATER.timestamp()))], cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_number_and_date_are_read_in_their_place_and_nothing_is_painted_elsewhere(world: World) -> None:
    pdf = issued(world)
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    page = document[0]
    page.flatten()
    text = document[0].get_textpage().get_text_bounded().replace("\r\n", "\n")
    assert "15" in text and "QĐ-SNV" in text
    first, _ = (page_picture(io.BytesIO(each), 0, 72) for each in (planned(), pdf))
    changed = ImageChops.difference(
        Image.open(io.BytesIO(first)).convert("RGB"),
        Image.open(io.BytesIO(page_picture(io.BytesIO(pdf), 0, 72))).convert("RGB"),
    ).getbbox()
    with pages_of(io.BytesIO(pdf)) as pages:
        row = steps.number_place(pages).row
    assert changed is not None
    left, top, right, bottom = changed
    assert (
        left >= row.left - 1 and right <= row.right + 1 and top >= 841 - row.top - 1 and bottom <= 842 - row.bottom + 1
    )


def test_the_seal_covers_a_third_of_the_image_from_the_left_in_true_size() -> None:
    plan = find_plan(io.BytesIO(decision(2)), PERSONS[-2:])
    competent = plan.persons[-1]
    assert (plan.seal.right - competent.left) / competent.width == pytest.approx(1 / 3, abs=0.01)
    assert plan.seal.width == pytest.approx(102) and plan.seal.height == pytest.approx(102)
    assert plan.seal.page == competent.page == 1


def test_the_preview_is_the_signed_page_to_the_pixel(world: World) -> None:
    signer = MemorySigner(world.person.key)
    step = steps.person(person_field(1), load_picture(handwriting()))
    out = io.BytesIO()
    prepared = prepare(io.BytesIO(planned()), out, step, world.person.certificate, signer.algorithm, AT)
    before = page_picture(out, 1)
    embed(out, prepared, signer.sign(prepared.to_sign), [])
    assert page_picture(out, 1) == before
    assert before != page_picture(io.BytesIO(planned()), 1)


def test_a_prepared_signature_is_written_down_and_taken_up_again(world: World) -> None:
    signer = MemorySigner(world.person.key)
    out = io.BytesIO()
    prepared = prepare(
        io.BytesIO(planned()), out, steps.person(person_field(1), None), world.person.certificate, signer.algorithm, AT
    )
    kept, file = prepared.to_json(), out.getvalue()
    again = PreparedSignature.from_json(kept)
    assert again == prepared
    assert range_digest(io.BytesIO(file), again) == again.document_digest
    resumed = io.BytesIO(file)
    embed(resumed, again, signer.sign(again.to_sign), [world.issuing.certificate])
    assert verdicts(resumed.getvalue(), world) == [(person_field(1), True)]


def test_attachments_and_copies_say_in_the_corner_what_the_decree_prescribes(world: World) -> None:
    attached = sign(decision(0), steps.attachment(io.BytesIO(decision(0)), "15/QĐ-SNV", AT), world, world.agency)
    pdf = issued(world)
    copied = sign(pdf, steps.copy(io.BytesIO(pdf), steps.Copy.TRUE_COPY, "Sở Nội vụ", AT), world, world.agency)
    assert all(good for each in (attached, copied) for _, good in verdicts(each, world))
    for each, wanted in ((attached, "15/QĐ-SNV"), (copied, "Sao y")):
        document = pypdfium2.PdfDocument(each)
        document.init_forms()
        document[0].flatten()
        text = document[0].get_textpage().get_text_bounded(300, 780, 595, 842)
        assert wanted in text and "+07:00" in text


def test_a_stamp_of_arrival_in_a_free_place_harms_nobody(world: World) -> None:
    pdf = issued(world)
    step = steps.arrival(io.BytesIO(pdf), "UBND huyện Nơi Nhận", "1024", AT)
    stamped = sign(pdf, step, world, world.agency)
    assert all(good for _, good in verdicts(stamped, world))
    before, after = (
        Image.open(io.BytesIO(page_picture(io.BytesIO(each), 0, 72))).convert("L") for each in (pdf, stamped)
    )
    # What was there is still to be seen: nothing became lighter, and only the place of the stamp changed.
    changed = ImageChops.difference(before, after).getbbox()
    assert step.new is not None and changed is not None
    assert changed[0] >= step.new.left - 1 and changed[2] <= step.new.right + 1
    assert before.crop(changed).getextrema()[0] >= 245


def test_a_full_page_takes_no_stamp_and_a_second_receiver_finds_other_room(world: World) -> None:
    full = pikepdf.new()
    page = full.add_blank_page(page_size=(595, 842))
    page.obj.Contents = full.make_stream(b"0.5 g " + b" ".join(b"%d 0 2 842 re f" % x for x in range(0, 595, 40)))
    out = io.BytesIO()
    full.save(out)
    with pytest.raises(Refused, match="NO_FREE_PLACE"):
        steps.arrival(out, "UBND huyện Nơi Nhận", "1024", AT)
    once = issued(world)
    for number in (1, 2):
        step = steps.arrival(
            io.BytesIO(once), f"Cơ quan có một cái tên rất dài để thử xem chữ có vừa ô không {number}", "7", AT
        )
        assert step.field == f"Den{number:02d}"
        once = sign(once, step, world, world.agency)
    assert all(good for _, good in verdicts(once, world))


def test_what_would_harm_an_earlier_signature_is_told_before_a_key_is_used(world: World) -> None:
    pdf = issued(world)
    out = io.BytesIO()
    step = steps.arrival(io.BytesIO(pdf), "UBND huyện Nơi Nhận", "1024", AT)
    prepare(io.BytesIO(pdf), out, step, world.agency.certificate, Algorithm.RS256, AT)
    require_unharmed(out, [person_field(1), NUMBER, SEAL])
    locked = sign(
        planned(), Step(SEAL, None, locks=(person_field(1), NUMBER, SEAL)), world, world.agency
    )  # sealed before anybody signed
    prepared = io.BytesIO()
    prepare(
        io.BytesIO(locked), prepared, steps.person(person_field(1), None), world.person.certificate, Algorithm.RS256, AT
    )
    with pytest.raises(Refused, match="EARLIER_SIGNATURE_HARMED"):
        require_unharmed(prepared, [SEAL])


def test_the_place_of_the_digest_is_what_was_signed(world: World) -> None:
    signer = MemorySigner(world.person.key)
    out = io.BytesIO()
    prepared = prepare(
        io.BytesIO(planned()), out, steps.person(person_field(1), None), world.person.certificate, signer.algorithm, AT
    )
    file = out.getvalue()
    outside = file[: prepared.start] + file[prepared.end :]
    assert hashlib.sha256(outside).digest() == prepared.document_digest


def test_the_box_of_an_appearance_is_the_same_before_and_after_signing(world: World) -> None:
    for persons in (1, 2):
        boxes = []
        for pdf in (planned(persons), issued(world, persons)):
            form = PdfFileReader(io.BytesIO(pdf)).root["/AcroForm"]["/Fields"]
            found = {
                str(f.get_object()["/T"]): sorted(float(n) for n in f.get_object()["/AP"]["/N"]["/BBox"]) for f in form
            }
            boxes.append(found)
        assert boxes[0] == boxes[1]


def test_a_long_name_has_room_and_a_letter_without_a_glyph_is_refused(world: World) -> None:
    long = "Sở Nông nghiệp và Môi trường thành phố Hồ Chí Minh, Chi cục Kiểm lâm"
    step = steps.copy(io.BytesIO(decision(0)), steps.Copy.TRUE_COPY, long, AT)
    assert step.new is not None and step.new.width > 280 and step.new.left > 0
    with pytest.raises(Refused, match="TEXT_NOT_SHOWABLE"):
        steps.copy(io.BytesIO(decision(0)), steps.Copy.TRUE_COPY, "Sở № 1", AT)


def test_a_copy_of_a_copy_stands_below_the_first_and_everything_stays_valid(world: World) -> None:
    pdf = issued(world)
    for kind in (steps.Copy.TRUE_COPY, steps.Copy.COPY_OF_COPY):
        pdf = sign(pdf, steps.copy(io.BytesIO(pdf), kind, "Sở Nội vụ", AT), world, world.agency)
    assert all(good for _, good in verdicts(pdf, world))
    report = validate_pdf(io.BytesIO(pdf), world.context(LATER + timedelta(minutes=5)))
    assert report.verdict is Verdict.PASSED, [check.en for check in report.troubles]


def test_only_this_key_s_signature_over_this_file_is_embedded(world: World) -> None:
    signer, other = MemorySigner(world.person.key), MemorySigner(world.agency.key)
    out = io.BytesIO()
    step = steps.person(person_field(1), None)
    prepared = prepare(io.BytesIO(planned()), out, step, world.person.certificate, signer.algorithm, AT)
    before = out.getvalue()
    with pytest.raises(Refused, match="SIGNATURE_NOT_VALID"):
        embed(out, prepared, other.sign(prepared.to_sign), [])
    assert out.getvalue() == before
    changed = io.BytesIO(before.replace(b"%PDF-1", b"%PDF-2", 1))
    with pytest.raises(Refused, match="PREPARED_FILE_CHANGED"):
        embed(changed, prepared, signer.sign(prepared.to_sign), [])


def test_a_stamped_copy_holds_the_signed_file_whole_and_tells_that_the_original_counts(
    world: World, tmp_path: Path
) -> None:
    pdf, out = issued(world), io.BytesIO()
    write_stamped(io.BytesIO(pdf), out, ArrivalStamp("UBND huyện Nơi Nhận", "1024", AT, "Phòng Nội vụ", "05.TCCB"))
    copy, context = out.getvalue(), world.context(LATER + timedelta(minutes=5))
    assert copy.startswith(pdf)
    assert validate_pdf(io.BytesIO(copy[: len(pdf)]), context).verdict is Verdict.PASSED
    report = validate_pdf(io.BytesIO(copy), context)
    assert len(report.signatures) == 3
    for each in report.signatures:
        # The bytes that were signed are as they were; what came after them is told, and is no part of the original.
        assert each.verdict is Verdict.FAILED
        assert [check.name for check in each.troubles] == ["pdf.changes"], each
    assert NOT_THE_ORIGINAL in shown(copy)
    file = tmp_path / "copy.pdf"
    file.write_bytes(copy)
    said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout
    assert said.count("Signature is Valid.") == 3


def test_the_stamp_has_the_lines_and_the_size_of_the_decree(world: World) -> None:
    said = ArrivalStamp("UBND huyện Nơi Nhận", "07", AT, "Phòng Nội vụ, Phòng Tài chính - Kế hoạch", "05.TCCB")
    plain, out = plain_pdf(), io.BytesIO()
    box, drawn = steps.arrival_stamp(io.BytesIO(plain), said)
    assert (round(box.width * 25.4 / 72), round(box.height * 25.4 / 72)) == (50, 35)
    texts = [line.text for line in drawn.lines]
    assert texts == ["UBND HUYỆN NƠI NHẬN", "ĐẾN", "Số: 07", f"Ngày: {AT:%d/%m/%Y}",
                     "Chuyển: Phòng Nội vụ, Phòng Tài chính -…", "Số và ký hiệu HS: 05.TCCB"]  # fmt: skip
    assert all(line.width <= box.width for line in drawn.lines)
    write_stamped(io.BytesIO(plain), out, replace(said, passed_to="", dossier=""))
    assert "Chuyển: ....." in shown(out.getvalue()) and "Số và ký hiệu HS: ....." in shown(out.getvalue())
    assert NOT_THE_ORIGINAL not in shown(out.getvalue())


def shown(pdf: bytes) -> str:
    """What the first page shows when it is printed, notes and fields too."""
    flat = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        file.flatten_annotations("print")
        file.save(flat)
    return nfc(" ".join(pypdfium2.PdfDocument(flat)[0].get_textpage().get_text_bounded().split()))
