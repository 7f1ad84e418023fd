"""Urgency, and what keeps a document off the axis."""

import pytest

from lienthong.base.errors import Refused
from lienthong.vocabulary.errors import SECRET_CONTENT, URGENCY_UNKNOWN
from lienthong.vocabulary.secrecy import Secrecy, find_markings, from_text, refuse_if_secret
from lienthong.vocabulary.urgency import Urgency, from_priority


@pytest.mark.parametrize(
    "text",
    [
        "Mật",
        "TOI MAT",
        "Tuyệt mật",
        "Độ mật: Mật",
        "Mức độ mật = TỐI MẬT",
        "Báo cáo tình hình (Mật)",
        "[TUYỆT MẬT] Phương án số 2",
        "MẬT - Kế hoạch",
        "MẬT_ke-hoach.pdf",
        "TỐI MẬT",
        "Tuyệt mật: Kế hoạch bảo vệ",
    ],
)
def test_a_marked_document_is_refused(text):
    with pytest.raises(Refused) as refusal:
        refuse_if_secret(Secrecy.NONE, {"Subject": text})
    assert refusal.value.code is SECRET_CONTENT
    assert "Subject" in refusal.value.sentence("vi")


@pytest.mark.parametrize(
    "text",
    [
        "Về việc bảo mật thông tin",
        "QUY CHẾ BẢO MẬT THÔNG TIN",
        "Danh mục bí mật nhà nước độ Tối mật thuộc lĩnh vực y tế",
        "DANH MỤC BÍ MẬT NHÀ NƯỚC ĐỘ TỐI MẬT",
        "Sản phẩm mật ong; mật độ dân số",
        "Giấy mời họp mặt",
        "Khám mắt",
        "mat",
        "Độ mật: Thường",
        "",
    ],
)
def test_a_public_text_about_secrecy_passes(text):
    assert refuse_if_secret(Secrecy.NONE, {"Subject": text}) == ()


def test_a_declared_level_is_refused_without_any_marking():
    with pytest.raises(Refused):
        refuse_if_secret(Secrecy.MAT, {})


def test_a_doubtful_sign_is_reported_and_not_refused():
    doubtful = refuse_if_secret(Secrecy.NONE, {"a": "Báo cáo TỐI MẬT quý III", "b": "(TOI MAT) bao cao.pdf"})
    assert [(m.field, m.level, m.certain) for m in doubtful] == [
        ("a", Secrecy.TOI_MAT, False),
        ("b", Secrecy.TOI_MAT, False),
    ]


def test_a_decomposed_spelling_is_found_too():
    import unicodedata

    assert find_markings({"a": unicodedata.normalize("NFD", "(Mật)")})[0].level is Secrecy.MAT


def test_levels_are_read_with_and_without_accents_and_unknown_ones_refused():
    assert [from_text(t) for t in (None, "", "thường", "MAT", "Tối Mật", "tuyet mat")] == [
        Secrecy.NONE,
        Secrecy.NONE,
        Secrecy.NONE,
        Secrecy.MAT,
        Secrecy.TOI_MAT,
        Secrecy.TUYET_MAT,
    ]
    with pytest.raises(Refused):
        from_text("rất mật")


def test_urgency_is_read_from_digits_and_names_and_sorts():
    assert [from_priority(p) for p in (None, "", "0", 2, "Hỏa tốc", "hoa toc hen gio")] == [
        Urgency.NORMAL,
        Urgency.NORMAL,
        Urgency.NORMAL,
        Urgency.VERY_URGENT,
        Urgency.IMMEDIATE,
        Urgency.IMMEDIATE_TIMED,
    ]
    assert Urgency.IMMEDIATE > Urgency.URGENT
    assert Urgency.URGENT.is_urgent and not Urgency.NORMAL.is_urgent
    with pytest.raises(Refused) as refusal:
        from_priority("5")
    assert refusal.value.code is URGENCY_UNKNOWN


def test_every_level_has_a_name_in_both_languages():
    assert all(level.label("vi") and level.label("en") for level in (*Secrecy, *Urgency))
