"""Back up and restore one database with PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lienthong.base.errors import Refused
from lienthong.infra.postgres.binaries import Binaries
from lienthong.infra.postgres.errors import BACKUP_FAILED


def dump(binaries: Binaries, dsn: str, target: Path) -> None:
    """Write a consistent copy of the database to ``target`` (custom format, 0600), all or nothing.

    Readers and writers go on meanwhile. The programs must not be older than the server.
    Refuses: BACKUP_FAILED; an earlier file of that name is then untouched.
    """
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _run(binaries, dsn, "pg_dump", ["--format=custom", "--no-owner", "--no-acl"], stdout=descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        scratch.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise Refused(BACKUP_FAILED, reason=error) from error
    finally:
        scratch.unlink(missing_ok=True)


def restore(binaries: Binaries, dsn: str, source: Path) -> None:
    """Bring an **empty** database to the state of a backup, in one transaction: whole or not at all.

    Refuses: BACKUP_FAILED, also when the database is not empty.
    """
    arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-acl", str(source)]
    _run(binaries, dsn, "pg_restore", arguments)


def _run(binaries: Binaries, dsn: str, program: str, arguments: list[str], stdout: int | None = None) -> None:
    """Run one program; the password goes through the environment, where other users cannot read it."""
    given = conninfo_to_dict(dsn)
    password = given.pop("password", None)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    if password:
        environment["PGPASSWORD"] = str(password)
    command = [binaries.program(program), "--no-password", f"--dbname={make_conninfo('', **given)}", *arguments]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if stdout is None else stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode != 0:
        raise Refused(BACKUP_FAILED, reason=done.stderr.strip() or f"{program}: {done.returncode}")


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
