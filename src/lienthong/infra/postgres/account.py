"""Under which operating system account the database server runs.

PostgreSQL refuses to run as root. An ordinary user runs it as himself; root runs it as the owner of the data that
is there already, or as the dedicated system account ``lienthong``, which is made when it is missing.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.postgres.errors import ACCOUNT_NOT_MADE, ACCOUNT_UNKNOWN, DATA_DIRECTORY_NOT_YOURS

SYSTEM_ACCOUNT = "lienthong"

Say = Callable[[str, str], None]
"""Takes one sentence for the person at the terminal, in Vietnamese and in English."""


def silent(vi: str, en: str) -> None:
    """Nobody is at the terminal."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the server. ``switch``: we are root and change to it before the server starts."""

    name: str
    uid: int
    gid: int
    switch: bool


def account_for(data: Path, say: Say) -> Account:
    """The account that must run the server over ``data`` (which may not exist yet).

    Refuses: DATA_DIRECTORY_NOT_YOURS, ACCOUNT_UNKNOWN, ACCOUNT_NOT_MADE.
    """
    me = os.geteuid()
    owner = _owner(data)
    if me != 0:
        if owner is not None and owner != me:
            raise Refused(DATA_DIRECTORY_NOT_YOURS, path=data, owner=_name(owner), user=_name(me))
        return _known(me, switch=False)
    if owner is None or owner == 0:
        return _system_account(say)
    return _known(owner, switch=True)


def may_pass(account: Account, directory: Path) -> bool:
    """Whether the account may go through the directory, by its mode bits."""
    facts = directory.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & 0o100)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & 0o010)
    return bool(facts.st_mode & 0o001)


def _owner(data: Path) -> int | None:
    try:
        return data.stat().st_uid
    except FileNotFoundError:
        return None
    except PermissionError:
        raise Refused(DATA_DIRECTORY_NOT_YOURS, path=data, owner="?", user=_name(os.geteuid())) from None


def _known(uid: int, *, switch: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Refused(ACCOUNT_UNKNOWN, uid=uid) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _system_account(say: Say) -> Account:
    found = _lookup(SYSTEM_ACCOUNT)
    if found is None:
        found = _make_system_account(say)
    return found


def _lookup(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def _make_system_account(say: Say) -> Account:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise Refused(ACCOUNT_NOT_MADE, account=SYSTEM_ACCOUNT, reason="useradd is not installed")
    say(
        f"Tạo tài khoản hệ thống {SYSTEM_ACCOUNT} cho máy chủ cơ sở dữ liệu (useradd --system {SYSTEM_ACCOUNT}).",
        f"Making the system account {SYSTEM_ACCOUNT} for the database server (useradd --system {SYSTEM_ACCOUNT}).",
    )
    done = subprocess.run(
        [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT],
        check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    # Two processes may make it at the same moment: what counts is whether it is there afterwards.
    found = _lookup(SYSTEM_ACCOUNT)
    if found is None:
        raise Refused(ACCOUNT_NOT_MADE, account=SYSTEM_ACCOUNT, reason=done.stderr.strip() or done.returncode)
    return found
