"""Search: what is indexed is found, with and without accents, only by those who may read it."""

import html
import io
import re
import unicodedata
import zipfile
from datetime import date

import pypdfium2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lienthong.base.text import fold, nfc
from lienthong.office.models import Document, SavedView
from lienthong.office.services import searching
from lienthong.office.services.indexing import words
from lienthong.office.services.questions import other_placement, read
from lienthong.office.services.reading_rights import open_to
from lienthong.office.services.searching import Filters
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_documents import incoming_document, outgoing_document
from office_world import make_agency, working_as

LETTERS = "aăâeêioôơuưy"
ACCENTED = sorted({unicodedata.normalize("NFC", base + tone) for base in LETTERS for tone in "\u0300\u0301\u0303\u0309\u0323"}
                  | set("ăâêôơưđ"))  # fmt: skip


def found(made, duty, text, **filters) -> list[int]:
    with working_as(made, duty) as visit:
        return [hit.document.pk for hit in searching.search(visit, read(text), Filters(**filters)).hits]


@pytest.fixture
def made(office_installation, agency_number):
    return make_agency(agency_number)


def test_all_134_accented_letters_are_found_in_both_forms_and_without_accents(made) -> None:
    letters = [*ACCENTED, *(each.upper() for each in ACCENTED)]
    assert len(letters) == 134
    with working_as(made, Duty.REGISTRAR) as visit:
        body = " ".join(f"b{letter}kt" for letter in letters)
        document = incoming_document(visit, abstract="Bảng chữ cái", body=body)
        for letter in letters:
            word = f"b{letter}kt"
            for spelled in (word, unicodedata.normalize("NFD", word), fold(word), word.upper()):
                hits = searching.search(visit, read(spelled), Filters()).hits
                assert [hit.document.pk for hit in hits] == [document.pk], spelled


@pytest.mark.parametrize("pair", [("hoà", "hòa"), ("thuý", "thúy"), ("khoẻ", "khỏe"), ("uỷ", "ủy"), ("toạ", "tọa")])
def test_both_places_of_the_tone_sign_are_an_exact_hit(made, pair) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        one = incoming_document(visit, abstract=f"Về việc {pair[0]}")
        other = incoming_document(visit, abstract=f"Về việc {pair[1]}")
        for word in pair:
            hits = searching.search(visit, read(word), Filters()).hits
            assert {(hit.document.pk, hit.score) for hit in hits} == {(one.pk, 7), (other.pk, 7)}


@pytest.mark.parametrize(
    ("word", "other"), [("quý", "quý"), ("toàn", "toàn"), ("hoa", "hoa"), ("lúa", "lúa"), ("y", "y")]
)
def test_words_with_one_spelling_keep_it(word, other) -> None:
    assert other_placement(word) == other


