"""The connector of one system: a courier beside the agency's software, outbound connections only."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from lienthong.base.clock import SystemClock, to_text
from lienthong.base.errors import Retry
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import Health
from lienthong.connector.courier.state_file import write_state
from lienthong.connector.folder.service import Folder
from lienthong.connector.profile import signer_of
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.infra import steps, telemetry
from lienthong.infra.config import load, locate
from lienthong.infra.role_config import ConnectorConfig
from lienthong.trust.keys import load_public_key

STATE_SECONDS = 2.0


def run(path: Path | None) -> None:
    """Run until SIGTERM or SIGINT. Refuses CONFIG_MISSING, CONFIG_INVALID, KEY_…, SPOOL_IN_USE, STORAGE_…"""
    config = load(locate(ConnectorConfig, path), ConnectorConfig)
    telemetry.configure(config.log_level)
    steps.arm_from(config.kill_at)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_courier(config) as courier:
        telemetry.info("connector.started", system=config.system_id, count=len(config.agencies))
        running = threading.Thread(target=courier.run, args=(stop,), name="courier")
        running.start()
        folder, watching = open_folder(config, courier), None
        if folder is not None:
            watching = threading.Thread(target=folder.run, args=(stop,), name="folder")
            watching.start()
        while running.is_alive():
            shared = {"folder": _plain(asdict(folder.health()))} if folder is not None else {}
            write_state(config.spool_dir, health_members(courier.health()) | shared)
            stop.wait(STATE_SECONDS)
            if stop.is_set():
                running.join()
                if watching is not None:
                    watching.join()
        telemetry.info("connector.stopped", system=config.system_id)


def open_folder(config: ConnectorConfig, courier: Courier) -> Folder | None:
    """The shared folder of a configuration, not running yet; None when there is none."""
    store, root = config.spool_dir / "folder", config.folder_dir
    return Folder(root, courier, store, report_arrival=config.folder_report_arrival) if root is not None else None


def open_courier(config: ConnectorConfig, **hooks: Any) -> Courier:
    """The courier of a configuration, not running yet. ``hooks``: ``before_send``, ``after_receive``."""
    signer = signer_of(config)
    root, clock, timeout = config.spool_dir, SystemClock(), config.timeout.total_seconds()
    spool, inbox = Spool(root), Inbox(root)
    axes = [(config.axis_name, config.axis_url, config.axis_key_file)]
    axes += [(entry.name, entry.url, entry.key_file) for entry in config.further_axes]
    links = []
    for name, url, key in axes:
        settings = AxisSettings(name, url, load_public_key(key.read_bytes()), timeout, config.part_size)
        links.append(AxisLink(settings, signer, root, spool, inbox, clock))
    return Courier(
        root,
        links,
        config.agencies,
        clock=clock,
        senders=config.senders,
        wait=int(config.wait.total_seconds()),
        failover_after=config.failover_after.total_seconds(),
        keep_content=config.keep_content,
        **hooks,
    )


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
