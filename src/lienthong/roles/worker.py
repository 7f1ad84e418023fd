"""``lienthong worker``: what the axis does by itself, beside its requests."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

from lienthong.base.clock import Clock
from lienthong.exchange.service.anchoring import periodic_jobs
from lienthong.exchange.service.conserving import check_conservation
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.directory import HeldDirectory, load_state
from lienthong.exchange.service.directory_refresh import KeptConnection, Refresher
from lienthong.exchange.service.expiring import ClockGuard, expire_all, sweep_leases
from lienthong.exchange.store import uploads
from lienthong.exchange.store.connection import Connection
from lienthong.infra import steps, telemetry
from lienthong.infra.blobs import BlobStore
from lienthong.infra.config import load, locate
from lienthong.infra.database import connect
from lienthong.infra.jobs import Pace, Periodic, Worker
from lienthong.infra.postgres import database_of
from lienthong.infra.resumable import Uploads
from lienthong.infra.role_config import AxisConfig, WorkerConfig
from lienthong.roles.axis import POSTGRES, limits_of
from lienthong.roles.axis_home import DATABASE, node_keys
from lienthong.roles.axis_log import log_context
from lienthong.roles.migrate import migrate

SOON = timedelta(seconds=1)
ORPHAN_GRACE = timedelta(hours=24)
"""A file that no row names may belong to a submission whose transaction is still to come; a day is plenty."""


def run(path: Path | None) -> None:
    """Work until SIGTERM or SIGINT. Refuses what configuration, keys, database and schema refuse."""
    file = locate(AxisConfig, path)
    config, own = load(file, AxisConfig), load(file, WorkerConfig)
    telemetry.configure(own.log_level)
    steps.arm_from(own.kill_at)
    clock = config.clock
    with database_of(config.dsn, config.data_dir, DATABASE, settings=POSTGRES, say=_say) as dsn:
        migrate(dsn)
        with connect(dsn, "lienthong worker") as connection:
            directory = HeldDirectory(load_state(connection, config.name))
        keys = node_keys(config, clock.now())
        blobs = BlobStore(config.data_dir / "blobs")
        ctx = AxisContext(config.name, clock, keys.receipt, blobs, directory, limits_of(config), note_key=keys.note)
        log = log_context(config, ctx, keys, dsn)
        log.every, log.anchor_every = own.checkpoint_every, max(own.checkpoint_every, SOON)
        refresher = Refresher(directory, KeptConnection(lambda: connect(dsn, "lienthong directory refresh")))
        periodic = [*own_jobs(ctx, config, own), *periodic_jobs(log)]
        worker = Worker(
            lambda: connect(dsn, "lienthong worker", statement_seconds=300),
            {},
            periodic,
            Pace(own.threads, own.poll, own.lease),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        refresher.start()
        telemetry.info("worker.started", role="worker")
        worker.run()
        refresher.stop()


def own_jobs(ctx: AxisContext, config: AxisConfig, own: WorkerConfig) -> list[Periodic]:
    """What comes round, each with one runner in the whole cluster."""
    guard = ClockGuard(ctx.clock, time.monotonic(), ctx.limits.clock_tolerance)
    return [
        Periodic("delivery.sweep_leases", SOON, lambda conn: _counted(sweep_leases(ctx, conn))),
        Periodic("delivery.expire", SOON, lambda conn: _counted(expire_all(ctx, conn, guard, time.monotonic()))),
        Periodic("delivery.conserve", own.conservation_every, lambda conn: _counted(check_conservation(ctx, conn))),
        Periodic("storage.sweep", own.sweep_every, partial(_sweep, ctx, config, ctx.clock)),
    ]


def _sweep(ctx: AxisContext, config: AxisConfig, clock: Clock, conn: Connection) -> None:
    """Forget abandoned uploads, then temporary files and blobs that nothing names."""
    now, kept = clock.now(), Uploads(ctx.blobs)
    for upload in uploads.sweep(conn, now - config.upload_keep):
        kept.drop(upload)
    # Unfinished uploads lie there as well: they may be resumed as long as their rows are kept.
    removed = ctx.blobs.remove_temporary(now, max(config.upload_keep, ORPHAN_GRACE))
    removed += ctx.blobs.remove_unreferenced(lambda digest: uploads.is_referenced(conn, digest), now, ORPHAN_GRACE)
    if removed:
        telemetry.info("storage.swept", count=removed)


def _counted(_: object) -> None:
    """Periodic work gives nothing back."""


def _say(sentence: str) -> None:
    telemetry.info("database.said", kind=sentence)
