"""The pages of documents: words over pictures, what is sought in a file, who may see them, and very long ones."""

from __future__ import annotations

import io
import json
import re
import time
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from pikepdf import Encryption, Pdf

from incoming_world import arrived
from lienthong.base.text import fold
from lienthong.office.models import Document, PageWords, StoredFile
from lienthong.office.services import picturing, recalling
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, OfficeClient, make_agency, working_as
from official_document import decision
from viewed_pages import long_pdf, scan_of
from viewer_world import looked_at, readable_document

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def made(office_installation: object, agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def main(made: OfficeAgency, document: Document, slot: int = 0) -> StoredFile:
    with acting_for(made.agency.pk):
        return StoredFile.objects.get(document=document, slot=slot)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def layer(client: OfficeClient, file: StoredFile, page: int = 1, q: str = "") -> ElementTree.Element:
    answer = client.get(f"/files/{file.pk}/pages/{page}.svg", {"q": q} if q else {})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    return ElementTree.fromstring(text(answer))


def words(tree: ElementTree.Element) -> str:
    return "\n".join("".join(each.itertext()) for each in tree.iter(f"{SVG}text"))


def sought(client: OfficeClient, file: StoredFile, q: str) -> list[list[int]]:
    """Every page with hits, however many answers it takes."""
    pages: list[list[int]] = []
    start = 1
    while True:
        found = json.loads(client.get(f"/files/{file.pk}/find", {"q": q, "from": str(start)}).content)
        pages += [each[:2] for each in found["pages"]]
        assert found["to"] >= start or found["of"] < start
        start = found["to"] + 1
        if start > found["of"]:
            return pages


def test_the_words_of_a_page_are_laid_over_it_and_hits_are_marked(made: OfficeAgency) -> None:
    document = readable_document(made, decision(pages=3))
    client, file = made.client(Duty.REGISTRAR), main(made, document)
    tree = layer(client, file, 3, "dieu 47")
    assert "Điều 47. Nguyễn Văn An, giám đốc" in words(tree)
    assert tree.get("viewBox") == "0 0 595.3 841.9"
    marks = [each for each in tree.iter(f"{SVG}rect") if each.get("data-hit") == "6"]
    (row,) = [each for each in tree.iter(f"{SVG}text") if "Điều 47." in "".join(each.itertext())]
    assert len(marks) == 1, "the seventh hit of the page: its first six articles hold the word alone"
    assert float(str(marks[0].get("y"))) < float(str(row.get("y"))) < float(str(marks[0].get("y"))) + 14
    assert "style=" not in text(client.get(f"/files/{file.pk}/pages/3.svg"))


def test_a_search_in_a_file_names_pages_and_counts_what_each_page_marks(made: OfficeAgency) -> None:
    document = readable_document(made, decision(pages=3))
    client, file = made.client(Duty.REGISTRAR), main(made, document)
    assert sought(client, file, '"dieu 47"') == [[3, 1]]
    assert sought(client, file, "DIEU") == [[1, 20], [2, 20], [3, 20]]
    (found,) = [
        each for each in json.loads(client.get(f"/files/{file.pk}/find?q=dieu+47").content)["pages"] if each[0] == 3
    ]
    assert found == [3, 20, 6, 2], "the seventh hit of the page has both words"
    assert sought(client, file, "khongcodau") == [] == sought(client, file, "  ")
    for page, count in sought(client, file, "giám đốc"):
        numbers = {each.get("data-hit") for each in layer(client, file, page, "giám đốc").iter(f"{SVG}rect")}
        assert numbers == {str(each) for each in range(count)}


def test_a_scan_keeps_the_places_of_its_recognised_words(made: OfficeAgency) -> None:
    document = readable_document(made, scan_of(decision(pages=1)))
    client, file = made.client(Duty.REGISTRAR), main(made, document)
    assert file.text_state == "recognised"
    with acting_for(made.agency.pk):
        assert PageWords.objects.get(file=file).page == 1
    tree = layer(client, file, 1, "quyet dinh")
    assert "giam doc, chiu trach nhiem thi hanh" in fold(words(tree))
    (title,) = [each for each in tree.iter(f"{SVG}text") if fold("".join(each.itertext())).startswith("quyet dinh")]
    # Of the same line drawn as text: x 252, y 841.89 - 690.
    assert float(str(next(iter(title)).get("x"))) == pytest.approx(252.8, abs=4)
    assert float(str(title.get("y"))) == pytest.approx(151.9, abs=5)
    assert sought(client, file, '"quyet dinh"')[0][0] == 1


def test_the_page_of_a_document_opens_at_the_page_of_a_hit(made: OfficeAgency) -> None:
    document = readable_document(made, decision(pages=5), more=[decision(pages=4)])
    client = made.client(Duty.REGISTRAR)
    found = text(client.get("/search", {"q": '"điều 60"'}))
    link = f'/documents/{document.pk}?q=%22%C4%91i%E1%BB%81u+60%22&amp;hit=3"'
    assert link in found
    page = text(client.get(link[:-1].replace("&amp;", "&")))
    file = main(made, document)
    assert f'data-file="{file.pk}" data-open="3"' in page and "“điều" not in page
    assert 'value="&#34;điều 60&#34;"' in page
    assert re.findall(r'data-leaf="(\d+)"', page) == ["2", "3", "4", "5"]


def test_a_hit_in_an_attachment_opens_the_attachment(made: OfficeAgency) -> None:
    document = readable_document(made, decision(pages=5), more=[decision(pages=4)])
    client = made.client(Duty.REGISTRAR)
    page = text(client.get(f"/documents/{document.pk}?q=dieu&hit=7"))
    assert f'data-file="{main(made, document, 1).pk}" data-open="2"' in page
    page = text(client.get(f"/documents/{document.pk}?file={main(made, document, 1).pk}&page=99"))
    assert 'data-open="4"' in page
    page = text(client.get(f"/documents/{document.pk}?file=999999999&page=-3"))
    assert f'data-file="{main(made, document).pk}" data-open="1"' in page


def test_the_page_of_a_document_without_a_script_has_links_to_the_other_pages(made: OfficeAgency) -> None:
    document = readable_document(made, decision(pages=30))
    client, file = made.client(Duty.REGISTRAR), main(made, document)
    page = text(client.get(f"/documents/{document.pk}"))
    assert re.findall(r'data-leaf="(\d+)"', page) == [str(each) for each in range(1, 13)]
    assert f'href="?file={file.pk}&amp;page=13"' in page and "Điều 1. Nguyễn Văn An" in page
    page = text(client.get(f"/documents/{document.pk}?file={file.pk}&page=13"))
    assert re.findall(r'data-leaf="(\d+)"', page)[:2] == ["12", "13"] and f'href="?file={file.pk}&amp;page=1"' in page


ADDRESSES = ("pages/1.svg", "pages/1.svg?q=dieu", "find?q=dieu", "find", "pages/1-110.png")


@pytest.mark.parametrize("rest", ADDRESSES)
def test_words_are_shown_to_whoever_may_see_the_picture_and_to_nobody_else(
    made: OfficeAgency, agency_number: int, rest: str
) -> None:
    other = make_agency(agency_number + 500_000)
    document = readable_document(made, decision(pages=1))
    file = main(made, document)
    address = f"/files/{file.pk}/{rest}"
    assert made.client(Duty.REGISTRAR).get(address).status_code == 200
    # A case officer who has nothing to do with it, an administrator, another agency, a stranger.
    assert made.client(Duty.CASE_OFFICER).get(address).status_code == 404
    assert made.client(Duty.ADMINISTRATOR).get(address).status_code == 403
    answer = other.client(Duty.REGISTRAR).get(address)
    assert (answer.status_code, "Nguyễn Văn An" in text(answer)) == (404, False)
    assert OfficeClient().get(address).status_code in {302, 303}


@pytest.mark.parametrize("rest", ADDRESSES)
def test_the_words_of_an_arrival_are_for_registrars(made: OfficeAgency, rest: str) -> None:
    arrival = looked_at(made, decision(pages=1))
    with acting_for(made.agency.pk):
        address = f"/files/{arrival.files.get().pk}/{rest}"
    assert made.client(Duty.REGISTRAR).get(address).status_code == 200
    assert made.client(Duty.LEADER).get(address).status_code == 404


def views(made: OfficeAgency, document: Document) -> int:
    with acting_for(made.agency.pk), connection.cursor() as cursor:
        told = ["document.viewed", f"document:{document.pk}"]
        cursor.execute("select count(*) from audit_entry where action = %s and object = %s", told)
        return int(cursor.fetchone()[0])


def test_opening_a_document_is_in_the_log_whatever_is_sought_in_it(made: OfficeAgency) -> None:
    document = readable_document(made, decision(pages=1))
    client = made.client(Duty.REGISTRAR)
    for number, rest in enumerate(("", "?q=dieu&hit=1", f"?file={main(made, document).pk}"), 1):
        assert client.get(f"/documents/{document.pk}{rest}").status_code == 200
        assert views(made, document) == number


def encrypted() -> bytes:
    out = io.BytesIO()
    with Pdf.open(io.BytesIO(decision(pages=1))) as made:
        made.save(out, encryption=Encryption(owner="o", user="u"))
    return out.getvalue()


def empty_page() -> bytes:
    out = io.BytesIO()
    with Pdf.new() as made:
        made.add_blank_page(page_size=(200, 300))
        made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("data", [b"%PDF-1.4 cut off %%EOF", encrypted()])
def test_a_file_that_cannot_be_read_refuses_its_words_and_its_page_still_opens(made: OfficeAgency, data: bytes) -> None:
    arrival = arrived(made, data=data)
    with acting_for(made.agency.pk):
        file = arrival.files.get()
    client = made.client(Duty.REGISTRAR)
    for rest in ("pages/1.svg", "find?q=dieu"):
        assert 400 <= client.get(f"/files/{file.pk}/{rest}").status_code < 500, rest
    assert client.get(f"/arrivals/{arrival.pk}?q=dieu").status_code == 200


def test_an_empty_page_has_an_empty_layer_that_is_asked_for_again(made: OfficeAgency) -> None:
    arrival = arrived(made, data=empty_page())
    with acting_for(made.agency.pk):
        file = arrival.files.get()
    client = made.client(Duty.REGISTRAR)
    answer = client.get(f"/files/{file.pk}/pages/1.svg?q=dieu")
    assert (answer.status_code, answer["Cache-Control"], "<text" in text(answer)) == (200, "no-store", False)
    assert client.get(f"/files/{file.pk}/pages/2.svg").status_code == 404
    assert client.get(f"/files/{file.pk}/pages/0.svg").status_code == 404
    assert client.get(f"/files/{file.pk}/pages/99999999999999999999.svg").status_code == 404
    assert client.get(f"/files/{file.pk}/find?q=dieu&from=99999999999999999999").status_code == 200


def test_what_is_no_pdf_has_no_words(made: OfficeAgency) -> None:
    arrival = arrived(made, data=decision(pages=1))
    with acting_for(made.agency.pk):
        arrival.files.update(media_type="application/zip")
        file = arrival.files.get()
    client = made.client(Duty.REGISTRAR)
    assert client.get(f"/files/{file.pk}/pages/1.svg").status_code == 404
    assert client.get(f"/files/{file.pk}/find?q=dieu").status_code == 404


def test_a_recalled_document_leaves_no_words(made: OfficeAgency) -> None:
    document = readable_document(made, scan_of(decision(pages=1)))
    file, client = main(made, document), made.client(Duty.REGISTRAR)
    layer(client, file)
    sought(client, file, "dieu")
    place = picturing.folder(file)
    assert place.exists()
    with working_as(made, Duty.REGISTRAR) as visit:
        recalling.recall_incoming(visit, document, "Gửi nhầm")
        assert not PageWords.objects.filter(agency=made.agency).exists()
    assert not place.exists()
    assert client.get(f"/files/{file.pk}/pages/1.svg").status_code == 404


def test_ten_thousand_pages_open_as_lightly_as_ten(made: OfficeAgency) -> None:
    arrival = arrived(made, data=long_pdf(10_000))
    with acting_for(made.agency.pk):
        file = arrival.files.get()
    client = made.client(Duty.REGISTRAR)
    client.get("/arrivals")
    began = time.process_time()
    page = text(client.get(f"/arrivals/{arrival.pk}"))
    # Processor time of this process: a machine that is busy with something else proves nothing.
    assert time.process_time() - began < 1
    assert len(page) < 120_000
    assert 'data-sizes="9998:909x1286 1:1286x909 1:909x1286"' in page
    assert len(re.findall("data-leaf=", page)) == 12
    page = text(client.get(f"/arrivals/{arrival.pk}?page=9990"))
    assert re.findall(r'data-leaf="(\d+)"', page)[:2] == ["9989", "9990"]
    assert "Điều 21. Nguyễn Văn An" in words(layer(client, file, 9990))
    first = json.loads(client.get(f"/files/{file.pk}/find?q=dieu").content)
    assert first["of"] == 10_000 and 16 <= first["to"] < 10_000
    last = json.loads(client.get(f"/files/{file.pk}/find", {"q": "dieu 1", "from": "9985"}).content)
    assert (last["to"], last["pages"][-1][0]) == (10_000, 10_000)
