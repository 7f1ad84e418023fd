"""Forms and minutes as documents that are signed, and certificates that come from files, lists and tokens."""

from __future__ import annotations

import base64
import io
import subprocess
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from holdings_world import AGENCY, AN, SEAL, SERVER, World, world
from lienthong.base.errors import Refused
from lienthong.infra.token_signer import look_at_token
from lienthong.infra.token_uri import TokenKey
from lienthong.signing.holdings.book import Told
from lienthong.signing.holdings.events import Step
from lienthong.signing.holdings.forms import fill, read_forms, require_complete
from lienthong.signing.holdings.importing import Incoming, Rejected, from_file, read_list
from lienthong.signing.holdings.model import Holder, HolderKind, RequestKind
from lienthong.signing.holdings.official_page import Page, draw
from lienthong.trust.pdf.plan import Person, find_plan
from softhsm_token import MODULE, Tokens

DIRECTOR = ("GIÁM ĐỐC", "Nguyễn Văn An")


@pytest.fixture
def place(tmp_path: Path) -> World:
    return world(tmp_path)


def drawn(place: World, which: str, code: str, *signers: tuple[str, str]) -> bytes:
    forms = read_forms()
    form = forms.find(code)
    return draw(
        Page(AGENCY, "SNV-VP", "Mẫu", 2026, form.title, form.about, fill(forms, form, place.book.find(which)),
             signers or (DIRECTOR,), "UBND tỉnh Mẫu", forms.to, ("Như trên", "Lưu: VT"))
    )  # fmt: skip


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document).replace("\r", "")


