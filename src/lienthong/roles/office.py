"""``lienthong office run``: the pages of an office on Granian, over one PostgreSQL."""

from __future__ import annotations

import gc
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connections
from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces

from lienthong.base.errors import Refused
from lienthong.infra import steps, telemetry
from lienthong.infra.config import load, locate
from lienthong.infra.errors import KEY_EXISTS
from lienthong.infra.keys import write_new
from lienthong.infra.office_config import OfficeConfig, ProgramsConfig
from lienthong.infra.orphans import end_with_parent
from lienthong.infra.postgres import Say, Settings, database_of
from lienthong.roles.migrate import migrate
from lienthong.webkit.site import bodies
from lienthong.webkit.site.configure import APPS, SingleSignOn, SiteSettings, configure
from lienthong.webkit.site.tenancy import require_separation

SCHEMA = (*APPS, "lienthong.office")
DATABASE = "office"
POSTGRES = Settings(shared_buffers="512MB", more={"jit": "off", "random_page_cost": "1.1"})
KILL_SECONDS = 20
COLLECT = (20_000, 20, 50)
"""Allocations between two runs of the collector: a page makes thousands that all go with it (10 % of a page's time)."""
DIRECTORY = "directory.json"
"""File of the data directory in which the worker writes down whom one can send to."""


def run(path: Path | None) -> None:
    """Serve until SIGTERM or SIGINT. Refuses CONFIG_…, DATABASE_…, SCHEMA_…"""
    file = locate(OfficeConfig, path)
    config = load(file, OfficeConfig)
    telemetry.configure(config.log_level)
    with database(config, said_in_log) as dsn:
        secret_of(config)
        migrate(dsn, *SCHEMA)
        host, port = config.address
        telemetry.info("office.started", role="office", port=port)
        Granian(
            "lienthong office", address=host, port=port, interface=Interfaces.WSGI, workers=config.workers,
            blocking_threads=config.threads, backlog=1024, log_enabled=False, workers_kill_timeout=KILL_SECONDS,
            respawn_failed_workers=True,
        ).serve(target_loader=partial(application, file, dsn), wrap_loader=False)  # fmt: skip
        telemetry.info("office.stopped")


def application(file: Path, dsn: str, *_: object) -> Callable[..., Any]:
    """The WSGI application of one serving process."""
    end_with_parent()
    config = load(file, OfficeConfig)
    telemetry.configure(config.log_level)
    steps.arm_from(config.kill_at)
    set_up(config, dsn, load(file, ProgramsConfig))
    made: Callable[..., Any] = bodies.application()
    get_resolver().url_patterns  # noqa: B018 - asking for the routes loads all pages
    # What is loaded stays for the life of the process: the collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)
    return made


@contextmanager
def opened(config: OfficeConfig, say: Say, programs: ProgramsConfig | None = None) -> Iterator[str]:
    """Django set up on the office's migrated database for the time of the block; its DSN.

    Models can be imported only inside of it. Refuses DATABASE_…, SCHEMA_…
    """
    with database(config, say) as dsn:
        migrate(dsn, *SCHEMA)
        set_up(config, dsn, programs)
        try:
            yield dsn
        finally:
            # An embedded database stops after this; until then its connections must be gone.
            connections.close_all()


def set_up(config: OfficeConfig, dsn: str, programs: ProgramsConfig | None = None) -> None:
    """Django for this configuration, in this process; only on a database that keeps agencies apart."""
    configure(site_settings(config, dsn, programs))
    require_separation()


def site_settings(config: OfficeConfig, dsn: str, programs: ProgramsConfig | None = None) -> SiteSettings:
    """What the web base needs to know, from the operator's configuration."""
    uploads = config.data_dir / "uploads"
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    name, called = urlsplit(config.url).hostname or "localhost", programs or ProgramsConfig()
    return SiteSettings(
        name="lienthong office", dsn=dsn, urls="lienthong.office.urls", frame="lienthong.office.shell.shell",
        apps=["lienthong.office"], hosts=[name, "localhost", "127.0.0.1"], secret=secret_of(config),
        secure=config.url.startswith("https:"), idle=config.idle, session=config.session, public_url=config.url,
        upload_limit=config.max_upload, upload_folder=str(uploads),
        context={"blobs": config.data_dir / "blobs", "signers": config.signers, "trust": config.trust,
                 "directory": config.data_dir / DIRECTORY, "sso": single_sign_on(config),
                 "mails": config.mail_server is not None,
                 "sign_agent": f"http://127.0.0.1:{called.sign_agent}" if called.sign_agent else "",
                 "webhook_targets": called.webhook_targets, "push_hosts": called.push_hosts},
    )  # fmt: skip


def single_sign_on(config: OfficeConfig) -> SingleSignOn | None:
    """The provider of single sign-on, if the operator has one. Refuses KEY_… when its secret cannot be read."""
    if config.sso_issuer is None or config.sso_client is None:
        return None
    secret = config.sso_secret_file.read().decode() if config.sso_secret_file else ""
    return SingleSignOn(config.sso_issuer, config.sso_client, secret, config.sso_claim)


def database(config: OfficeConfig, say: Say) -> AbstractContextManager[str]:
    """The DSN of the office's database: the configured one, or the embedded cluster's, which runs inside the block."""
    config.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    return database_of(
        config.dsn, config.data_dir, DATABASE, settings=POSTGRES, programs=config.postgres_bin,
        say=say, progress=lambda seconds, vi, en: say(vi, en),
    )  # fmt: skip


def said_in_log(vi: str, en: str) -> None:
    """What the database's launcher says, for an office that nobody watches."""
    telemetry.info("database.said", kind=en)


def secret_of(config: OfficeConfig) -> bytes:
    """The installation's secret, of forms and of small secrets in the database; made at the first start."""
    file = config.data_dir / "secret"
    if not file.exists():
        # Pages, worker and verbs may start at one time; whoever comes second takes what the first has made.
        try:
            write_new(file, secrets.token_bytes(48))
        except Refused as refused:
            if refused.code is not KEY_EXISTS:
                raise
    return file.read_bytes()
