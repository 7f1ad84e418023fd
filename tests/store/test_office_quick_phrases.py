"""Quick phrases: each person keeps his own, the administrator or the office chief the agency's; forms offer both."""

from __future__ import annotations

import pytest

from lienthong.base.errors import Refused
from lienthong.office.models import Phrase
from lienthong.office.services import quick_phrases
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, working_as


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def own(made: OfficeAgency, duty: Duty = Duty.LEADER) -> list[str]:
    with working_as(made, duty) as visit:
        return [each.text for each in quick_phrases.own_list(visit)]


def keep(made: OfficeAgency, *texts: str, duty: Duty = Duty.LEADER, agency: bool = False) -> list[int]:
    with working_as(made, duty) as visit:
        return [quick_phrases.add(visit, each, agency=agency).pk for each in texts]


def test_the_usual_phrases_are_offered_until_somebody_keeps_one(made: OfficeAgency) -> None:
    with working_as(made, Duty.LEADER) as visit:
        assert quick_phrases.offered(visit) == list(quick_phrases.USUAL)
    keep(made, "Của cơ quan.", duty=Duty.OFFICE_CHIEF, agency=True)
    keep(made, "Của tôi.", "Của cơ quan.")
    with working_as(made, Duty.LEADER) as visit:
        assert quick_phrases.offered(visit) == ["Của tôi.", "Của cơ quan."]
    with working_as(made, Duty.UNIT_HEAD) as visit:
        assert quick_phrases.offered(visit) == ["Của cơ quan."]


def test_a_phrase_is_moved_within_its_list_and_stays_at_the_ends(made: OfficeAgency) -> None:
    first, second, third = keep(made, "một", "hai", "ba")
    with working_as(made, Duty.LEADER) as visit:
        quick_phrases.move(visit, third, up=True)
    assert own(made) == ["một", "ba", "hai"]
    with working_as(made, Duty.LEADER) as visit:
        quick_phrases.move(visit, first, up=True)
        quick_phrases.move(visit, second, up=False)
    assert own(made) == ["một", "ba", "hai"]
    keep(made, "bốn")
    assert own(made) == ["một", "ba", "hai", "bốn"]


def test_the_same_phrase_is_kept_once_however_it_is_typed(made: OfficeAgency) -> None:
    composed, apart = "Nghiên cứu.", "Nghie\u0302n  cu\u031b\u0301u.\n"
    assert keep(made, composed) == keep(made, apart)
    assert own(made) == [composed]


@pytest.mark.parametrize("text", ["", " \n ", "dài " * 100])
def test_nothing_and_too_much_are_refused_at_the_field(made: OfficeAgency, text: str) -> None:
    answer = made.client(Duty.LEADER).submit("/phrases", text=text, list="own")
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()
    assert own(made) == []


def test_a_full_list_takes_no_more(made: OfficeAgency) -> None:
    keep(made, *(f"câu {number}" for number in range(quick_phrases.MOST)))
    with pytest.raises(Refused, match="FIELDS_WRONG"):
        keep(made, "thêm")
    assert len(own(made)) == quick_phrases.MOST


def test_only_their_keepers_change_the_phrases_of_the_agency(made: OfficeAgency) -> None:
    [phrase] = keep(made, "Của cơ quan.", duty=Duty.ADMINISTRATOR, agency=True)
    leader = made.client(Duty.LEADER)
    assert leader.submit("/phrases", text="khác", list="agency").status_code == 403
    assert leader.submit(f"/phrases/{phrase}/remove", page="/phrases").status_code == 403
    page = leader.get("/phrases").content.decode()
    assert "Của cơ quan." in page and f"/phrases/{phrase}/remove" not in page
    assert made.client(Duty.OFFICE_CHIEF).submit(f"/phrases/{phrase}/remove", page="/phrases").status_code == 303
    with acting_for(made.agency.pk):
        assert not Phrase.objects.exists()


def test_nobody_reaches_the_phrases_of_another_person_or_agency(made: OfficeAgency, agency_number: int) -> None:
    other = make_agency(agency_number + 500_000)
    [phrase] = keep(made, "riêng")
    head = made.client(Duty.UNIT_HEAD)
    assert head.submit(f"/phrases/{phrase}/remove", page="/phrases").status_code == 404
    assert "riêng" not in head.get("/phrases").content.decode()
    assert other.client(Duty.LEADER).submit(f"/phrases/{phrase}/up", page="/phrases").status_code == 404
    assert own(made) == ["riêng"]


def test_the_page_adds_moves_and_removes(made: OfficeAgency) -> None:
    leader = made.client(Duty.LEADER)
    for text in ("một", "hai"):
        assert leader.submit("/phrases", text=text, list="own").status_code == 303
    with working_as(made, Duty.LEADER) as visit:
        one, two = (each.pk for each in quick_phrases.own_list(visit))
    leader.submit(f"/phrases/{two}/up", page="/phrases")
    assert own(made) == ["hai", "một"]
    leader.submit(f"/phrases/{one}/remove", page="/phrases")
    assert own(made) == ["hai"]
    assert leader.submit(f"/phrases/{two}/burn", page="/phrases").status_code == 404
