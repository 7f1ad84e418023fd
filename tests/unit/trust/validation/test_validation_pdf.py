"""Signed PDFs: what others' tools sign is called what it is, and no attack is called PASSED."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, TextStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm

from lienthong.trust.local_pki import Period, distinguished_name, make_timestamper
from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.validation.judge import Context
from lienthong.trust.validation.machine import machine_report
from lienthong.trust.validation.model import DocumentReport, LegalValue
from lienthong.trust.validation.policy import DOCUMENT_POLICY
from lienthong.trust.verdict import Verdict
from signing_world import NOW, Holder, World, der, person_name, plain_pdf, plan_fields

NUMBER, PERSON, SEAL = (60, 750, 300, 780), (300, 100, 420, 160), (270, 90, 340, 170)


def judged(pdf: bytes, context: Context) -> DocumentReport:
    return validate_pdf(io.BytesIO(pdf), context)


def subs(report: DocumentReport) -> set[str]:
    return {check.sub.value for check in report.troubles if getattr(check, "sub", None)}


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


@pytest.fixture(scope="module")
def issued(world: World) -> bytes:
    """Planned fields; the person, the number and the seal, each signed by pyHanko's own signer."""
    pdf = plan_fields(plain_pdf(), {"SoNgay": NUMBER, "NguoiKy01": PERSON, "CoQuan": SEAL})
    pdf = world.sign_pdf(pdf, world.person, "NguoiKy01")
    pdf = world.sign_pdf(pdf, world.agency, "SoNgay", reason="Số 15/QĐ-SNV")
    return world.sign_pdf(pdf, world.agency, "CoQuan")


@pytest.fixture(scope="module")
def signed(world: World) -> bytes:
    return world.sign_pdf(plain_pdf(), world.person, "NguoiKy01", box=PERSON)


