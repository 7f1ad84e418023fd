"""What the worker sweeps: bytes that nobody names any more go, those of every agency stay."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures_office import OfficeInstallation
from incoming_world import arrived
from lienthong.base.ids import Sha256
from lienthong.infra.office_config import OfficeConfig
from lienthong.office.models import ImportRun, StoredFile
from lienthong.office.services.storing import keep, store
from lienthong.roles.office_sweeping import clean
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, working_as
from official_document import decision


@pytest.fixture
def made(office_installation: object, agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def old(digest: bytes) -> Path:
    """A stored file that was made long ago."""
    path = store().path(Sha256(digest))
    os.utime(path, (1_600_000_000, 1_600_000_000))
    return path


def file_of(made: OfficeAgency, title: str) -> StoredFile:
    arrival = arrived(made, data=decision() + f"\n% {title}\n".encode())
    with acting_for(made.agency.pk):
        return StoredFile.objects.get(arrival=arrival)


def orphan(text: bytes) -> bytes:
    return keep(io.BytesIO(b"%PDF-1.7\n% " + text + b"\n%%EOF"), "a.pdf")[0]


def test_bytes_that_no_agency_names_go_after_a_day_and_all_others_stay(
    made: OfficeAgency, office_installation: OfficeInstallation
) -> None:
    named = f"{made.agency.code}"
    destroyed, kept = file_of(made, f"{named} a"), file_of(made, f"{named} b")
    foreign = file_of(make_agency(made.agency.pk + 20_000_000, code=f"Y{made.agency.code}"), f"{named} c")
    young, gone = orphan(named.encode() + b" young"), old(orphan(named.encode() + b" old"))
    table = old(orphan(named.encode() + b" table"))
    with working_as(made, Duty.REGISTRAR) as visit:
        ImportRun.objects.create(
            agency=made.agency, system="cu", direction="incoming", name="a", count=1, made_at=datetime.now(UTC),
            rows=bytes.fromhex(table.name), made_by=visit.who.account,
        )  # fmt: skip
        StoredFile.objects.filter(pk=destroyed.pk).delete()
    paths = [old(bytes(each.sha256)) for each in (destroyed, kept, foreign)]
    unfinished = office_installation.folder / "uploads" / "left"
    unfinished.parent.mkdir(exist_ok=True)
    unfinished.write_bytes(b"x")
    os.utime(unfinished, (1_600_000_000, 1_600_000_000))
    clean(OfficeConfig(data_dir=office_installation.folder), office_installation.owner_dsn)
    assert [path.exists() for path in paths] == [False, True, True]
    assert (gone.exists(), table.exists(), store().path(Sha256(young)).exists()) == (False, True, True)
    assert not unfinished.exists()
