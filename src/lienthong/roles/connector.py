"""The connector of one system: a courier beside the agency's software, outbound connections only."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from lienthong.base.clock import SystemClock, to_text
from lienthong.base.errors import Retry
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.guarded import guarded
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import Health
from lienthong.connector.courier.state_file import write_state
from lienthong.connector.folder.service import Folder
from lienthong.connector.local.face import FaceSettings, LocalFace
from lienthong.connector.profile import credentials_of, guard_of
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.infra import steps, telemetry
from lienthong.infra.config import load, locate
from lienthong.infra.connector_config import ConnectorConfig, FolderConfig, LocalConfig
from lienthong.trust.keys import load_public_key

STATE_SECONDS = 2.0


def run(path: Path | None) -> None:
    """Run until SIGTERM or SIGINT. Refuses CONFIG_MISSING, CONFIG_INVALID, KEY_…, SPOOL_IN_USE, STORAGE_…"""
    file = locate(ConnectorConfig, path)
    config = load(file, ConnectorConfig)
    telemetry.configure(config.log_level)
    steps.arm_from(config.kill_at)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_courier(config) as courier:
        works = [courier.run, *local_face(courier, config, load(file, LocalConfig))]
        telemetry.info("connector.started", system=config.system_id, count=len(config.agencies))
        folder = open_folder(config, load(file, FolderConfig), courier)
        if folder is not None:
            works.append(folder.run)
        running = [threading.Thread(target=work, args=(stop,)) for work in works]
        for each in running:
            each.start()
        while not stop.wait(STATE_SECONDS):
            write_state(config.spool_dir, state_members(courier, folder))
            if not all(each.is_alive() for each in running):
                stop.set()
        for each in running:
            each.join()
        write_state(config.spool_dir, state_members(courier, folder))
        telemetry.info("connector.stopped", system=config.system_id)


def open_folder(config: ConnectorConfig, shared: FolderConfig, courier: Courier) -> Folder | None:
    """The shared folder of a configuration, not running yet; None when there is none."""
    store, root = config.spool_dir / "folder", shared.dir
    return Folder(root, courier, store, report_arrival=shared.report_arrival) if root is not None else None


def open_courier(config: ConnectorConfig, **hooks: Any) -> Courier:
    """The courier of a configuration, not running yet. ``hooks``: further ones, such as ``after_receive``."""
    credentials, guard = credentials_of(config), guard_of(config)
    root, clock, timeout = config.spool_dir, SystemClock(), config.timeout.total_seconds()
    spool, inbox = Spool(root), Inbox(root)
    axes = [(config.axis_name, config.axis_url, config.axis_key_file)]
    axes += [(entry.name, entry.url, entry.key_file) for entry in config.further_axes]
    links = []
    for name, url, key in axes:
        settings = AxisSettings(name, url, load_public_key(key.read_bytes()), timeout, config.part_size)
        links.append(AxisLink(settings, credentials.signer, root, spool, inbox, clock, guard))
    return Courier(
        root,
        links,
        config.agencies,
        clock=clock,
        senders=config.senders,
        wait=int(config.wait.total_seconds()),
        failover_after=config.failover_after.total_seconds(),
        keep_content=config.keep_content,
        before_send=guarded(guard, clock),
        certificate_ends_at=credentials.chain[0].not_valid_after_utc if credentials.chain else None,
        **hooks,
    )


def local_face(
    courier: Courier, config: ConnectorConfig, local: LocalConfig
) -> list[Callable[[threading.Event], None]]:
    """What runs the local face, when the configuration opens it. Refuses LOCAL_ADDRESS_TAKEN."""
    if not local.enabled:
        return []
    host, port = local.address
    days = local.webhook_patience.total_seconds() / 86400
    settings = FaceSettings(host, port, local.hosts, local.max_upload, local.webhook_targets, days)
    face = LocalFace(courier, config.spool_dir, settings, SystemClock())
    listening = face.listen()
    telemetry.info("local.listening", host=host, port=port)
    return [lambda stop: face.run(listening, stop)]


def state_members(courier: Courier, folder: Folder | None) -> dict[str, Any]:
    """What ``lienthong connector status`` shows of a running connector."""
    shared = {"folder": _plain(asdict(folder.health()))} if folder is not None else {}
    return health_members(courier.health()) | shared


def health_members(health: Health) -> dict[str, Any]:
    """A health as JSON members."""
    members: dict[str, Any] = _plain(asdict(health))
    return members


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Retry):
        return value.value
    return to_text(value) if isinstance(value, datetime) else value
