"""A backup on the command line: it brings the axis back, and what this axis did not make is refused unread."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from axis_process import free_port, rows
from fixtures_pg import Database
from lienthong.roles.cli import app


def run(*words: str | Path, code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*map(str, words), "--json"])
    assert result.exit_code == code, (words, result.output, result.exception)
    return dict(json.loads(result.stdout))


def configured(folder: Path, dsn: str, name: str = "axis.example") -> Path:
    config = folder / "axis.toml"
    config.write_text(f'[axis]\nname = "{name}"\ndsn = "{dsn}"\n')
    return config


@pytest.fixture
def empty(database18: Database) -> Iterator[str]:
    """A database without anything in it."""
    name = f"empty_{free_port()}"
    yield database18.cluster.create_database(name)
    database18.cluster.drop_database(name)


def test_a_backup_is_restored_by_the_axis_that_made_it_and_refused_otherwise(
    database18: Database, empty: str, tmp_path: Path
) -> None:
    config = configured(tmp_path, database18.dsn)
    run("axis", "init", "--config", config)
    file = tmp_path / "axis.dump"
    made = run("axis", "backup", "--out", file, "--config", config)
    assert made["size"] == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    configured(tmp_path, empty)
    statement = tmp_path / "axis.dump.jws"

    def refused() -> None:
        error = run("axis", "restore", file, "--config", config, code=1)["error"]
        assert error["code"] == "BACKUP_NOT_OURS", error
        assert rows(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]

    whole, signed = file.read_bytes(), statement.read_bytes()
    # A byte changed, a piece missing, an unsigned one, a statement of another file, somebody else's signature.
    for data in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-100], whole + b"x", b""):
        file.write_bytes(data)
        refused()
    file.write_bytes(whole)
    for token in (b"", b"x", signed[:-4] + b"AAAA", b"e30." + signed.split(b".", 1)[1]):
        statement.write_bytes(token)
        refused()
    statement.unlink()
    refused()
    # Another axis: other keys, the same name; then the same keys under another name.
    other = tmp_path / "other"
    other.mkdir()
    run("axis", "init", "--config", configured(other, database18.dsn))
    shutil.copy(file, other / "x.dump")
    run("axis", "backup", "--out", other / "axis.dump", "--config", other / "axis.toml")
    shutil.copy(other / "axis.dump.jws", statement)
    refused()
    statement.write_bytes(signed)
    configured(tmp_path, empty, "axis.other")
    refused()
    # Untouched and its own: it comes back, once.
    configured(tmp_path, empty)
    run("axis", "restore", file, "--config", config)
    count = "SELECT count(*) FROM directory_row"
    assert rows(empty, count) == rows(database18.dsn, count) != [(0,)]
    assert run("axis", "restore", file, "--config", config, code=1)["error"]["code"] == "BACKUP_FAILED"


def test_keys_that_are_gone_are_not_made_anew_by_a_restore(database18: Database, empty: str, tmp_path: Path) -> None:
    config = configured(tmp_path, database18.dsn)
    run("axis", "init", "--config", config)
    run("axis", "backup", "--out", tmp_path / "a.dump", "--config", config)
    shutil.rmtree(tmp_path / "data" / "keys")
    configured(tmp_path, empty)
    assert run("axis", "restore", tmp_path / "a.dump", "--config", config, code=1)["error"]["code"] == "KEY_MISSING"
    assert not (tmp_path / "data" / "keys").exists()
