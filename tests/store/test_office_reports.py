"""Reports: a number is the length of its list, whatever the data; screen, spreadsheet and PDF say the same."""

import io
import re
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lienthong.base.text import nfc
from lienthong.office.models import Arrival, Delivery, Document, StatusEvent
from lienthong.office.services import facts, reporting
from lienthong.office.services.facts import FACTS, HANDLING, SENDING
from lienthong.office.services.numbering import void_number
from lienthong.office.services.periods import period
from lienthong.office.services.tasks import Owner, give
from lienthong.office.states import Incoming, Outgoing, Role, TaskKind
from lienthong.webkit.site.duties import Duty
from office_documents import incoming_document, outgoing_document
from office_world import make_agency, working_as

MARCH = period("month", 2026, 3)


@pytest.fixture
def made(office_installation, agency_number):
    return make_agency(agency_number)


@pytest.mark.parametrize(
    ("kind", "part", "first", "last"),
    [("month", 2, date(2024, 2, 1), date(2024, 2, 29)), ("month", 12, date(2024, 12, 1), date(2024, 12, 31)),
     ("quarter", 4, date(2024, 10, 1), date(2024, 12, 31)), ("half", 2, date(2024, 7, 1), date(2024, 12, 31)),
     ("nine", 1, date(2024, 1, 1), date(2024, 9, 30)), ("year", 1, date(2024, 1, 1), date(2024, 12, 31)),
     ("quarter", 9, date(2024, 10, 1), date(2024, 12, 31)), ("half", 0, date(2024, 1, 1), date(2024, 6, 30))],
)  # fmt: skip
def test_periods_begin_and_end_on_the_right_days(kind, part, first, last) -> None:
    found = period(kind, 2024, part)
    assert (found.first, found.last) == (first, last)


def test_a_free_range_takes_its_days_in_either_order() -> None:
    found = period("range", 2026, 1, date(2026, 5, 9), date(2026, 1, 2))
    assert (found.first, found.last) == (date(2026, 1, 2), date(2026, 5, 9))


DAYS = st.dates(date(2026, 2, 20), date(2026, 4, 10))
INCOMING = st.fixed_dictionaries(
    {"arrived": DAYS, "due": st.none() | DAYS, "state": st.sampled_from(list(Incoming)), "finished": DAYS,
     "source": st.sampled_from(["axis", "paper", "scan", "mail"]), "paper": st.booleans(), "lead": st.sampled_from("ua-"),
     "statuses": st.sets(st.sampled_from([1, 3, 4, 5, 6]))}
)  # fmt: skip
OUTGOING = st.fixed_dictionaries(
    {"issued": DAYS, "state": st.sampled_from([Outgoing.ISSUED, Outgoing.RECALLED, Outgoing.DRAFT, Outgoing.NUMBERED]),
     "unit": st.booleans(),
     "sent": st.lists(st.tuples(st.sampled_from(["axis", "email", "paper"]),
                                st.sampled_from(["planned", "accepted", "delivered", "refused", "failed"]), DAYS), max_size=3)}
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(incoming=st.lists(INCOMING, max_size=8), outgoing=st.lists(OUTGOING, max_size=8))
def test_every_number_is_the_length_of_its_list_and_right(made, incoming, outgoing) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        Delivery.objects.filter(agency=visit.agency).delete()
        before = facts.count(visit, FACTS.values(), MARCH)
        for each in incoming:
            add_incoming(visit, made, each)
        for each in outgoing:
            add_outgoing(visit, made, each)
        numbers = facts.count(visit, FACTS.values(), MARCH)
        for key, number in numbers.items():
            assert reporting.listed(visit, key, MARCH).count() == number, key
        for lines, keys in ((reporting.handling(visit, MARCH), HANDLING), (reporting.sending(visit, MARCH), SENDING)):
            for key in keys:
                assert sum(line.numbers[key] for line in lines) == numbers[key], key
                for line in lines:
                    assert reporting.listed(visit, key, MARCH, line.key).count() == line.numbers[key], (key, line.key)
        expected = counted_by_hand(incoming, outgoing, visit.today)
        for key, number in expected.items():
            # Deliveries were removed with each example; documents stay, since numbers stay.
            old = 0 if key in {"electronic", "parallel", "only_electronic", "axis_sent"} else before[key]
            assert numbers[key] - old == number, key


def add_incoming(visit, made, values) -> None:
    finished = values["state"] is Incoming.FINISHED
    at = datetime.combine(values["finished"], datetime.min.time(), UTC) + timedelta(hours=3)
    document = incoming_document(
        visit, arrived=values["arrived"], due=values["due"], state=values["state"], source=values["source"],
        paper=values["paper"], finished_at=at if finished else None, received_at=at,
    )  # fmt: skip
    owner = {"u": Owner(unit=made.unit.pk), "a": Owner(account=made.people[Duty.CASE_OFFICER].pk)}.get(values["lead"])
    if owner:
        give(visit, document, owner, TaskKind.HANDLING, Role.LEAD)
    for code in values["statuses"]:
        StatusEvent.objects.create(agency=visit.agency, document=document, outward=True, code=code, party="x", at=at)


def add_outgoing(visit, made, values) -> None:
    document = outgoing_document(
        visit, issued=values["issued"], state=values["state"], unit=made.unit if values["unit"] else None
    )
    for channel, state, day in values["sent"]:
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=3)
        Delivery.objects.create(
            agency=visit.agency, document=document, name="Nơi nhận", channel=channel, state=state, sent_at=at
        )