def test_exact_accents_come_before_others_and_the_fields_before_the_content(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        content = incoming_document(visit, abstract="Không liên quan", body="trang đầu\fbáo cáo tháng")
        bare = incoming_document(visit, abstract="Bao cao quy III")
        exact = incoming_document(visit, abstract="Báo cáo quý III")
        newer_content = incoming_document(visit, abstract="Việc khác", body="bao cao")
    assert found(made, Duty.REGISTRAR, "báo cáo") == [exact.pk, bare.pk, content.pk, newer_content.pk]


@pytest.mark.parametrize("typed", ["1312", "1312/VPCP", "1312/VPCP-KSTT", "1312/vp", "1312/vpcp-ks", "/VPCP-KSTT"])
def test_a_number_is_found_by_its_fragments(made, typed) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        document = incoming_document(visit, abstract="Kiểm soát thủ tục", number="1312", symbol="VPCP-KSTT")
        incoming_document(visit, abstract="Việc khác", number="1412", symbol="UBND-VX")
    assert found(made, Duty.REGISTRAR, typed) == [document.pk]


def test_a_number_below_ten_is_found_with_and_without_its_zero(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        document = incoming_document(visit, abstract="Quyết định", number="05", symbol="QĐ-UBND")
    assert found(made, Duty.REGISTRAR, "5/QD-UB") == [document.pk] == found(made, Duty.REGISTRAR, "05/qđ")


def test_phrases_and_excluded_words(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        near = incoming_document(visit, abstract="Kế hoạch chuyển đổi số năm 2026")
        far = incoming_document(visit, abstract="Số hóa và chuyển kho, thay đổi địa điểm")
    assert found(made, Duty.REGISTRAR, '"chuyển đổi số"') == [near.pk]
    assert set(found(made, Duty.REGISTRAR, "chuyển đổi số")) == {near.pk, far.pk}
    assert found(made, Duty.REGISTRAR, "chuyển -kho") == [near.pk]


def test_a_case_officer_finds_only_what_he_may_read(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        hidden = incoming_document(visit, abstract="Báo cáo kín")
        given = incoming_document(visit, abstract="Báo cáo giao")
        open_to(visit, given, [made.people[Duty.CASE_OFFICER].pk], "test")
    assert found(made, Duty.CASE_OFFICER, "báo cáo") == [given.pk]
    assert set(found(made, Duty.LEADER, "báo cáo")) == {hidden.pk, given.pk}


def test_another_agency_finds_nothing(made, agency_number) -> None:
    other = make_agency(agency_number + 500_000)
    with working_as(made, Duty.REGISTRAR) as visit:
        incoming_document(visit, abstract="Báo cáo của cơ quan thứ nhất")
    assert found(other, Duty.REGISTRAR, "báo cáo") == []
    with acting_for(other.agency.pk):
        assert list(Document.objects.filter(abstract__contains="thứ nhất")) == []


def test_filters_narrow_by_every_field(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        a = incoming_document(visit, abstract="Một", issuer="UBND tỉnh Đồng Tháp", signer="Trần Thị Bích", urgency=1,
                              issued=date(2026, 3, 1), kind="Công văn", due=date(2026, 1, 2))  # fmt: skip
        b = outgoing_document(visit, abstract="Hai", issued=date(2026, 5, 1), kind="Quyết định")
    for filters, expected in (
        ({"direction": "incoming"}, [a]), ({"direction": "outgoing"}, [b]), ({"issuer": "dong thap"}, [a]),
        ({"signer": "bich"}, [a]), ({"urgency": 1}, [a]), ({"kind": "Quyết định"}, [b]),
        ({"first": date(2026, 4, 1)}, [b]), ({"last": date(2026, 4, 1)}, [a]), ({"overdue": True}, [a]),
        ({"state": "registered"}, [a]), ({"with_file": True}, []), ({"register": a.register_id}, [a]),
        ({"unfiled": True}, [b, a]), ({"issuer": "100%_"}, []),
    ):  # fmt: skip
        assert found(made, Duty.REGISTRAR, "", **filters) == [each.pk for each in expected], filters


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(abstract=TEXT, body=TEXT, at=st.integers(0, 1000))
@example(abstract="x", body="\u01300 ax\u030cb", at=1)
def test_what_is_indexed_is_found_by_any_of_its_words(made, abstract, body, at) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        document = incoming_document(visit, abstract=abstract or "x", body=body)
        tokens = words(f"{abstract} {body}")
        if not tokens:
            return
        word = tokens[at % len(tokens)]
        for spelled in {word, fold(word)}:
            hits = searching.matching(visit, read(f'"{spelled}"'), Filters()).values_list("pk", flat=True)
            assert document.pk in set(hits), (word, spelled)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
def test_whatever_is_typed_is_a_question_and_no_fault(made, text) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        searching.search(visit, read(text), Filters())


def test_the_page_marks_words_safely_and_names_the_page(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        incoming_document(visit, abstract="<b>Báo cáo</b>", body="trang một\fđây là <script>báo cáo</script> tháng")
    page = made.client(Duty.REGISTRAR).get("/search", {"q": "bao cao"}).content.decode()
    assert "<mark>Báo</mark> <mark>cáo</mark>" in page
    assert "&lt;script&gt;<mark>báo</mark>" in page
    assert "<script>báo" not in page
    assert "tr. 2" in page


def test_a_view_is_saved_shared_and_removed_by_its_owner_alone(made) -> None:
    client = made.client(Duty.REGISTRAR)
    answer = client.submit("/search/views", page="/search?q=a", name="Của phòng", query="q=bao+cao", share="agency")
    assert answer.status_code == 303
    with acting_for(made.agency.pk):
        view = SavedView.objects.get()
    other = made.client(Duty.LEADER)
    assert "Của phòng" in other.get("/search").content.decode()
    assert other.submit(f"/search/views/{view.pk}/drop", page="/search").status_code == 403
    nameless = client.submit("/search/views", page="/search", name=" ", query="q=x", share="")
    assert nameless.status_code == 422
    assert "Đặt tên cho góc nhìn" in nameless.content.decode()
    client.submit(f"/search/views/{view.pk}/drop", page="/search")
    with acting_for(made.agency.pk):
        assert not SavedView.objects.exists()


@pytest.mark.parametrize("ending", ["xlsx", "docx", "pdf"])
def test_exactly_what_was_found_is_exported_with_the_print_mark(made, ending) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        for n in range(30):
            incoming_document(visit, abstract=f"Báo cáo số {n}")
        incoming_document(visit, abstract="Việc khác")
    answer = made.client(Duty.REGISTRAR).get(f"/search/export.{ending}", {"q": "bao cao", "cols": "kind"})
    assert answer.status_code == 200
    data = b"".join(answer.streaming_content)
    text = text_of(ending, data)
    assert len(set(re.findall(r"Báo cáo số \d+", text))) == 30, text
    assert "Việc khác" not in text
    assert "Loại văn bản" in text
    assert "In từ Văn phòng liên thông bởi" in text


def text_of(ending: str, data: bytes) -> str:
    """The words of a paper, read by other programs than the one that wrote it."""
    if ending == "pdf":
        pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]
        return nfc(" ".join(" ".join(page.split()) for page in pages))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        xml = " ".join(packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml"))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", xml)))


def test_other_duties_are_refused(made) -> None:
    for duty in (Duty.ADMINISTRATOR, Duty.AUDITOR):
        client = made.client(duty)
        for where in ("/search", "/search/export.pdf"):
            assert client.get(where).status_code == 403
