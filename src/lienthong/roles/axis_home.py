"""Setting up an axis on its own machine: its keys, its database, its first operator.

Everything may be done again: what is there stays, what is missing is made. This is also the way back in when the
operator's key is lost: another key file gives the operator's system another key.
"""

from __future__ import annotations

import json
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import Clock
from lienthong.base.ids import AgencyCode, SystemId
from lienthong.directory.model import Agency, Row, Scope, System, SystemKey, SystemStatus
from lienthong.directory.seed import seed
from lienthong.exchange.model.directory_rules import wanted
from lienthong.exchange.service.directory import change, load_state
from lienthong.infra import telemetry
from lienthong.infra.blob_files import sync_directory
from lienthong.infra.config_page import toml_value
from lienthong.infra.database import connect
from lienthong.infra.keys import FileSigner, create_key, write_durably
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.postgres import Say, Settings, database_of
from lienthong.infra.role_config import AxisConfig
from lienthong.ledger.cosignature import CosignatureKey
from lienthong.ledger.notes import Ed25519NoteKey
from lienthong.roles.axis_log import witness_key
from lienthong.roles.migrate import migrate
from lienthong.trust.keys import public_pem

DATABASE = "axis"
"""Name of the axis's database in the embedded cluster."""

POSTGRES = Settings(
    shared_buffers="256MB",
    more={"max_wal_size": "4GB", "checkpoint_timeout": "15min", "wal_buffers": "16MB", "jit": "off"},
)
"""Fewer full-page images under load; commits stay synchronous."""

LOCAL = "local"
"""Who made a change on the axis's own machine, in the history of rows."""


@dataclass(frozen=True, slots=True)
class Operator:
    """The first operator (đơn vị vận hành): a system, the agency that it acts for, and the folder of its files."""

    system_id: str
    agency: str
    name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was set up. ``changed``: directory rows that are new."""

    axis_keys: Path
    axis_public: Path
    profile: Path
    operator_key: FileSigner
    version: int
    changed: int


def database(config: AxisConfig, say: Say) -> AbstractContextManager[str]:
    """The DSN of the axis's database: the configured one, or the embedded cluster's, which runs inside the block.

    ``say`` hears what is done to the machine and, once a second, what a slow start is waiting for.
    """
    return database_of(
        config.dsn, config.data_dir, DATABASE, settings=POSTGRES, programs=config.postgres_bin,
        say=say, progress=lambda seconds, vi, en: say(vi, en),
    )  # fmt: skip


def said_in_log(vi: str, en: str) -> None:
    """What the database's launcher says, for an axis that nobody watches."""
    telemetry.info("database.said", kind=en)


def node_keys(config: AxisConfig, now: datetime) -> NodeKeys:
    """The axis's keys, made at the first start."""
    password = config.key_password_file.read() if config.key_password_file is not None else None
    return NodeKeys.load_or_create(config.keys, config.name, now, password)


def prepare(config: AxisConfig, operator: Operator, with_seed: bool, clock: Clock, say: Say) -> Prepared:
    """Set up everything that ``lienthong axis`` needs to start and that its operator needs to work.

    Refuses: what keys, database and directory refuse.
    """
    now = clock.now()
    # The database's own account passes through; everything inside that is private has a mode of its own.
    config.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    keys = node_keys(config, now)
    axis_keys, axis_public = publish_keys(config, keys)
    key = _operator_key(operator.folder)
    profile = write_profile(config, operator, axis_public)
    with database(config, say) as dsn:
        migrate(dsn)
        with connect(dsn, "lienthong axis init", statement_seconds=120) as connection:
            state = load_state(connection, config.name)
            rows = _first_rows(operator, key, state.system(operator.system_id), now)
            if state.agency(operator.agency) is not None:
                rows = [row for row in rows if not isinstance(row, Agency)]
            known = {agency.code for agency in state.agencies()}
            if with_seed and not known.intersection(agency.code for agency in seed().agencies):
                rows += seed().rows
            changed = change(connection, state, wanted(rows), now, LOCAL)
    return Prepared(axis_keys, axis_public, profile, key, changed.state.version, changed.rows)


def publish_keys(config: AxisConfig, keys: NodeKeys) -> tuple[Path, Path]:
    """Write what others trust this axis by: ``axis-keys.json`` for verifiers, ``axis.pub.pem`` for connectors."""
    receipt = public_pem(keys.receipt.public_key)
    members = {
        "axis": config.name,
        "receipt": receipt.decode(),
        "note": _note_text(config.name, keys),
        "witness": CosignatureKey(config.name, witness_key(config).public_key()).to_text(),
        "tsa": keys.tsa_chain[-1].public_bytes(Encoding.PEM).decode(),
    }
    trusted, public = config.data_dir / "axis-keys.json", config.data_dir / "axis.pub.pem"
    replace_file(trusted, json.dumps(members, indent=2, ensure_ascii=False).encode() + b"\n")
    replace_file(public, receipt)
    return trusted, public


def write_profile(config: AxisConfig, operator: Operator, axis_public: Path) -> Path:
    """The operator's connection profile, ready for ``--profile``."""
    values: dict[str, object] = {
        "axis_url": config.public_url or f"http://{config.listen}",
        "axis_name": config.name,
        "axis_key_file": axis_public.resolve(),
        "system_id": operator.system_id,
        "agencies": (operator.agency,),
        "key_file": "operator.key.pem",
        "spool_dir": "spool",
    }
    lines = ["[connector]", *(f"{name} = {toml_value(value, type(value))}" for name, value in values.items())]
    path = operator.folder / "operator.toml"
    replace_file(path, "\n".join(lines).encode() + b"\n", 0o600)
    return path


def replace_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all, over an earlier one."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write_durably(fresh, data, mode)
        fresh.replace(path)
        sync_directory(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _note_text(name: str, keys: NodeKeys) -> str:
    key = keys.note.public_key
    if not isinstance(key, Ed25519PublicKey):
        raise TypeError("notes are signed with Ed25519")
    return Ed25519NoteKey(name, key).to_text()


def _operator_key(folder: Path) -> FileSigner:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "operator.key.pem"
    key = FileSigner(path) if path.exists() else create_key(path)
    replace_file(folder / "operator.pub.pem", public_pem(key.public_key))
    return key


def _first_rows(operator: Operator, key: FileSigner, held: System | None, now: datetime) -> list[Row]:
    agency = Agency(AgencyCode(operator.agency), operator.name)
    own = SystemKey(key.key_id, public_pem(key.public_key).decode(), now.replace(microsecond=0))
    if held is None:
        scope = Scope(AgencyCode(operator.agency))
        return [agency, System(SystemId(operator.system_id), operator.name, (scope,), keys=(own,), operator=True)]
    known = any(each.key_id == own.key_id for each in held.keys)
    keys = held.keys if known else (*held.keys, own)
    return [agency, replace(held, keys=keys, status=SystemStatus.ACTIVE, operator=True)]
