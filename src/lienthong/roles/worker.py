"""``lienthong worker``: what the axis does by itself: deadlines, leases, conservation, sweeps, the evidence log."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from lienthong.exchange.service.anchoring import periodic_jobs
from lienthong.exchange.service.conserving import check_conservation
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.directory import HeldDirectory, load_state
from lienthong.exchange.service.directory_refresh import KeptConnection, Refresher
from lienthong.exchange.service.expiring import ClockGuard, expire_all, sweep_leases
from lienthong.exchange.service.uploading import sweep_uploads
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.uploads import is_referenced
from lienthong.infra import steps, telemetry
from lienthong.infra.blobs import BlobStore
from lienthong.infra.config import load, locate
from lienthong.infra.database import connect
from lienthong.infra.jobs import Pace, Periodic, Worker
from lienthong.infra.role_config import AxisConfig, WorkerConfig
from lienthong.roles.axis import limits_of
from lienthong.roles.axis_home import database, node_keys, said_in_log
from lienthong.roles.axis_log import log_context
from lienthong.roles.migrate import migrate

EVERY = timedelta(seconds=1)
"""How often deadlines and leases are looked at."""

ORPHAN_GRACE = timedelta(days=1)
"""A blob without reference may belong to a group that is being written; older ones belong to nobody."""


def run(path: Path | None) -> None:
    """Work until SIGTERM or SIGINT. Refuses what configuration, keys, database and schema refuse."""
    place = locate(AxisConfig, path)
    config, work = load(place, AxisConfig), load(place, WorkerConfig)
    telemetry.configure(work.log_level)
    steps.arm_from(work.kill_at)
    clock = config.clock
    keys = node_keys(config, clock.now())
    with database(config, said_in_log) as dsn:
        migrate(dsn)
        with _directory(dsn, config.name) as directory:
            ctx = AxisContext(
                config.name, clock, keys.receipt, BlobStore(config.data_dir / "blobs"), directory,
                limits_of(config, work), note_key=keys.note,
            )  # fmt: skip
            log = log_context(config, ctx, keys, dsn)
            log.every, log.anchor_every = work.checkpoint_every, max(work.checkpoint_every, EVERY)
            periodic = [*delivery_jobs(ctx, config, work), *periodic_jobs(log)]
            pace = Pace(work.threads, work.poll, work.lease)
            worker = Worker(lambda: connect(dsn, "lienthong worker", statement_seconds=120), {}, periodic, pace)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: worker.stop())
            telemetry.info("worker.started", role="worker")
            worker.run()


def delivery_jobs(ctx: AxisContext, config: AxisConfig, work: WorkerConfig) -> list[Periodic]:
    """The periodic work of delivery and storage; each has one runner in the whole cluster."""
    guard = ClockGuard(ctx.clock, time.monotonic(), ctx.limits.clock_tolerance)
    return [
        Periodic("delivery.leases", EVERY, lambda conn: _done(sweep_leases(ctx, conn))),
        Periodic("delivery.expiry", EVERY, lambda conn: _done(expire_all(ctx, conn, guard, time.monotonic()))),
        Periodic("delivery.conservation", work.conservation_every, lambda conn: _conserve(ctx, conn)),
        Periodic("storage.sweep", work.sweep_every, lambda conn: _sweep(ctx, conn, config.upload_keep)),
    ]


def _done(count: int) -> None:
    if count:
        telemetry.debug("deliveries.swept", count=count)


def _conserve(ctx: AxisContext, conn: Connection) -> None:
    check_conservation(ctx, conn)


def _sweep(ctx: AxisContext, conn: Connection, keep: timedelta) -> None:
    """Unfinished uploads first, then temporary files, then blobs that nothing refers to."""
    now = ctx.clock.now()
    uploads = sweep_uploads(ctx, conn, keep)
    # A short setting must not reach files that are being written at this moment.
    temporary = ctx.blobs.remove_temporary(now, max(keep, ORPHAN_GRACE))
    blobs = ctx.blobs.remove_unreferenced(lambda digest: is_referenced(conn, digest), now, ORPHAN_GRACE)
    telemetry.info("storage.swept", count=uploads + temporary + blobs)


@contextmanager
def _directory(dsn: str, name: str) -> Iterator[HeldDirectory]:
    """The directory, kept new while the block runs."""
    connection = KeptConnection(lambda: connect(dsn, "lienthong worker directory"))
    with connection.use() as conn:
        directory = HeldDirectory(load_state(conn, name))
    refresher = Refresher(directory, connection)
    refresher.start()
    try:
        yield directory
    finally:
        refresher.stop()
        connection.close()
