"""Each field of a document's registration as it is read from the lines of its pages."""

from datetime import date

import pytest

from lienthong.office.reading.document import propose
from lienthong.office.reading.proposals import Caution, Confidence, Proposals, Reason
from lienthong.trust.pdf.lines import Line
from lienthong.vocabulary.secrecy import Secrecy
from lienthong.vocabulary.urgency import Urgency
from page_lines import below, heading, line


def cautions(found: Proposals) -> set[Caution]:
    return {each.caution for each in found.cautions}


@pytest.mark.parametrize(
    ("written", "number", "symbol"),
    [
        ("Số: 15/QĐ-BNV", "15", "QĐ-BNV"),
        ("Số:05/BNV-VP", "05", "BNV-VP"),
        ("Số : 12 / UBND - VX", "12", "UBND-VX"),
        ("Số 1234/VPCP-KSTT", "1234", "VPCP-KSTT"),
        ("Số: 113/2025/NĐ-CP", "113", "2025/NĐ-CP"),
        ("Luật số: 33/2024/QH15", "33", "2024/QH15"),
        ("Số: 07a/TB-SNV", "07a", "TB-SNV"),
        ("Số: 15/QÐ-UBND", "15", "QĐ-UBND"),
        ("Số: 8/KH–UBND", "8", "KH-UBND"),
        ("Số: 92/CĐ-TTg", "92", "CĐ-TTg"),
        ("Số: 3/BC-P.KT&HT", "3", "BC-P.KT&HT"),
    ],
)
def test_number_and_symbol_are_read_as_printed(written: str, number: str, symbol: str) -> None:
    found = propose(heading(written))
    assert found.document_number is not None
    assert found.symbol is not None
    assert (found.document_number.value, found.symbol.value) == (number, symbol)
    assert found.document_number.confidence is Confidence.CERTAIN
    assert found.document_number.page == 0


@pytest.mark.parametrize(
    ("recognised", "number", "symbol"),
    [
        ("Sô: l5/QĐ-UBND", "15", "QĐ-UBND"),
        ("Só ; 1O4/QD-UBND", "104", "QĐ-UBND"),
        ("S6: 27/TB-HDND", "27", "TB-HĐND"),
        ("Sé: 9/BC-UBNĐ_", "9", "BC-UBND"),
        ("Số: 15|QĐ-SNV", "15", "QĐ-SNV"),
        ("Số: 15/QĐ UBND", "15", "QĐ-UBND"),
        ("Số:08KH-ĐGAH", "08", "KH-ĐGAH"),
        ("Số: 64/TAN DTC-PC", "64", "TANDTC-PC"),
        ("Số: 301/TTr.ĐHKT", "301", "TTr-ĐHKT"),
    ],
)
def test_mistakes_of_recognition_are_repaired_and_said(recognised: str, number: str, symbol: str) -> None:
    found = propose(heading(recognised, face=""))
    assert found.document_number is not None
    assert found.symbol is not None
    assert (found.document_number.value, found.symbol.value) == (number, symbol)
    assert Reason.NUMBER_REPAIRED in {found.document_number.reason, found.symbol.reason}
    assert found.document_number.confidence < Confidence.CERTAIN or found.symbol.confidence < Confidence.CERTAIN


def test_an_abbreviation_with_two_readings_is_left_as_recognised() -> None:
    found = propose(heading("Số: 15/HD-SNV", face=""))
    assert found.symbol is not None
    assert found.symbol.value == "HD-SNV"


def test_printed_letters_are_never_repaired() -> None:
    found = propose(heading("Số: 15/QD-ABC"))
    assert found.symbol is not None
    assert found.symbol.value == "QD-ABC"


def test_a_number_of_the_party_has_its_kind_before_the_slash() -> None:
    found = propose(heading("Số 152-QĐ/TU", issuer=[("TỈNH ỦY AN HẢI", True)]))
    assert found.document_number is not None
    assert found.symbol is not None
    assert (found.document_number.value, found.symbol.value) == ("152", "QĐ/TU")
    assert found.symbol.reason is Reason.NUMBER_PARTY


@pytest.mark.parametrize("blank", ["Số:      /QĐ-UBND", "Số: ....../QĐ-UBND", "Số: /QĐ-UBND", "Số: ……/QĐ-UBND"])
def test_a_blank_number_is_a_caution_and_the_symbol_is_read(blank: str) -> None:
    found = propose(heading(blank))
    assert found.document_number is None
    assert found.symbol is not None
    assert found.symbol.value == "QĐ-UBND"
    assert Caution.NOT_NUMBERED in cautions(found)