def test_person_number_and_seal_pass_and_make_the_original(world: World, issued: bytes) -> None:
    report = judged(issued, world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    assert report.legal is not None
    assert report.legal.value is LegalValue.ORIGINAL
    assert [item.label for item in report.signatures] == ["NguoiKy01", "SoNgay", "CoQuan"]
    assert [item.covers_all for item in report.signatures] == [False, False, True]
    assert len(report.signatures[0].changes) == 2
    assert report.signatures[0].signer is not None
    assert report.signatures[0].signer.title == "Giám đốc"
    assert report.signatures[1].reason == "Số 15/QĐ-SNV"


def test_a_person_alone_passes_but_is_for_information_only(world: World, signed: bytes) -> None:
    report = judged(signed, world.context())
    assert report.verdict is Verdict.PASSED
    assert report.legal is not None
    assert report.legal.value is LegalValue.INFORMATION_ONLY


def test_a_second_person_may_sign_later_in_a_free_place(world: World, signed: bytes) -> None:
    report = judged(world.sign_pdf(signed, world.person, "NguoiKy02", box=(100, 300, 220, 360)), world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]


def test_an_agency_that_signs_before_the_person_does_not_make_an_original(world: World) -> None:
    pdf = world.sign_pdf(plain_pdf(), world.agency, "CoQuan")
    report = judged(world.sign_pdf(pdf, world.person, "NguoiKy01"), world.context())
    assert report.verdict is Verdict.PASSED
    assert report.legal is not None
    assert report.legal.value is LegalValue.INFORMATION_ONLY


@pytest.mark.parametrize("pss", [False, True])
@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_every_level_of_the_baseline_is_recognised(world: World, level: str, pss: bool) -> None:
    more: dict[str, object] = {"pss": pss}
    if level != "B-B":
        more["stamper"] = world.stamper()
    if level in {"B-LT", "B-LTA"}:
        more |= {
            "embed_validation_info": True,
            "use_pades_lta": level == "B-LTA",
            "validation_context": world.pyhanko_context(),
        }
    report = judged(world.sign_pdf(plain_pdf(), world.person, "A", **more), world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    assert report.signatures[0].level == level


def test_a_document_without_signature_is_not_decided(world: World) -> None:
    assert judged(plain_pdf(), world.context()).verdict is Verdict.INDETERMINATE


def test_the_report_is_the_same_again_and_names_its_evidence(world: World, issued: bytes) -> None:
    context = world.context()
    first = machine_report(judged(issued, context), context, "x 1")
    assert first == machine_report(judged(issued, context), context, "x 1")
    kinds = {item["type"] for item in first["signatureValidationObjects"]}
    assert kinds == {"certificate", "crl"}
    assert all(
        check["whyVi"] and check["whyEn"] for row in first["signatureValidationReports"] for check in row["checks"]
    )


def test_an_unknown_root_is_not_decided(signed: bytes) -> None:
    report = judged(signed, World.make(first=5).context())
    assert subs(report) == {"NO_CERTIFICATE_CHAIN_FOUND"}


def test_without_revocation_data_it_is_tried_later_unless_the_policy_waives_it(world: World, signed: bytes) -> None:
    empty = world.revocation().__class__()
    assert subs(judged(signed, world.context(revocation=empty))) == {"TRY_LATER"}
    lenient = replace(DOCUMENT_POLICY, require_revocation=False)
    assert judged(signed, world.context(revocation=empty, policy=lenient)).verdict is Verdict.PASSED


# ------------------------------------------------------------------------------------------------ time


def stamped(world: World, holder: Holder, at: object = None) -> bytes:
    return world.sign_pdf(plain_pdf(), holder, "A", stamper=world.stamper(at))


def test_revoked_after_a_proven_time_passes_and_before_it_does_not(world: World) -> None:
    pdf = stamped(world, world.person)
    later = world.revocation({10: NOW + timedelta(hours=5)})
    assert judged(pdf, world.context(NOW + timedelta(hours=9), later)).verdict is Verdict.PASSED
    report = judged(pdf, world.context(revocation=world.revocation({10: NOW - timedelta(days=1)})))
    assert report.verdict is Verdict.FAILED
    assert subs(report) == {"REVOKED"}


def test_revoked_without_a_proven_time_is_not_decided_and_never_passes(world: World) -> None:
    pdf = world.sign_pdf(plain_pdf(), world.person, "A")
    later = world.revocation({10: NOW + timedelta(hours=5)}, NOW + timedelta(hours=9))
    assert subs(judged(pdf, world.context(NOW + timedelta(hours=9), later))) == {"REVOKED_NO_POE"}
    earlier = world.revocation({10: NOW - timedelta(days=1)})
    assert subs(judged(pdf, world.context(revocation=earlier))) == {"REVOKED"}


def test_expired_today_passes_when_a_time_stamp_saw_it_in_time_and_is_out_of_bounds_otherwise(world: World) -> None:
    short = world.certify(
        world.person, person_name("Nguyễn Văn An"), NOW - timedelta(days=50), NOW + timedelta(hours=1), 20
    )
    today = NOW + timedelta(days=20)
    fresh = world.revocation(at=NOW)
    assert judged(stamped(world, short), world.context(today, fresh)).verdict is Verdict.PASSED
    report = judged(world.sign_pdf(plain_pdf(), short, "A"), world.context(today, fresh))
    assert subs(report) == {"OUT_OF_BOUNDS_NO_POE"}


def test_an_expired_time_stamp_authority_proves_nothing_until_an_archive_stamp_saw_it(world: World) -> None:
    period = Period(NOW - timedelta(days=50), NOW + timedelta(hours=1))
    name = distinguished_name("TSA ngắn hạn")
    short = Holder(make_timestamper(world.issuing, world.tsa.key.public_key(), name, period, 21), world.tsa.key)
    today = world.context(NOW + timedelta(days=20), world.revocation())
    pdf = world.sign_pdf(plain_pdf(), world.person, "A", stamper=world.stamper(tsa=short))
    report = judged(pdf, today)
    assert report.verdict is Verdict.INDETERMINATE
    assert "NO_POE" in subs(report)
    out = io.BytesIO()
    stamper = signers.PdfTimeStamper(world.stamper())
    stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), "sha256", validation_context=None, output=out)
    report = judged(out.getvalue(), today)
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]


