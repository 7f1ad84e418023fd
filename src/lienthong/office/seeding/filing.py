"""The yearly file plan of an agency and its dossiers, and documents laid into them (D30 art. 28–31)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from lienthong.office.models import Dossier, DossierDocument, FilePlan, FilePlanHeading
from lienthong.office.seeding import words
from lienthong.office.seeding.desk import Desk, Folder, Worker
from lienthong.webkit.site.duties import Duty

RETENTION = (5, 10, 20, 50, 70, None)
FULLEST = 400
"""Documents that a dossier takes; an agency with many documents has as many more dossiers."""


def plan_year(desk: Desk, year: int, documents: int) -> list[Folder]:
    """An approved file plan with headings and dossiers for so many documents; those of past years are closed."""
    day = max(date(year, 1, 6), desk.days.moment(0).date())
    at = datetime.combine(day, time(2), UTC)
    chief, now = desk.one(Duty.OFFICE_CHIEF), desk.days.until
    plan = desk.rows.add(
        FilePlan, agency_id=desk.agency, year=year, state="approved", approved_at=at, approved_by_id=chief.account,
        decision=f"{desk.chance.randint(1, 40):02d}/QĐ-{desk.place.mark} ngày {day:%d/%m/%Y}",
    )  # fmt: skip
    folders = []
    each_heading = max(
        2, min(40, documents // len(words.HEADINGS) // 12), documents // len(words.HEADINGS) // FULLEST + 1
    )
    for order, (title, mark) in enumerate(words.HEADINGS, 1):
        unit = desk.units[order % len(desk.units)]
        heading = desk.rows.add(
            FilePlanHeading, agency_id=desk.agency, plan_id=plan, order=order, title=title, abbreviation=mark,
            unit_id=unit.id, parent_id=None,
        )  # fmt: skip
        for number in range(1, each_heading + 1):
            creator = desk.officer(unit.id)
            subject, closed = desk.phrases.subject(), year < now.year and desk.maybe(0.85)
            ended = datetime.combine(desk.days.before(date(year, 12, 31), 3), time(8), UTC)
            made = desk.rows.add(
                Dossier, agency_id=desk.agency, plan_id=plan, heading_id=heading, year=year,
                code=f"{number:02d}.{mark}",
                title=" ".join(f"Hồ sơ về {subject.matter} {subject.scope} năm {year}".split()),
                retention_years=desk.chance.choice(RETENTION), creator_id=creator.account, unit_id=unit.id,
                starts_on=day, ends_on=ended.date() if closed else None, state="closed" if closed else "open",
                opened_at=at, closed_at=ended if closed else None, closed_by_id=creator.account if closed else None,
                keywords=subject.matter[:100],
            )  # fmt: skip
            folders.append(Folder(made, unit.id, creator.account))
    return folders


def file_away(desk: Desk, document: int, moment: datetime, by: Worker) -> None:
    """Lay a document into a dossier of its year, rather one of the unit of whoever files it."""
    folders = desk.folders.get(moment.year, ())
    own = [each for each in folders if each.unit == by.unit] or folders
    if own:
        folder = desk.chance.choice(own)
        folder.held += 1
        desk.rows.add(
            DossierDocument, agency_id=desk.agency, dossier_id=folder.id, document_id=document, ordinal=folder.held,
            filed_at=moment, filed_by_id=by.account,
        )  # fmt: skip