def test_a_decision_that_the_content_mentions_gives_no_number() -> None:
    rows = [
        *heading("TRANG"),
        *below("QUYẾT ĐỊNH"),
        *below("Quyết định số 45/QĐ-UBND ngày 03 tháng 02 năm 2021 hết hiệu lực", y=600),
    ]
    assert propose(rows).document_number is None


def test_the_number_of_a_stamp_of_arrival_is_not_the_number_of_the_document() -> None:
    stamp = [
        line("ĐẾN", 120, 812, size=9),
        line("Số: 5187", 160, 815, size=8),
        line("Ngày: 12/7/2027", 165, 804, size=8),
    ]
    found = propose([*stamp, *heading("Số: 15/QĐ-SNV")])
    assert found.document_number is not None
    assert found.document_number.value == "15"
    assert propose([*stamp, *heading("HÀNH CHÍNH")]).document_number is None


@pytest.mark.parametrize(
    ("written", "day", "place"),
    [
        ("An Hải, ngày 05 tháng 01 năm 2020", date(2020, 1, 5), "An Hải"),
        ("Hà Nội, ngày 29 tháng 6 năm 2019", date(2019, 6, 29), "Hà Nội"),
        ("Bà Rịa - Vũng Tàu, ngày 9 tháng 10 năm 2026", date(2026, 10, 9), "Bà Rịa - Vũng Tàu"),
        ("TP. Hồ Chí Minh, ngày 31 tháng 12 năm 2025", date(2025, 12, 31), "TP. Hồ Chí Minh"),
        ("Hà Nội,ngày02tháng3năm2026", date(2026, 3, 2), "Hà Nội"),
        ("Hà Nội, 02/03/2026", date(2026, 3, 2), "Hà Nội"),
    ],
)
def test_place_and_date_are_read(written: str, day: date, place: str) -> None:
    found = propose(heading(day=written))
    assert found.issued_date is not None
    assert found.place is not None
    assert (found.issued_date.value, found.place.value) == (day, place)


@pytest.mark.parametrize(
    "recognised",
    ["Hà Nội, ngày l2 tháng 1O năm 2O25", "Hà Nội, nụày 12 thảng 10 nam 2025", "Hà Nội. ngày 12 tháng l0 nãm 2025"],
)
def test_a_date_with_mistakes_of_recognition_is_read(recognised: str) -> None:
    found = propose(heading(day=recognised, face=""))
    assert found.issued_date is not None
    assert found.issued_date.value == date(2025, 10, 12)
    assert found.issued_date.confidence < Confidence.CERTAIN


def test_a_date_that_does_not_exist_is_a_caution() -> None:
    found = propose(heading(day="Hà Nội, ngày 31 tháng 02 năm 2026"))
    assert found.issued_date is None
    assert Caution.IMPOSSIBLE_DATE in cautions(found)


def test_an_unfinished_date_is_a_caution_and_its_place_is_read() -> None:
    found = propose(heading(day="Thanh Khê, ngày tháng 7 năm 2026"))
    assert found.issued_date is None
    assert found.place is not None
    assert found.place.value == "Thanh Khê"
    assert Caution.NOT_DATED in cautions(found)


def test_bold_rows_are_the_issuer_and_upright_ones_the_agency_above() -> None:
    rows = heading(
        issuer=[("ỦY BAN NHÂN DÂN", False), ("TỈNH SÔNG MÂY", False), ("SỞ KHOA HỌC", True), ("VÀ CÔNG NGHỆ", True)]
    )
    found = propose(rows)
    assert found.issuer is not None
    assert found.superior is not None
    assert found.issuer.value == "SỞ KHOA HỌC VÀ CÔNG NGHỆ"
    assert found.superior.value == "ỦY BAN NHÂN DÂN TỈNH SÔNG MÂY"
    assert found.issuer.reason is Reason.ISSUER_BOLD


