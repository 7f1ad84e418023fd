"""``lienthong office worker``: the process beside the pages of an office."""

from __future__ import annotations

from pathlib import Path

from django.utils.module_loading import import_string

from lienthong.infra import steps, telemetry
from lienthong.infra.config import load, locate
from lienthong.infra.office_config import OfficeConfig, ProgramsConfig
from lienthong.roles.migrate import migrate
from lienthong.roles.office import SCHEMA, database, said_in_log, set_up, tear_down


def run(path: Path | None) -> None:
    """Work until SIGTERM or SIGINT. Refuses CONFIG_…, DATABASE_…, SCHEMA_…, SPOOL_IN_USE, KEY_…"""
    file = locate(OfficeConfig, path)
    config = load(file, OfficeConfig)
    telemetry.configure(config.log_level)
    steps.arm_from(config.kill_at)
    with database(config, said_in_log) as dsn:
        migrate(dsn, *SCHEMA)
        set_up(config, dsn, load(file, ProgramsConfig))
        tear_down()
        # Models can only be imported now that Django is set up.
        import_string("lienthong.roles.office_works.work")(config, dsn)
        tear_down()
    telemetry.info("office.worker_stopped", role="office")
