"""Make a cluster and start its server: the two commands that run as the server's account."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.postgres.account import Account
from lienthong.infra.postgres.binaries import Binaries
from lienthong.infra.postgres.errors import POSTGRES_DID_NOT_START
from lienthong.infra.postgres.home import Home, own_directory
from lienthong.infra.postgres.settings import Settings, server_arguments

SUPERUSER = "lienthong"
"""The database role of the installation; who may be it is said in ``ident.conf``."""

_LOG_LIMIT = 16 * 1024 * 1024
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""Nothing of the caller's: PG… variables would change what the server does."""


def make_cluster(home: Home, binaries: Binaries, account: Account) -> None:
    """initdb, all or nothing: a killed attempt leaves only ``data.new``, which the next one removes.

    Text sorts by code point (collation C, character classes C.UTF-8), so that every node sorts alike and no index
    depends on the version of the C library. Pages carry checksums.
    """
    if home.unfinished.exists():
        shutil.rmtree(home.unfinished)
    own_directory(home.unfinished, account)
    done = subprocess.run(
        [binaries.program("initdb"), "--pgdata", str(home.unfinished), "--username", SUPERUSER,
         "--encoding", "UTF8", "--locale", "C.UTF-8", "--lc-collate", "C", "--lc-messages", "C",
         "--auth-local", "peer", "--auth-host", "reject", "--data-checksums"],
        check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd="/",
        env=_ENVIRONMENT, umask=0o077, user=_user(account), group=_group(account), extra_groups=_groups(account),
    )  # fmt: skip
    if done.returncode != 0:
        raise Refused(POSTGRES_DID_NOT_START, reason=f"initdb: {done.stderr.strip()}", log=home.log)
    home.unfinished.rename(home.data)
    _sync(home.root)


def start_server(
    home: Home, binaries: Binaries, account: Account, settings: Settings, lock: int
) -> subprocess.Popen[bytes]:
    """Start ``postgres`` itself, in a session of its own: Ctrl-C at our terminal must not reach it.

    ``lock``: descriptor that holds ``server.lock``; the server and its children inherit it.
    """
    arguments = server_arguments(settings, data=home.data, sockets=home.sockets, hba=home.hba, ident=home.ident)
    log = _open_log(home.log)
    try:
        return subprocess.Popen(
            [binaries.program("postgres"), *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=_ENVIRONMENT, umask=0o077,
            start_new_session=True, pass_fds=(lock,),
            user=_user(account), group=_group(account), extra_groups=_groups(account),
        )  # fmt: skip
    except OSError as error:
        raise Refused(POSTGRES_DID_NOT_START, reason=error, log=home.log) from error
    finally:
        os.close(log)


def log_since(path: Path, offset: int) -> str:
    """The most telling line that the server wrote after ``offset``: its last FATAL, else its last line."""
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            lines = stream.read()[-16384:].decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
    return (telling or lines or [""])[-1].strip()


def log_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _open_log(path: Path) -> int:
    if log_size(path) > _LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _user(account: Account) -> int | None:
    return account.uid if account.switch else None


def _group(account: Account) -> int | None:
    return account.gid if account.switch else None


def _groups(account: Account) -> list[int] | None:
    return [] if account.switch else None