@pytest.mark.parametrize(
    ("rows", "superior", "issuer"),
    [
        (["BỘ TÀI CHÍNH", "TỔNG CỤC THỐNG KÊ"], "BỘ TÀI CHÍNH", "TỔNG CỤC THỐNG KÊ"),
        (["BỘ GIÁO DỤC", "VÀ ĐÀO TẠO"], None, "BỘ GIÁO DỤC VÀ ĐÀO TẠO"),
        (["ỦY BAN NHÂN DÂN", "XÃ THANH KHÊ"], None, "ỦY BAN NHÂN DÂN XÃ THANH KHÊ"),
        (
            ["UBND TỈNH AN HẢI", "BAN QUẢN LÝ DỰ ÁN", "HẠ TẦNG ĐÔ THỊ"],
            "UBND TỈNH AN HẢI",
            "BAN QUẢN LÝ DỰ ÁN HẠ TẦNG ĐÔ THỊ",
        ),
    ],
)
def test_without_bold_type_the_words_that_names_begin_with_part_them(
    rows: list[str], superior: str | None, issuer: str
) -> None:
    found = propose(heading(issuer=[(row, False) for row in rows], face=""))
    assert found.issuer is not None
    assert found.issuer.value == issuer
    assert (found.superior.value if found.superior is not None else None) == superior


def test_kind_and_abstract_of_several_rows_are_read() -> None:
    rows = [
        *heading(), *below("QUYẾT ĐỊNH", "Về việc phê duyệt danh mục hồ sơ", "nộp vào Lưu trữ lịch sử", bold=True),
        *below("GIÁM ĐỐC SỞ NỘI VỤ", y=620, bold=True), *below("Căn cứ Luật Lưu trữ ngày 21 tháng 6 năm 2024;", y=590),
    ]  # fmt: skip
    found = propose(rows)
    assert found.kind is not None
    assert found.abstract is not None
    assert found.kind.value.name == "Quyết định (cá biệt)"
    assert found.kind.reason is Reason.KIND_AND_SYMBOL
    assert found.abstract.value == "Về việc phê duyệt danh mục hồ sơ nộp vào Lưu trữ lịch sử"
    assert found.abstract.confidence is Confidence.CERTAIN


def test_a_year_in_the_symbol_makes_a_decision_normative() -> None:
    found = propose([*heading("Số: 15/2026/QĐ-UBND"), *below("QUYẾT ĐỊNH", bold=True)])
    assert found.kind is not None
    assert found.kind.value.name == "Quyết định"
    assert found.kind.value.family.value == "normative"


def test_a_letter_is_known_by_what_stands_under_its_number() -> None:
    about = [line("V/v góp ý dự thảo Thông tư", 160, 715, size=12), line("quy định chế độ báo cáo", 160, 701, size=12)]
    found = propose([*heading("Số: 45/SNV-VP"), *about, *below("Kính gửi: Bộ Nội vụ", y=660)])
    assert found.kind is not None
    assert found.abstract is not None
    assert found.addressees is not None
    assert found.kind.value.name == "Công văn"
    assert found.abstract.value == "góp ý dự thảo Thông tư quy định chế độ báo cáo"
    assert found.addressees.value == ("Bộ Nội vụ",)


def test_a_kind_against_its_symbol_is_only_likely() -> None:
    found = propose([*heading("Số: 15/BC-SNV"), *below("KẾ HOẠCH", bold=True)])
    assert found.kind is not None
    assert (found.kind.value.name, found.kind.confidence) == ("Kế hoạch", Confidence.LIKELY)
    assert found.kind.reason is Reason.KIND_AGAINST_SYMBOL


def test_letter_spaced_capitals_are_a_kind_too() -> None:
    found = propose([*heading("Số: 15/QĐ-SNV"), *below("Q U Y Ế T Đ Ị N H", bold=True)])
    assert found.kind is not None
    assert found.kind.value.abbreviation == "QĐ"


@pytest.mark.parametrize(
    ("mark", "urgency"),
    [("HỎA TỐC", Urgency.IMMEDIATE), ("HOẢ TỐC", Urgency.IMMEDIATE), ("THƯỢNG KHẨN", Urgency.VERY_URGENT), ("KHẨN", Urgency.URGENT),
     ("HỎA TỐC HẸN GIỜ", Urgency.IMMEDIATE_TIMED)],
)  # fmt: skip
def test_marks_of_urgency_are_read_and_are_no_issuer(mark: str, urgency: Urgency) -> None:
    found = propose([*heading(), line(mark, 160, 700, bold=True), *below("BÁO CÁO", y=670)])
    assert found.urgency is not None
    assert (found.urgency.value, found.urgency.confidence) == (urgency, Confidence.CERTAIN)
    assert found.issuer is not None
    assert found.issuer.value == "SỞ NỘI VỤ"