def test_a_time_stamp_from_the_future_is_out_of_order(world: World) -> None:
    pdf = stamped(world, world.person, NOW + timedelta(days=3))
    report = judged(pdf, world.context())
    assert report.verdict is not Verdict.PASSED
    assert "TIMESTAMP_ORDER_FAILURE" in subs(report)


def test_a_certificate_that_was_not_valid_yet_fails(world: World) -> None:
    future = world.certify(
        world.person, person_name("Nguyễn Văn An"), NOW + timedelta(days=1), NOW + timedelta(days=9), 22
    )
    assert "NOT_YET_VALID" in subs(judged(world.sign_pdf(plain_pdf(), future, "A"), world.context()))


# ------------------------------------------------------------------------------------------------ algorithms


@pytest.mark.parametrize("md", ["sha1", "md5"])
def test_weak_digests_never_pass(world: World, md: str) -> None:
    report = judged(world.sign_pdf(plain_pdf(), world.person, "A", md=md), world.context())
    assert report.verdict is Verdict.INDETERMINATE
    assert "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" in subs(report)


def test_weak_keys_never_pass(world: World) -> None:
    report = judged(world.sign_pdf(plain_pdf(), world.weak(), "A"), world.context())
    assert report.verdict is Verdict.INDETERMINATE
    assert "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" in subs(report)


# ------------------------------------------------------------------------------------------------ attacks

Attack = Callable[[World, bytes], bytes]


