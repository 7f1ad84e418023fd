"""``lienthong axis run``: one node of the axis. Everything is wired here by hand, in the order of its life."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop

from lienthong.exchange.api import adopted, connections, downloads, envelopes, inbox, operator, outbox, trace, uploads
from lienthong.exchange.api.app import Edge
from lienthong.exchange.api.pages import Pages
from lienthong.exchange.service.accepting import Acceptance, AcceptUnit
from lienthong.exchange.service.committing import Writer
from lienthong.exchange.service.connecting import ConnectionDesk
from lienthong.exchange.service.connections import ConnectionBook
from lienthong.exchange.service.context import AxisContext, Limits
from lienthong.exchange.service.delivering import Delivering
from lienthong.exchange.service.directory import HeldDirectory, Publisher, load_state
from lienthong.exchange.service.directory_desk import DirectoryDesk
from lienthong.exchange.service.directory_refresh import KeptConnection, Refresher
from lienthong.exchange.service.log_health import log_health
from lienthong.exchange.service.notifying import Notifier
from lienthong.exchange.service.refusing import RefusalUnit, Refusing
from lienthong.exchange.service.signing import HighWaterMark
from lienthong.exchange.service.uploading import Uploading
from lienthong.exchange.store import facts
from lienthong.infra import steps, telemetry
from lienthong.infra.blobs import BlobStore
from lienthong.infra.config import load, locate
from lienthong.infra.database import connect, open_pool
from lienthong.infra.http_limits import HttpLimits
from lienthong.infra.metrics import Registry
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.postgres import Cluster
from lienthong.infra.role_config import AxisConfig, WorkerConfig, with_address
from lienthong.infra.sealed import Sealer
from lienthong.roles.axis_faces import FACES, face_routes, large_heads
from lienthong.roles.axis_home import database, node_keys, publish_keys, said_in_log
from lienthong.roles.axis_log import log_context
from lienthong.roles.migrate import migrate
from lienthong.webkit.edge.server import make_server


def run(path: Path | None, listen: str | None = None) -> None:
    """Serve until SIGTERM or SIGINT. Refuses what configuration, keys, database and schema refuse.

    ``listen``: another address than the configured one, for several processes that share a configuration.
    """
    file = locate(AxisConfig, path)
    config, worker = load(file, AxisConfig), load(file, WorkerConfig)
    if listen is not None:
        config = with_address(config, listen)
    telemetry.configure(config.log_level)
    steps.arm_from(config.kill_at, Cluster(config.data_dir).server_pid)
    config.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    keys = node_keys(config, config.clock.now())
    publish_keys(config, keys)
    with database(config, said_in_log) as dsn:
        migrate(dsn)
        for number in (signal.SIGTERM, signal.SIGINT):
            # The server raises the signal again after it has stopped; what follows here must still happen.
            signal.signal(number, lambda *_: None)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(config, worker, dsn, keys))


async def _serve(config: AxisConfig, worker: WorkerConfig, dsn: str, keys: NodeKeys) -> None:
    limits, metrics = limits_of(config, worker), Registry()
    blobs = BlobStore(config.data_dir / "blobs")
    reading = KeptConnection(lambda: connect(dsn, "lienthong directory"))
    writing = KeptConnection(lambda: connect(dsn, "lienthong directory", statement_seconds=120))
    with reading.use() as connection:
        directory = HeldDirectory(load_state(connection, config.name))
    writer = Writer(dsn, blobs, metrics, limits.queue)
    ctx = AxisContext(
        config.name, config.clock, keys.receipt, blobs, directory, limits, metrics, keys.note, writer=writer
    )
    mark = HighWaterMark(await writer.run(facts.latest_instant), limits.clock_tolerance)
    writer.register(AcceptUnit, Acceptance(ctx, mark))
    writer.register(RefusalUnit, Refusing(ctx, mark))
    ctx.notifier = Notifier(asyncio.get_running_loop())
    Delivering(ctx, ctx.notifier).register(writer)
    log = log_context(config, ctx, keys, dsn)
    refresher = Refresher(directory, KeptConnection(lambda: connect(dsn, "lienthong directory refresh")))
    desk = DirectoryDesk(directory, Publisher(keys.receipt, ctx.clock), reading, writing, ctx.clock)

    sealer = Sealer.load_or_create(config.keys)
    book = ConnectionBook(ctx, sealer)
    orders = connections.ConnectionOrders(ConnectionDesk(directory, writing, sealer, ctx.clock), book)

    def log_members() -> dict[str, object]:
        with reading.use() as conn:
            return dict(log_health(conn, log).members())

    async with AsyncExitStack() as stack:
        ctx.pool = await stack.enter_async_context(open_pool(dsn, "lienthong axis"))
        stack.push_async_callback(writer.close)
        stack.callback(desk.close)
        stack.callback(refresher.stop)
        refresher.start()
        pages = Pages(ctx, mark, {"log": log_members}, config.metrics)
        pages.described = [
            *envelopes.routes(),
            *uploads.routes(Uploading(ctx)),
            *(each for module in (inbox, downloads, outbox, trace, operator) for each in module.routes()),
            *orders.routes(),
            *(face_routes(ctx, book, desk) if config.compatible_faces else ()),
            *adopted.directory_routes(),
            *adopted.evidence_routes(),
            *pages.routes(),
        ]
        http = HttpLimits(concurrency=config.max_connections, large_heads_below=large_heads(config))
        edge = Edge(ctx, pages.described, http, {"directory_desk": desk, "log": log}, FACES)
        # What is alive now stays alive: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        telemetry.info("axis.started", port=config.address[1], role="axis")
        await make_server(edge, *config.address, http).serve()


def limits_of(config: AxisConfig, worker: WorkerConfig) -> Limits:
    """The configured limits of the verbs, the same for axis and worker: both count failures of a delivery."""
    return Limits(
        attempts=worker.max_attempts,
        deadline=config.deadline,
        document=config.max_document,
        packet=config.max_packet,
        spare_disk=config.spare_disk,
        quota_per_second=config.quota_per_second,
        quota_burst=config.quota_burst,
    )
