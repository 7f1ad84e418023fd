"""Agencies and their people: founded when they are not there, taken as they are when they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection

from lienthong.base.text import fold
from lienthong.office.models import Register
from lienthong.office.seeding import words
from lienthong.office.seeding.desk import Part, Series, Worker
from lienthong.office.seeding.going import DECISION_KINDS, DECISIONS
from lienthong.office.seeding.phrasing import Phrases
from lienthong.office.seeding.places import Place
from lienthong.office.seeding.rows import Rows
from lienthong.office.services.numbering import MAIN
from lienthong.office.states import Direction
from lienthong.webkit.people.models import Account, Agency, Appointment, Unit, sort_name
from lienthong.webkit.site.duties import Duty

SINCE = date(2020, 1, 1)
_HEADS = {
    "ministry": ("BỘ TRƯỞNG", "THỨ TRƯỞNG", "VỤ TRƯỞNG"), "province": ("CHỦ TỊCH", "PHÓ CHỦ TỊCH", "TRƯỞNG PHÒNG"),
    "department": ("GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "TRƯỞNG PHÒNG"), "commune": ("CHỦ TỊCH", "PHÓ CHỦ TỊCH", "TRƯỞNG PHÒNG"),
}  # fmt: skip
_OFFICERS = {"ministry": 5, "province": 4, "department": 3, "commune": 2}
"""Case officers of each unit."""

_OFFICE = (
    (Duty.OFFICE_CHIEF, "CHÁNH VĂN PHÒNG"), (Duty.REGISTRAR, "Văn thư"), (Duty.REGISTRAR, "Văn thư"),
    (Duty.FOLLOW_UP, "Chuyên viên theo dõi"), (Duty.ARCHIVIST, "Lưu trữ viên"), (Duty.ADMINISTRATOR, "Quản trị viên"),
    (Duty.AUDITOR, "Kiểm soát viên"), (Duty.INTERCONNECTION, "Quản trị liên thông"),
)  # fmt: skip
NEEDED = (Duty.LEADER, Duty.OFFICE_CHIEF, Duty.REGISTRAR, Duty.UNIT_HEAD, Duty.CASE_OFFICER)
"""Duties that the stories of documents need somebody for."""


def found(rows: Rows, place: Place, parent: int | None, now: datetime) -> int:
    """The row of a new agency; its id."""
    return rows.add(
        Agency, code=place.code, name=place.name, superior=place.superior, abbreviation=place.mark, place=place.place,
        level=place.level, parent_id=parent, created_at=now,
    )  # fmt: skip


def units_of(connection: Connection[Any], rows: Rows, place: Place, agency: int) -> list[Part]:
    """The units of an agency, made when it has none."""
    there = connection.execute(
        """select id, name, abbreviation from people_unit
           where agency_id = %s and valid_until is null order by "order", id""",
        (agency,),
    ).fetchall()
    if there:
        return [Part(*row) for row in there]
    given = (("Văn phòng", "VP"), *words.UNITS.get(place.level, words.UNITS["department"]))
    return [
        Part(rows.add(Unit, agency_id=agency, name=name, abbreviation=mark, order=order, valid_from=SINCE,
                      parent_id=None), name, mark)
        for order, (name, mark) in enumerate(given)
    ]  # fmt: skip


def people_of(
    connection: Connection[Any], rows: Rows, phrases: Phrases, place: Place, agency: int, units: Sequence[Part],
    now: datetime,
) -> list[Worker]:  # fmt: skip
    """Who works there; an agency without people gets all, one that lacks a duty gets somebody for it.

    Accounts that are made here have no password and cannot sign in until an administrator gives them one.
    """
    workers = [
        Worker(account, name, position, Duty(duty), unit)
        for account, name, position, duty, unit in connection.execute(
            """select a.id, a.full_name, p.position, p.duty, p.unit_id
               from people_appointment p join people_account a on a.id = p.account_id
               where p.agency_id = %s and p.valid_until is null and a.disabled_at is null order by p.id""",
            (agency,),
        )
    ]
    for number, (duty, position, part) in enumerate(_posts(place, units) if not workers else _lacking(workers, units)):
        workers.append(_appoint(rows, phrases, place, agency, duty, position, part, number, now))
    return workers


def registers_of(
    connection: Connection[Any], rows: Rows, agency: int, years: Sequence[int]
) -> dict[tuple[str, int, str], Series]:
    """The registers of these years: one of all incoming documents, one of decisions, one of all other outgoing ones."""
    there = {
        (direction, year, code): Series(number, following)
        for number, direction, year, code, following in connection.execute(
            "select id, direction, year, code, next_number from office_register where agency_id = %s for update",
            (agency,),
        )
    }
    for year in years:
        for direction, code, name, kinds in (
            (Direction.INCOMING, MAIN, "Sổ đăng ký văn bản đến", []),
            (Direction.OUTGOING, MAIN, "Sổ đăng ký văn bản đi", []),
            (Direction.OUTGOING, DECISIONS, "Sổ quyết định", DECISION_KINDS),
        ):
            key = (direction.value, year, code)
            if key not in there:
                there[key] = Series(rows.add(
                    Register, agency_id=agency, direction=direction.value, year=year, code=code, name=name, kinds=kinds,
                    opened_at=datetime(year, 1, 2, 1, tzinfo=UTC),
                ))  # fmt: skip
    return there


def _posts(place: Place, units: Sequence[Part]) -> list[tuple[Duty, str, Part]]:
    level = place.level if place.level in _HEADS else "department"
    first, deputy, head = _HEADS[level]
    office, others = units[0], units[1:] or units
    posts = [(Duty.LEADER, first, office), (Duty.LEADER, deputy, office)]
    posts += [(duty, position, office) for duty, position in _OFFICE]
    for part in others:
        posts += [(Duty.UNIT_HEAD, head, part), (Duty.UNIT_REGISTRAR, "Văn thư đơn vị", part)]
        posts += [(Duty.CASE_OFFICER, "Chuyên viên", part)] * _OFFICERS[level]
    return posts


def _lacking(workers: Sequence[Worker], units: Sequence[Part]) -> list[tuple[Duty, str, Part]]:
    held = {each.duty for each in workers}
    return [(duty, duty.vi, units[-1]) for duty in NEEDED if duty not in held]


def _appoint(
    rows: Rows, phrases: Phrases, place: Place, agency: int, duty: Duty, position: str, part: Part, number: int,
    now: datetime,
) -> Worker:  # fmt: skip
    name = phrases.person()
    login = f"{fold(name).split()[-1]}{number + 1}.{place.code.lower()}"
    account = rows.add(
        Account, agency_id=agency, login=login[:100], full_name=name, sort_name=sort_name(name), password=f"!{login}",
        created_at=now,
    )  # fmt: skip
    rows.add(
        Appointment, agency_id=agency, account_id=account, unit_id=part.id, duty=duty.value, position=position,
        valid_from=SINCE,
    )  # fmt: skip
    return Worker(account, name, position, duty, part.id)