def counted_by_hand(incoming, outgoing, today) -> dict[str, int]:
    """The same numbers in plain Python, from what was put in."""
    came = [each for each in incoming if MARCH.first <= each["arrived"] <= MARCH.last]
    went = [
        each for each in outgoing if each["state"] is not Outgoing.DRAFT and MARCH.first <= each["issued"] <= MARCH.last
    ]
    done = [each for each in came if each["state"] is Incoming.FINISHED]
    working = [each for each in came if each["state"] not in {Incoming.FINISHED, Incoming.RECALLED}]

    def electronic(each) -> bool:
        return any(channel != "paper" and state in {"accepted", "delivered"} for channel, state, _ in each["sent"])

    def on_paper(each) -> bool:
        return any(channel == "paper" for channel, _, _ in each["sent"])

    return {
        "arrived": len(came), "issued": len(went), "electronic": sum(map(electronic, went)),
        "parallel": sum(electronic(each) and on_paper(each) for each in went),
        "only_electronic": sum(electronic(each) and not on_paper(each) for each in went),
        "in_time": sum(each["due"] is None or each["finished"] <= each["due"] for each in done),
        "late": sum(each["due"] is not None and each["finished"] > each["due"] for each in done),
        "open_late": sum(each["due"] is not None and each["due"] < today for each in working),
        "open_in_time": sum(each["due"] is None or each["due"] >= today for each in working),
        "withdrawn": sum(each["state"] is Incoming.RECALLED for each in came),
        "paper_in": sum(each["source"] in {"paper", "scan"} for each in came), "digitised": 0,
        "status_04": sum(each["source"] == "axis" and 4 in each["statuses"] for each in came),
        "recalled_out": sum(each["state"] is Outgoing.RECALLED for each in went),
        "axis_sent": sum(channel == "axis" and MARCH.first <= day <= MARCH.last
                         for each in outgoing for channel, _, day in each["sent"]),
    }  # fmt: skip


