"""Who reads the office in English meets English: no head, label, button or place of a page stays Vietnamese."""

from __future__ import annotations

import html
import re

import pytest

from incoming_world import arrived, registered
from lienthong.office import urls
from lienthong.office.services.filing import DossierFields, open_dossier
from lienthong.webkit.door.access import ONLY_FORMS
from lienthong.webkit.site.duties import Duty
from office_world import POSITIONS, OfficeAgency, OfficeClient, make_agency, working_as

VIETNAMESE = re.compile(r"[đăơưĐĂƠƯẠ-ỹ]")
"""Letters that no English word has."""
PARTS = ("h1", "h2", "th", "button", "label", "legend", "summary", "caption", "title", "nav")
NAMED = ("aria-label", "placeholder", "title", "data-label")
DATA = (
    "Tiếng Việt", "Người Thử", "Sở Thử nghiệm", "Phòng Tổng hợp", "Văn phòng", "UBND TỈNH THỬ NGHIỆM", "Bộ Thử nghiệm",
    "Về việc thử số", "Sổ đăng ký văn bản đến", "Công văn", *POSITIONS.values(),
)  # fmt: skip
"""What is data of the agency or the name of a language, and so is never translated."""
CELLS = re.compile(r'<option\b.*?</option>|<td\b.*?</td>|<th scope="row".*?</th>', re.S)
"""What holds data: cells, heads of rows, choices."""


def _said(page: str) -> set[str]:
    """The texts of the parts of a page that are the system's own words."""
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>", "", page, flags=re.S)
    found = {each for name in NAMED for each in re.findall(rf'\s{name}="([^"]*)"', plain)}
    plain = CELLS.sub("", plain)
    for name in PARTS:
        found |= set(re.findall(rf"<{name}\b[^>]*>(.*?)</{name}>", plain, re.S))
    found |= set(re.findall(r'<(?:span|a)[^>]*class="[^"]*chip[^"]*"[^>]*>(.*?)</(?:span|a)>', plain, re.S))
    return {" ".join(html.unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in found}


def _vietnamese(page: str) -> set[str]:
    data = re.compile("|".join(sorted(DATA, key=len, reverse=True)))
    return {each for each in _said(page) if VIETNAMESE.search(data.sub("", each))}


def _reading_english(made: OfficeAgency, duty: Duty) -> OfficeClient:
    client = made.client(duty)
    client.get("/language", {"to": "en"})
    return client


@pytest.mark.parametrize("duty", list(Duty))
def test_every_list_and_form_of_a_duty_speaks_english(agency_number: int, duty: Duty) -> None:
    made = make_agency(agency_number)
    registered(made)
    arrived(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        open_dossier(visit, DossierFields("Dossier of the test", "10 năm", visit.today.year))
    client = _reading_english(made, duty)
    left: dict[str, set[str]] = {}
    seen = 0
    for each in urls.ALL:
        if each.methods == ONLY_FORMS or "<" in each.pattern or each.pattern.startswith("api/"):
            continue
        if each.name in {"language", "sign_out", "look"} or duty not in (each.rule.duties or Duty):
            continue
        answer = client.get(f"/{each.pattern}")
        if answer.streaming or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        seen += answer.status_code == 200
        if words := _vietnamese(answer.content.decode()):
            left[each.name] = words
    assert seen >= 5
    assert not left, "\n".join(f"{name}: {sorted(words)}" for name, words in left.items())


@pytest.mark.parametrize("form", ["handling", "sending", "indicators"])
def test_every_report_speaks_english(agency_number: int, form: str) -> None:
    made = make_agency(agency_number)
    registered(made)
    client = _reading_english(made, Duty.OFFICE_CHIEF)
    page = client.get("/reports", {"form": form})
    assert page.status_code == 200
    assert _vietnamese(page.content.decode()) == set()


def test_words_left_in_vietnamese_would_be_found(agency_number: int) -> None:
    client = make_agency(agency_number).client(Duty.REGISTRAR)
    assert len(_vietnamese(client.get("/incoming").content.decode())) > 10