def test_a_mark_recognised_without_its_accents_is_likely() -> None:
    found = propose([*heading(face=""), line("THUONG KHAN", 160, 700, face="")])
    assert found.urgency is not None
    assert found.urgency.reason is Reason.URGENCY_UNCLEAR


@pytest.mark.parametrize(
    ("mark", "level"),
    [
        ("MẬT", Secrecy.MAT),
        ("TỐI MẬT", Secrecy.TOI_MAT),
        ("TUYỆT MẬT", Secrecy.TUYET_MAT),
        ("Độ mật: Mật", Secrecy.MAT),
    ],
)
def test_a_mark_of_secrecy_is_a_caution(mark: str, level: Secrecy) -> None:
    found = propose([*heading(), line(mark, 160, 700, bold=True), *below("BÁO CÁO", y=670)])
    assert found.secrecy is not None
    assert found.secrecy.value is level
    assert Caution.SECRET in cautions(found)


def test_letters_that_may_be_a_mark_of_secrecy_are_a_caution_too() -> None:
    found = propose([*heading(face=""), line("MAT", 160, 700, face="")])
    assert Caution.PERHAPS_SECRET in cautions(found)


def test_a_text_about_secrets_is_no_mark() -> None:
    found = propose([*heading(), *below("KẾ HOẠCH", "Triển khai Luật Bảo vệ bí mật nhà nước", bold=True)])
    assert found.secrecy is None
    assert cautions(found) == set()


def ending(*positions: str, name: str = "Lê Thị Hạnh", page: int = 1) -> list[Line]:
    rows = [line(text, 420, 400 - 16 * at, bold=True, page=page) for at, text in enumerate(positions)]
    receivers = [
        "Nơi nhận:",
        "- Như trên;",
        "- Các sở, ban, ngành tỉnh và Ủy ban nhân dân",
        "các xã, phường;",
        "- Lưu: VT, TH (15).",
    ]
    left = [line(text, 0, 400 - 13 * at, size=11, page=page, left=85) for at, text in enumerate(receivers)]
    return [*rows, line(name, 420, 300, bold=True, size=14, page=page), *left]


@pytest.mark.parametrize(
    ("rows", "capacity", "position"),
    [
        (["CHỦ TỊCH"], None, "CHỦ TỊCH"),
        (
            ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"],
            ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"),
            "PHÓ CHỦ TỊCH",
        ),
        (["TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG"], ("TL. BỘ TRƯỞNG",), "CHÁNH VĂN PHÒNG"),
        (["TUQ. CHỦ TỊCH", "GIÁM ĐỐC SỞ NỘI VỤ"], ("TUQ. CHỦ TỊCH",), "GIÁM ĐỐC SỞ NỘI VỤ"),
        (["K/T TRƯỞNG BAN", "PHÓ TRƯỞNG BAN"], ("KT. TRƯỞNG BAN",), "PHÓ TRƯỞNG BAN"),
        (["Q. GIÁM ĐỐC"], ("Q. GIÁM ĐỐC",), "Q. GIÁM ĐỐC"),
        (
            ["TM. HỘI ĐỒNG THI ĐUA", "KHEN THƯỞNG TỈNH", "CHỦ TỊCH"],
            ("TM. HỘI ĐỒNG THI ĐUA KHEN THƯỞNG TỈNH",),
            "CHỦ TỊCH",
        ),
    ],
)
def test_signer_position_and_capacity_are_read(
    rows: list[str], capacity: tuple[str, ...] | None, position: str
) -> None:
    found = propose([*heading(), *ending(*rows)])
    assert found.signer is not None
    assert found.position is not None
    assert found.signer.value == "Lê Thị Hạnh"
    assert (found.signing_capacity.value if found.signing_capacity is not None else None) == capacity
    assert found.position.value == position
    assert found.signer.page == 1


def test_a_title_before_the_name_is_left_out() -> None:
    found = propose([*heading(), *ending("HIỆU TRƯỞNG", name="PGS.TS. Huỳnh Thị Thu Phượng")])
    assert found.signer is not None
    assert found.signer.value == "Huỳnh Thị Thu Phượng"


def test_of_two_persons_the_right_one_is_proposed_without_certainty() -> None:
    left = [line("THƯ KÝ", 180, 400, bold=True, page=1), line("Trần Thị Bưởi", 180, 300, bold=True, page=1)]
    right = [line("CHỦ TỌA", 420, 400, bold=True, page=1), line("Lê Văn An", 420, 300, bold=True, page=1)]
    found = propose([*heading(), *left, *right])
    assert found.signer is not None
    assert (found.signer.value, found.signer.confidence, found.signer.reason) == (
        "Lê Văn An",
        Confidence.LIKELY,
        Reason.SIGNER_SEVERAL,
    )