def test_arrivals_of_an_afternoon_before_midnight_count_for_the_day_in_vietnam(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        # 17:30 UTC on the last day of March is the first of April in Vietnam.
        for n, hour in enumerate((16, 17)):
            Arrival.objects.create(agency=visit.agency, source="axis", reference=f"r{n}", title="x",
                                   received_at=datetime(2026, 3, 31, hour, 30, tzinfo=UTC))  # fmt: skip
        assert facts.count(visit, [FACTS["received"]], MARCH) == {"received": 1}
        assert facts.count(visit, [FACTS["received"]], period("month", 2026, 4)) == {"received": 1}


def test_a_case_officer_counts_only_what_he_may_read(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        incoming_document(visit, arrived=date(2026, 3, 5))
        mine = incoming_document(visit, arrived=date(2026, 3, 6))
        give(visit, mine, Owner(account=made.people[Duty.CASE_OFFICER].pk), TaskKind.HANDLING, Role.LEAD)
    with working_as(made, Duty.CASE_OFFICER) as visit:
        assert facts.count(visit, [FACTS["arrived"]], MARCH) == {"arrived": 1}
        assert reporting.listed(visit, "arrived", MARCH).get().pk == mine.pk


def test_registering_on_the_next_working_day_is_within_the_law(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        friday = datetime(2026, 3, 6, 9, tzinfo=UTC)
        for days in (0, 3, 4):
            document = incoming_document(visit, arrived=date(2026, 3, 6), received_at=friday)
            Document.objects.filter(pk=document.pk).update(created_at=friday + timedelta(days=days))
        taken = {each.key: each for each in reporting.times(visit, MARCH)}["registering"]
        assert (taken.count, taken.median, taken.within) == (3, 72.0, 2)


def test_registers_say_the_same_on_screen_in_the_spreadsheet_and_in_the_pdf(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        for n in range(3):
            document = incoming_document(
                visit, abstract=f"Giấy mời số {n}", issuer=f"Cơ quan thử {n}", arrived=date(2026, 3, n + 1)
            )
        void_number(visit, document.number_entry, "ghi nhầm")
        register = document.register_id
    client = made.client(Duty.REGISTRAR)
    shown = client.get(f"/reports/registers/{register}").content.decode()
    cells = [re.sub(r"\s+", " ", cell) for cell in re.findall(r"<td>(.*?)</td>", shown)]
    sheet = openpyxl.load_workbook(io.BytesIO(body(client, f"/reports/registers/{register}/export.xlsx"))).worksheets[0]
    values = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
    pages = pypdfium2.PdfDocument(body(client, f"/reports/registers/{register}/export.pdf"))
    text = nfc(" ".join(page.get_textpage().get_text_bounded() for page in pages))
    for said in ("01", "02", "03", "Cơ quan thử 1", "Số đã hủy: ghi nhầm"):
        assert said in cells, said
        assert said in values or any(said in each for each in values), said
        assert said in " ".join(text.split()), said
    assert len(cells) == 30
    assert "Sổ theo dõi" in client.get(f"/reports/registers/{register}?form=follow_up").content.decode()


def body(client, where: str) -> bytes:
    answer = client.get(where)
    assert answer.status_code == 200, where
    return b"".join(answer.streaming_content)


def test_every_number_on_the_page_opens_a_list_of_that_length(made) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        for n in range(4):
            document = incoming_document(visit, arrived=date(2026, 3, n + 1), due=date(2026, 3, 20), source="axis")
            give(visit, document, Owner(unit=made.unit.pk), TaskKind.HANDLING, Role.LEAD)
            outgoing_document(visit, issued=date(2026, 3, n + 1), unit=made.unit)
    client = made.client(Duty.REGISTRAR)
    looked = 0
    for form in ("indicators", "handling", "sending"):
        shown = client.get("/reports", {"kind": "month", "year": "2026", "part": "3", "form": form}).content.decode()
        for where, number in re.findall(r'<a href="(/reports/lists/[^"]+)">(\d+)</a>', shown):
            listed = client.get(where.replace("&amp;", "&")).content.decode()
            assert len(re.findall(r"<tr[^>]* data-row=", listed)) == int(number), where
            looked += 1
        for ending, start in (("xlsx", b"PK"), ("pdf", b"%PDF"), ("docx", b"PK")):
            assert body(client, f"/reports/{form}.{ending}?kind=month&year=2026&part=3").startswith(start)
    assert looked >= 10


def test_strangers_get_404_and_other_duties_403(made, agency_number) -> None:
    with working_as(made, Duty.REGISTRAR) as visit:
        register = incoming_document(visit).register_id
    stranger = make_agency(agency_number + 500_000).client(Duty.REGISTRAR)
    for where in (f"/reports/registers/{register}", f"/reports/registers/{register}/export.pdf", "/reports/lists/nothing",
                  "/reports/nothing.pdf", "/reports/indicators.exe"):  # fmt: skip
        assert stranger.get(where).status_code == 404, where
    assert "Không có mục nào" in stranger.get("/reports/lists/arrived").content.decode()
    assert made.client(Duty.CASE_OFFICER).get(f"/reports/registers/{register}").status_code == 404
    auditor = made.client(Duty.AUDITOR)
    for where in ("/reports", "/reports/lists/arrived", "/reports/indicators.pdf", f"/reports/registers/{register}"):
        assert auditor.get(where).status_code == 403, where
