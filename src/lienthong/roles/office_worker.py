"""``lienthong office worker``: the process beside the pages of an office."""

from __future__ import annotations

from pathlib import Path

from django.db import connections
from django.utils.module_loading import import_string

from lienthong.infra import steps, telemetry
from lienthong.infra.config import load, locate
from lienthong.infra.office_config import OfficeConfig, ProgramsConfig
from lienthong.roles.office import opened, said_in_log


def run(path: Path | None) -> None:
    """Work until SIGTERM or SIGINT. Refuses CONFIG_…, DATABASE_…, SCHEMA_…, SPOOL_IN_USE, KEY_…"""
    file = locate(OfficeConfig, path)
    config = load(file, OfficeConfig)
    telemetry.configure(config.log_level)
    steps.arm_from(config.kill_at)
    with opened(config, said_in_log, load(file, ProgramsConfig)) as dsn:
        # Every work has a thread with a connection of its own; that of this thread has done its part.
        connections.close_all()
        import_string("lienthong.roles.office_works.work")(config, dsn)
    telemetry.info("office.worker_stopped", role="office")
