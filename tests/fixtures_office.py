"""An office in this process: Django on a real PostgreSQL, set up once; every test makes agencies of its own.

Django's models can only be imported when it is configured, which happens as soon as this module is loaded; the
database follows with the first test that asks for it.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from fixtures_pg import make_directory
from lienthong.infra.postgres import Cluster
from lienthong.roles.migrate import migrate
from lienthong.webkit.site.configure import APPS, SiteSettings, configure, database
from lienthong.webkit.site.tenancy import ROLE

# The browser's driver keeps an event loop running in its thread, where Django would refuse to ask the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
FOLDER = make_directory()
_numbers = itertools.count(os.getpid() * 1000)

if not settings.configured:
    configure(
        SiteSettings(
            name="lienthong office test", dsn="dbname=not_started", urls="lienthong.office.urls",
            frame="lienthong.office.shell.shell", apps=["lienthong.office"], hosts=["testserver", "127.0.0.1", "localhost"],
            secret=b"t" * 32, secure=False, upload_folder=str(FOLDER),
            context={"blobs": FOLDER / "blobs", "signers": FOLDER / "signers", "trust": None},
        )
    )  # fmt: skip
    # A fifth of a second of work for every sign-in of every test would be most of what many of them do.
    settings.PASSWORD_HASHERS = ["quick_hasher.QuickHasher"]


@dataclass(frozen=True)
class OfficeInstallation:
    """A migrated database with Django connected as the web role. ``owner_dsn``: as the owner of the tables."""

    owner_dsn: str
    folder: Path


@pytest.fixture(scope="session")
def office_installation(pg18: Cluster) -> Iterator[OfficeInstallation]:
    """All tests of a process share the installation and differ by their agencies."""
    dsn = pg18.create_database(f"office_{os.getpid()}")
    migrate(dsn, *APPS, "lienthong.office")
    connections["default"].settings_dict.update(database(dsn, "lienthong office test", ROLE))
    yield OfficeInstallation(dsn, FOLDER)
    connections.close_all()


@pytest.fixture
def agency_number(office_installation: OfficeInstallation) -> int:
    """A number that no other test of this process has."""
    return next(_numbers)