def test_recipients_are_a_list_without_the_row_of_what_is_kept() -> None:
    found = propose([*heading(), *ending("CHỦ TỊCH")])
    assert found.recipients is not None
    assert found.recipients.value == ("Như trên", "Các sở, ban, ngành tỉnh và Ủy ban nhân dân các xã, phường")


def test_several_addressees_are_told_apart() -> None:
    rows = [line("Kính gửi:", 0, 660, left=160), line("- Bộ Nội vụ;", 0, 643, left=220), line("- Ủy ban nhân dân tỉnh An Hải;", 0, 626, left=220),
            line("- Sở Tài chính.", 0, 609, left=220), line("Thực hiện Công văn số 12/BNV-VP, Sở đề nghị.", 0, 580, left=120)]  # fmt: skip
    found = propose([*heading(), *rows])
    assert found.addressees is not None
    assert found.addressees.value == ("Bộ Nội vụ", "Ủy ban nhân dân tỉnh An Hải", "Sở Tài chính")


@pytest.mark.parametrize(
    ("said", "day", "confidence"),
    [
        (
            "Đề nghị các đơn vị gửi báo cáo về Sở trước ngày 25/6/2026 để tổng hợp.",
            date(2026, 6, 25),
            Confidence.LIKELY,
        ),
        ("Văn bản góp ý gửi về Bộ chậm nhất là ngày 15 tháng 7 năm 2026.", date(2026, 7, 15), Confidence.LIKELY),
        ("Có văn bản trả lời trước 17 giờ 00 ngày 20/6/2026.", date(2026, 6, 20), Confidence.LIKELY),
        ("Báo cáo Ủy ban nhân dân tỉnh trước ngày 30/6.", date(2026, 6, 30), Confidence.LIKELY),
        ("Gửi kết quả về cơ quan trước ngày 10/01.", date(2027, 1, 10), Confidence.LIKELY),
        ("Công trình khánh thành trước ngày 01/9/2026.", date(2026, 9, 1), Confidence.GUESS),
    ],
)
def test_a_time_limit_for_an_answer_is_proposed(said: str, day: date, confidence: Confidence) -> None:
    found = propose([*heading(), line(said, 0, 500, left=90)])
    assert found.reply_deadline is not None
    assert (found.reply_deadline.value, found.reply_deadline.confidence) == (day, confidence)


@pytest.mark.parametrize(
    "said",
    [
        "Người sinh trước ngày 01/01/1960 gửi hồ sơ về Sở.", "Căn cứ Quyết định có hiệu lực trước ngày 30/6/2027.",
        "Báo cáo trong vòng 10 ngày kể từ ngày nhận được.", "Gửi báo cáo trước ngày 31/02/2027.",
    ],
)  # fmt: skip
def test_other_days_are_no_time_limit(said: str) -> None:
    assert propose([*heading(), line(said, 0, 500, left=90)]).reply_deadline is None


def test_a_time_limit_broken_over_two_rows_is_read_whole() -> None:
    rows = [
        line("Đề nghị các đơn vị gửi báo cáo về Sở trước ngày", 0, 500, left=90),
        line("25 tháng 6 năm 2026 để tổng hợp.", 0, 483, left=90),
    ]
    found = propose([*heading(), *rows])
    assert found.reply_deadline is not None
    assert found.reply_deadline.value == date(2026, 6, 25)


def test_pages_without_text_give_a_caution_and_their_number() -> None:
    found = propose([], pages=3)
    assert cautions(found) == {Caution.NO_TEXT}
    assert found.page_count is not None
    assert found.page_count.value == 3


def test_recognised_text_makes_nothing_certain() -> None:
    found = propose([*heading(face=""), *below("BÁO CÁO", face="")], pages=2)
    assert found.recognised
    assert found.document_number is not None
    assert found.document_number.confidence is Confidence.LIKELY
    assert found.page_count is not None
    assert found.page_count.confidence is Confidence.CERTAIN


def test_every_reason_and_caution_has_a_sentence_in_both_languages() -> None:
    for each in (*Reason, *Caution):
        for language in ("vi", "en"):
            assert each.label(language).endswith(".")
    for confidence in Confidence:
        assert confidence.label("vi") != confidence.label("en")
