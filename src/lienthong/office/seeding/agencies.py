"""Writing the correspondence of whole agencies: each in one transaction, so that it is there wholly or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from random import Random
from typing import Any

from psycopg import Connection

from lienthong.office.seeding.coming import leave_waiting, receive
from lienthong.office.seeding.days import Days
from lienthong.office.seeding.desk import Desk, Papers
from lienthong.office.seeding.filing import plan_year
from lienthong.office.seeding.founding import found, people_of, registers_of, units_of
from lienthong.office.seeding.going import issue, leave_drafts
from lienthong.office.seeding.phrasing import Phrases
from lienthong.office.seeding.places import Place, places
from lienthong.office.seeding.rows import Rows

INCOMING_SHARE = 0.62
BATCH = 500
"""Documents that are written together; more are never held in memory."""

WEIGHTS = {"ministry": 6.0, "province": 5.0, "department": 2.0, "commune": 1.0}
NEIGHBOURS = 60
"""Agencies with which one corresponds."""


@dataclass(frozen=True, slots=True)
class Order:
    """One agency that gets so many documents. ``agency``: its id when it is there already.

    ``axis``: whether its documents came and went over the axis; if not, what is done with them tells no sender.
    """

    place: Place
    peers: tuple[Place, ...]
    documents: int
    seed: int
    until: date
    agency: int | None = None
    axis: bool = True


def orders(
    connection: Connection[Any], documents: int, agencies: int | None, seed: int, until: date, *, axis: bool = True
) -> list[Order]:
    """Who gets how many documents: invented agencies, or, without a number of them, those that are there already.

    Agencies that have documents are left out: repeating an interrupted run does what is missing.
    """
    there = {
        row[0]: (row[1], Place(*row[0:1], *row[2:]))
        for row in connection.execute(
            """select a.code, a.id, a.name, a.superior, a.abbreviation, a.place, a.level, coalesce(p.code, '')
               from people_agency a left join people_agency p on p.id = a.parent_id order by a.id"""
        )
    }
    full = {row[0] for row in connection.execute(
        "select code from people_agency a where exists (select from office_document d where d.agency_id = a.id)"
    )}  # fmt: skip
    chosen = places(agencies or 4) if agencies or not there else [place for _, place in there.values()]
    weights = [WEIGHTS.get(each.level, 1.0) for each in chosen]
    counts = shares(documents, weights)
    ids = {code: number for code, (number, _) in there.items()}
    return [
        Order(place, _peers(place, chosen, n), count, seed, until, ids.get(place.code), axis)
        for n, (place, count) in enumerate(zip(chosen, counts, strict=True)) if place.code not in full
    ]  # fmt: skip


def shares(whole: int, weights: Sequence[float]) -> list[int]:
    """``whole`` in parts by weight; together exactly ``whole``."""
    total, passed, given, parts = sum(weights), 0.0, 0, list[int]()
    for each in weights:
        passed += each
        part = round(whole * passed / total) - given
        parts.append(part)
        given += part
    return parts


def prepare(connection: Connection[Any], rows: Rows, wanted: Sequence[Order], now: datetime) -> list[Order]:
    """Found the agencies that are not there, parents before children, in one transaction; the orders with their ids."""
    with connection.transaction():
        known = dict(connection.execute("select code, id from people_agency").fetchall())
        for each in sorted(wanted, key=lambda order: order.place.code.count(".")):
            if each.place.code not in known:
                known[each.place.code] = found(rows, each.place, known.get(each.place.parent), now)
        rows.write()
    return [
        Order(each.place, each.peers, each.documents, each.seed, each.until, known[each.place.code], each.axis)
        for each in wanted
    ]


def write(
    connection: Connection[Any], rows: Rows, order: Order, papers: Papers, tick: Callable[[int], None] = lambda _: None
) -> int:
    """All documents of one agency, in one transaction; how many rows. ``tick``: called with documents as they are made.

    The connection is the owner's, whom the rules between agencies do not bind; all constraints hold for it.
    """
    try:
        with connection.transaction():
            # References are checked after each statement: remembered until the end they would fill the memory.
            connection.execute("set constraints all immediate")
            connection.execute("set local synchronous_commit = off")
            return _write(connection, rows, order, papers, tick)
    except BaseException:
        rows.forget()
        raise


def _write(connection: Connection[Any], rows: Rows, order: Order, papers: Papers, tick: Callable[[int], None]) -> int:
    agency = order.agency or 0
    chance = Random(f"{order.seed}/{order.place.code}")
    days, phrases = Days(order.until), Phrases(chance)
    now = datetime.combine(order.until, time(1), UTC)
    units = units_of(connection, rows, order.place, agency)
    workers = people_of(connection, rows, phrases, order.place, agency, units, now)
    years = list(range(days.moment(0).year, order.until.year + 1))
    series = registers_of(connection, rows, agency, years)
    desk = Desk(
        rows, chance, phrases, days, papers, agency, order.place, order.peers, units, workers, order.axis, series
    )
    planned = {row[0] for row in connection.execute("select year from office_fileplan where agency_id = %s", (agency,))}
    desk.folders = {year: plan_year(desk, year, order.documents // len(years)) for year in years if year not in planned}
    drafts = min(30, order.documents // 25)
    written = _flow(desk, order.documents - drafts, tick)
    leave_drafts(desk, drafts)
    leave_waiting(desk, min(12, order.documents // 20), min(40, order.documents // 200))
    written += rows.write()
    tick(drafts)
    with connection.cursor() as cursor:
        cursor.executemany(
            "update office_register set next_number = %s where id = %s",
            [(each.next, each.id) for each in series.values()],
        )
    return written


def _flow(desk: Desk, documents: int, tick: Callable[[int], None]) -> int:
    """Documents in the order of time, so that the newest have the greatest ids."""
    written = made = 0
    for n in range(documents):
        moment = desk.days.moment((n + 0.5) / documents)
        (receive if desk.maybe(INCOMING_SHARE) else issue)(desk, moment)
        made += 1
        if made == BATCH:
            written += desk.rows.write()
            tick(made)
            made = 0
    written += desk.rows.write()
    tick(made)
    return written


def _peers(place: Place, chosen: Sequence[Place], at: int) -> tuple[Place, ...]:
    """The agencies above, below and beside, and some others."""
    near = [
        each for each in chosen
        if each.code != place.code and (each.code == place.parent or each.parent == place.code)
    ]  # fmt: skip
    step = max(1, len(chosen) // NEIGHBOURS)
    others = [each for each in chosen[at % step :: step] if each.code != place.code and each not in near]
    return (*near[: NEIGHBOURS // 2], *others[:NEIGHBOURS])