@pytest.mark.parametrize(
    ("holder", "code", "said"),
    [
        (AN, "01", ["cho cá nhân", "Số định danh cá nhân: 012345678901", "Chức vụ: Giám đốc"]),
        (SEAL, "02", ["cho cơ quan, tổ chức", "Mã định danh cơ quan: H99.05", "Tên cơ quan, tổ chức: Sở Nội vụ"]),
        (SERVER, "03", ["cho thiết bị, dịch vụ, phần mềm", "Mục đích sử dụng: Kết nối trục"]),
    ],
)
def test_a_request_form_says_who_wants_what(place: World, holder: Holder, code: str, said: list[str]) -> None:
    place.book.request(Told("văn thư", holder=holder))
    text = text_of(drawn(place, "1", code))
    for each in (*said, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SỞ NỘI VỤ TỈNH MẪU", "Kính gửi: Cục Chứng thực số"):
        assert each in text, text
    assert read_forms().of_request(RequestKind.ISSUE, holder.kind).code == code


def test_the_form_has_the_places_of_number_date_signature_and_seal(place: World) -> None:
    place.book.request(Told("văn thư", holder=AN))
    plan = find_plan(io.BytesIO(drawn(place, "1", "01")), [Person(*DIRECTOR)])
    assert plan.number is not None and len(plan.persons) == 1
    assert plan.number.year == 2026


def test_minutes_are_signed_by_two(place: World) -> None:
    place.active()
    pdf = drawn(place, "1", "ban-giao", ("BÊN GIAO", "Lê Thị Văn"), ("BÊN NHẬN", "Nguyễn Văn An"))
    text = text_of(pdf)
    assert "Bàn giao chứng thư số" in text and "token-7" in text and place.book.find("1").certificates[0].serial in text
    assert (
        len(find_plan(io.BytesIO(pdf), [Person("BÊN GIAO", "Lê Thị Văn"), Person("BÊN NHẬN", "Nguyễn Văn An")]).persons)
        == 2
    )


def test_a_change_form_shows_old_and_new(place: World) -> None:
    place.active()
    place.go("1", Step.CHANGE, holder=replace(AN, title="Phó Chủ tịch"), note="bổ nhiệm")
    assert "Chức vụ: Giám đốc → Phó Chủ tịch" in " ".join(text_of(drawn(place, "1", "thay-doi")).split())


def test_a_form_with_gaps_is_refused_with_everything_that_is_missing() -> None:
    with pytest.raises(Refused) as refused:
        require_complete(read_forms(), Holder(HolderKind.AGENCY, AGENCY, AGENCY))
    assert "Mã định danh cơ quan, Địa chỉ, Quyết định thành lập" in refused.value.sentence("vi")
    assert "--detail agency_code=…" in refused.value.advice("vi") and "--email" in refused.value.advice("vi")


def test_long_texts_go_on_to_numbered_pages_and_marks_stay_text(place: World) -> None:
    rows = [("Lý do", f"<b>{'rất dài & dài ' * 60}</b>")] * 8
    pdf = draw(Page(AGENCY, "SNV-VP", "Mẫu", 2026, "GIẤY ĐỀ NGHỊ", "Thử", rows, [DIRECTOR]))
    assert len(pypdfium2.PdfDocument(pdf)) > 1 and "<b>rất dài & dài" in text_of(pdf)
    assert pdf == draw(Page(AGENCY, "SNV-VP", "Mẫu", 2026, "GIẤY ĐỀ NGHỊ", "Thử", rows, [DIRECTOR]))


def test_own_forms_are_read_and_faulty_ones_refused(tmp_path: Path) -> None:
    file = tmp_path / "forms.toml"
    file.write_text(
        'to = "X"\n[labels]\nname = ["a", "b"]\n[[form]]\ncode = "09"\nrequest = "renewal"\ntitle = "T"\nabout = "A"\nrows = ["name"]\n'
    )
    assert read_forms(file).of_request(RequestKind.RENEWAL, HolderKind.PERSON).code == "09"
    for broken in ("[[form]]", 'rows = ["nobody"]', 'request = "dance"', "="):
        file.write_text(file.read_text() + broken)
        with pytest.raises(Refused, match="HOLDING_RULES_INVALID"):
            read_forms(file)


@pytest.mark.parametrize("form", ["pem", "der", "p12"])
def test_a_certificate_file_of_any_usual_form_is_taken_in(place: World, tmp_path: Path, form: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = place.certificate(AN, key=key)
    content = {
        "pem": certificate.public_bytes(Encoding.PEM), "der": certificate.public_bytes(Encoding.DER),
        "p12": pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, NoEncryption()),
    }[form]  # fmt: skip
    file = tmp_path / f"an.{form}"
    file.write_bytes(content)
    file.chmod(0o600)
    found = from_file(file, None, AGENCY)
    assert found.certificate == certificate and found.holder == replace(AN, email="", details={})


def test_a_list_is_read_line_by_line_and_bad_lines_are_told(place: World, tmp_path: Path) -> None:
    (tmp_path / "an.pem").write_bytes(place.certificate(AN).public_bytes(Encoding.PEM))
    seal = base64.b64encode(place.certificate(SEAL).public_bytes(Encoding.DER)).decode()
    file = tmp_path / "danh-sach.csv"
    file.write_text(
        "\ufeffLoại;Họ tên;Chức vụ;Cơ quan;Email;Chứng thư số;CCCD\n"
        "Cá nhân;Nguyễn Văn An;Giám đốc;Sở Nội vụ tỉnh Mẫu;an@mau.gov.vn;an.pem;012345678901\n"
        f"Cơ quan;;;;;{seal};\n"
        "Cá nhân;Trần Thị Bưởi;;;;an.pem;\n"
        "Robot;;;;;an.pem;\n"
        ";;;;;../an.pem;\n"
        ";;;;;khong-co.pem;\n"
        ";;;;;;x\n\n",
        encoding="utf-8",
    )
    found = list(read_list(file, AGENCY))
    good = [each for each in found if isinstance(each, Incoming)]
    bad = [(each.where, each.refused.code.name) for each in found if isinstance(each, Rejected)]
    assert [each.holder for each in good] == [AN, replace(SEAL, email="", details={})]
    assert bad == [
        ("danh-sach.csv:4", "CERTIFICATE_NOT_OF_HOLDER"), ("danh-sach.csv:5", "CERTIFICATES_UNREADABLE"),
        ("danh-sach.csv:6", "CERTIFICATES_UNREADABLE"), ("danh-sach.csv:7", "CERTIFICATES_UNREADABLE"),
        ("danh-sach.csv:8", "CERTIFICATES_UNREADABLE"),
    ]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda t: ("certificate;name\n" + t).encode("utf-8", "replace")),
    )
)
def test_any_bytes_as_a_list_give_rows_or_a_refusal(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("csv") / "x.csv"
    file.write_bytes(content)
    try:
        assert all(isinstance(each, Incoming | Rejected) for each in read_list(file, AGENCY))
    except Refused as refused:
        assert refused.code.name == "CERTIFICATES_UNREADABLE"


def test_a_token_shows_its_certificates_without_a_pin(place: World, tokens: Tokens) -> None:
    tokens.make("so-chung-thu")
    key = ec.generate_private_key(ec.SECP256R1())
    tokens.put("so-chung-thu", key, "k")
    certificate = place.certificate(AN, key=key)
    tokens.put_certificate("so-chung-thu", certificate.public_bytes(Encoding.DER), "k")
    state = look_at_token(TokenKey(Path(MODULE), token="so-chung-thu"))
    assert state.certificates == (certificate,)


def test_what_poppler_reads_is_what_was_written(place: World, tmp_path: Path) -> None:
    place.book.request(Told("văn thư", holder=AN))
    file = tmp_path / "form.pdf"
    file.write_bytes(drawn(place, "1", "01"))
    shown = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    assert "Độc lập - Tự do - Hạnh phúc" in shown and "ngày" in shown and "năm 2026" in shown