def rewritten(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def page_of(writer: IncrementalPdfFileWriter, number: int = 0) -> tuple[generic.IndirectObject, DictionaryObject]:
    ref = writer.find_page_for_modification(number)[0]
    return ref, ref.get_object()


def append_comment(_: World, pdf: bytes) -> bytes:
    return pdf + b"% hidden\n"


def append_object_and_old_end(_: World, pdf: bytes) -> bytes:
    """Incremental saving without a table of its own: lenient readers rebuild the table and show the new object."""
    end = pdf[pdf.rindex(b"startxref") :]
    return pdf + b"4 0 obj\n<< /Length 3 >>\nstream\nq Q\nendstream\nendobj\n" + end


def change_content(_: World, pdf: bytes) -> bytes:
    return pdf.replace(b"1.000.000", b"9.000.000", 1)


def cut_off(_: World, pdf: bytes) -> bytes:
    return pdf[: len(pdf) * 2 // 3]


def wrong_byte_range(_: World, pdf: bytes) -> bytes:
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", pdf)
    assert found is not None
    other = b"/ByteRange [0 %d %s %s]" % (int(found[1]) - 1, found[2], found[3])
    return pdf.replace(found[0], other.ljust(len(found[0])))


def empty_byte_range(_: World, pdf: bytes) -> bytes:
    found = re.search(rb"/ByteRange \[[^]]+\]", pdf)
    assert found is not None
    return pdf.replace(found[0], b"/ByteRange null".ljust(len(found[0])))


def no_contents(_: World, pdf: bytes) -> bytes:
    return pdf.replace(b"/Contents <", b"/Xontents <", 1)


def null_contents(_: World, pdf: bytes) -> bytes:
    found = re.search(rb"/Contents <[0-9a-fA-F]+>", pdf)
    assert found is not None
    return pdf.replace(found[0], (b"/Contents <" + b"0" * (len(found[0]) - 12) + b">"))


def replace_content(_: World, pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        ref, page = page_of(writer)
        stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 700 Td (Tra 9.000.000 dong) Tj ET")
        page[pdf_name("/Contents")] = writer.add_object(stream)
        writer.mark_update(ref)

    return rewritten(pdf, change)


def overlay_prepared_before_signing(world: World, _: bytes) -> bytes:
    """Shadow attack, hide: what covered the text when it was signed is taken away afterwards."""
    base = rewritten(plain_pdf(), _cover)
    pdf = world.sign_pdf(base, world.person, "NguoiKy01")

    def uncover(writer: IncrementalPdfFileWriter) -> None:
        ref, page = page_of(writer)
        page["/Annots"].pop(0)
        writer.mark_update(ref)
        writer.update_container(page["/Annots"])

    return rewritten(pdf, uncover)


def _cover(writer: IncrementalPdfFileWriter) -> None:
    ref, page = page_of(writer)
    page[pdf_name("/Annots")] = ArrayObject([writer.add_object(_square(ref))])
    writer.mark_update(ref)


def _square(page: generic.IndirectObject) -> DictionaryObject:
    rect = ArrayObject(map(NumberObject, (60, 690, 400, 720)))
    return DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Square"),
            pdf_name("/Rect"): rect,
            pdf_name("/F"): NumberObject(4),
            pdf_name("/P"): page,
            pdf_name("/IC"): ArrayObject([NumberObject(1)] * 3),
        }
    )


def swap_prepared_page(world: World, _: bytes) -> bytes:
    """Shadow attack, hide and replace: a second page object, prepared unseen, is put in the place of the first."""

    def prepare(writer: IncrementalPdfFileWriter) -> None:
        _, page = page_of(writer)
        twin = DictionaryObject({name: page.raw_get(name) for name in page})
        stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 700 Td (Tra 9.000.000 dong) Tj ET")
        twin[pdf_name("/Contents")] = writer.add_object(stream)
        writer.root[pdf_name("/Hidden")] = writer.add_object(twin)
        writer.update_root()

    pdf = world.sign_pdf(rewritten(plain_pdf(), prepare), world.person, "NguoiKy01")

    def swap(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        pages["/Kids"][0] = writer.root.raw_get("/Hidden")
        writer.mark_update(writer.root.raw_get("/Pages"))

    return rewritten(pdf, swap)


def replace_appearance(_: World, pdf: bytes) -> bytes:
    """Shadow attack, replace: the picture of a signed field is exchanged."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        ref = writer.root["/AcroForm"]["/Fields"][0]
        target = ref if isinstance(ref, DictionaryObject) else ref.get_object()
        form = generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): ArrayObject(map(NumberObject, (0, 0, 120, 60))),
            },
            stream_data=b"1 0 0 rg 0 0 120 60 re f",
        )
        target[pdf_name("/AP")] = DictionaryObject({pdf_name("/N"): writer.add_object(form)})
        writer.update_container(target)

    return rewritten(pdf, change)


def add_page(_: World, pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        page = DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/Parent"): writer.root.raw_get("/Pages"),
                pdf_name("/MediaBox"): ArrayObject(map(NumberObject, (0, 0, 595, 842))),
            }
        )
        pages["/Kids"].append(writer.add_object(page))
        pages[pdf_name("/Count")] = NumberObject(len(pages["/Kids"]))
        writer.update_container(pages)
        writer.mark_update(writer.root.raw_get("/Pages"))

    return rewritten(pdf, change)


def annotate(_: World, pdf: bytes) -> bytes:
    return rewritten(pdf, _append_square)


def _append_square(writer: IncrementalPdfFileWriter) -> None:
    ref, page = page_of(writer)
    page["/Annots"].append(writer.add_object(_square(ref)))
    writer.update_container(page["/Annots"])
    writer.mark_update(ref)


def evil_annotation(world: World, _: bytes) -> bytes:
    """Certification attack: annotations are allowed (P=3), and one hides the content."""
    pdf = world.sign_pdf(plain_pdf(), world.person, "A", box=PERSON, certify=True, docmdp_permissions=MDPPerm.ANNOTATE)
    return rewritten(pdf, _append_square)


def sneaky_signature(world: World, _: bytes) -> bytes:
    """Certification attack: a later signature's picture is laid over the certified content."""
    pdf = world.sign_pdf(plain_pdf(), world.person, "A", certify=True, docmdp_permissions=MDPPerm.FILL_FORMS)
    return world.sign_pdf(pdf, world.agency, "B", box=(60, 690, 400, 720))


def later_signature_over_the_first(world: World, pdf: bytes) -> bytes:
    return world.sign_pdf(pdf, world.agency, "Den1", box=(310, 110, 410, 150))


def a_person_signs_later_over_the_text(world: World, pdf: bytes) -> bytes:
    return world.sign_pdf(pdf, world.person, "Them1", box=(60, 690, 400, 720))


def script_that_was_there_when_signed(world: World, _: bytes) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        action = DictionaryObject(
            {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): TextStringObject("app.alert(1)")}
        )
        writer.root[pdf_name("/OpenAction")] = writer.add_object(action)
        writer.update_root()

    return world.sign_pdf(rewritten(plain_pdf(), add), world.person, "A")


def signed_under_another_certificate(world: World, _: bytes) -> bytes:
    """The certificate inside is exchanged for another one of the same key, issuer and serial number."""
    pdf = world.sign_pdf(plain_pdf(), world.person, "A")
    twin = world.certify(
        world.person, person_name("Người Khác", "Bộ trưởng"), NOW - timedelta(days=100), NOW + timedelta(days=265), 10
    )
    old, new = der(world.person.certificate), der(twin.certificate)
    at, stop = gap_of(pdf)
    held = bytes.fromhex(pdf[at + 1 : stop].decode())
    assert old in held
    changed = _exchange(held, old, new)
    return pdf[: at + 1] + changed.hex().encode().ljust(stop - at - 1, b"0")[: stop - at - 1] + pdf[stop:]


def gap_of(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal text of the first signature stands, brackets outside."""
    at = pdf.index(b"/Contents <") + len("/Contents ")
    return at, pdf.index(b">", at)


def _exchange(held: bytes, old: bytes, new: bytes) -> bytes:
    from asn1crypto import cms
    from asn1crypto import x509 as asn1_x509

    info = cms.ContentInfo.load(held, strict=False)
    certificates = info["content"]["certificates"]
    kept = [item.chosen.dump() for item in certificates]
    info["content"]["certificates"] = [asn1_x509.Certificate.load(new if raw == old else raw) for raw in kept]
    return bytes(info.dump(force=True))


def signature_moved_to_another_document(world: World, pdf: bytes) -> bytes:
    other = world.sign_pdf(plain_pdf(text="Khac:    /QD-SNV"), world.agency, "NguoiKy01", box=PERSON)
    taken = re.search(rb"/Contents <([0-9a-fA-F]+)>", pdf)
    place = re.search(rb"/Contents <([0-9a-fA-F]+)>", other)
    assert taken is not None
    assert place is not None
    return other.replace(place[1], taken[1].ljust(len(place[1]), b"0")[: len(place[1])])


def fill_a_field_after_the_last_signature(world: World, _: bytes) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        ref, page = page_of(writer)
        text = DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/FT"): pdf_name("/Tx"),
                pdf_name("/T"): TextStringObject("So"),
                pdf_name("/F"): NumberObject(4),
                pdf_name("/P"): ref,
                pdf_name("/Rect"): ArrayObject(map(NumberObject, (60, 750, 120, 770))),
            }
        )
        made = writer.add_object(text)
        page[pdf_name("/Annots")] = ArrayObject([made])
        writer.mark_update(ref)
        form = DictionaryObject({pdf_name("/Fields"): ArrayObject([made])})
        writer.root[pdf_name("/AcroForm")] = writer.add_object(form)
        writer.update_root()

    pdf = world.sign_pdf(rewritten(plain_pdf(), add), world.person, "A")

    def fill(writer: IncrementalPdfFileWriter) -> None:
        for ref in writer.root["/AcroForm"]["/Fields"]:
            held = ref.get_object()
            if held["/T"] == "So":
                held[pdf_name("/V")] = TextStringObject("99")
                writer.mark_update(ref)

    return rewritten(pdf, fill)


def fill_a_field_and_let_an_innocent_agency_sign_after(world: World, pdf: bytes) -> bytes:
    return world.sign_pdf(fill_a_field_after_the_last_signature(world, pdf), world.agency, "Den1")


ATTACKS: list[tuple[Attack, str]] = [
    (append_comment, "FORMAT_FAILURE"),
    (append_object_and_old_end, "FORMAT_FAILURE"),
    (change_content, "HASH_FAILURE"),
    (cut_off, "FORMAT_FAILURE"),
    (wrong_byte_range, "FORMAT_FAILURE"),
    (empty_byte_range, "FORMAT_FAILURE"),
    (no_contents, "FORMAT_FAILURE"),
    (null_contents, "FORMAT_FAILURE"),
    (replace_content, "FORMAT_FAILURE"),
    (overlay_prepared_before_signing, "FORMAT_FAILURE"),
    (swap_prepared_page, "FORMAT_FAILURE"),
    (replace_appearance, "FORMAT_FAILURE"),
    (add_page, "FORMAT_FAILURE"),
    (annotate, "FORMAT_FAILURE"),
    (evil_annotation, "FORMAT_FAILURE"),
    (sneaky_signature, "FORMAT_FAILURE"),
    (later_signature_over_the_first, "FORMAT_FAILURE"),
    (a_person_signs_later_over_the_text, "GENERIC"),
    (script_that_was_there_when_signed, "GENERIC"),
    (signed_under_another_certificate, "NO_SIGNING_CERTIFICATE_FOUND"),
    (signature_moved_to_another_document, "HASH_FAILURE"),
    (fill_a_field_after_the_last_signature, "SIGNED_DATA_NOT_FOUND"),
    (fill_a_field_and_let_an_innocent_agency_sign_after, "SIGNED_DATA_NOT_FOUND"),
]


@pytest.mark.parametrize(("attack", "expected"), ATTACKS, ids=[attack.__name__ for attack, _ in ATTACKS])
def test_no_attack_passes(world: World, signed: bytes, attack: Attack, expected: str) -> None:
    report = judged(attack(world, signed), world.context())
    assert report.verdict is not Verdict.PASSED
    assert expected in subs(report), [(c.name, c.en) for c in report.troubles]
    assert report.legal is None or report.legal.value is not LegalValue.ORIGINAL


@pytest.mark.parametrize("attack", [replace_appearance, annotate, append_comment, replace_content, add_page])
def test_no_attack_on_an_issued_document_passes(world: World, issued: bytes, attack: Attack) -> None:
    report = judged(attack(world, issued), world.context())
    assert report.verdict is Verdict.FAILED
    assert report.legal is not None
    assert report.legal.value is not LegalValue.ORIGINAL


def test_any_changed_byte_of_the_signed_ranges_is_noticed(world: World, signed: bytes) -> None:
    begin, end = gap_of(signed)
    for at in [*range(0, begin, begin // 30), *range(end + 1, len(signed), (len(signed) - end) // 30)]:
        damaged = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
        assert judged(damaged, world.context()).verdict is not Verdict.PASSED, at


def test_pdfsig_agrees_on_what_was_issued_and_on_changed_bytes(world: World, issued: bytes, tmp_path) -> None:
    """The one thing that poppler judges is digests and signature values; it has no difference analysis."""

    def said(pdf: bytes) -> str:
        (tmp_path / "x.pdf").write_bytes(pdf)
        return subprocess.run(["pdfsig", tmp_path / "x.pdf"], capture_output=True, text=True, check=False).stdout

    assert said(issued).count("Signature is Valid") == len(judged(issued, world.context()).signatures)
    changed = change_content(world, issued)
    assert "Digest Mismatch" in said(changed)
    assert judged(changed, world.context()).verdict is Verdict.FAILED


def test_adobe_signatures_of_the_old_kind_are_read(world: World) -> None:
    pdf = world.sign_pdf(plain_pdf(), world.person, "A", subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    report = judged(pdf, world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
