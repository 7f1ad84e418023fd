"""Where a cluster lives: ``<data_dir>/pg`` and what is in it, with owners and modes.

======================  =========================  ====================================================
``<version>/``          launching user, 0755       programs copied from the wheel
``data/``               server's account, 0700     the cluster itself (PGDATA)
``s/``                  server's account, 0700     the Unix socket, when the path is short enough
``hba.conf ident.conf`` launching user, 0644       who may connect: only these accounts, only by peer
``server.log``          launching user, 0600       what the server says
``users.lock``          server's account, 0600     a shared flock for each process that uses the cluster
``change.lock``         server's account, 0600     an exclusive flock while somebody starts or stops it
======================  =========================  ====================================================

Root keeps the programs and the access rules its own: the server's account can read, not change them.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.postgres.account import SYSTEM_ACCOUNT, Account, may_pass
from lienthong.infra.postgres.errors import (
    DATA_DIRECTORY_CLOSED,
    DATA_DIRECTORY_NOT_YOURS,
    DATA_DIRECTORY_UNUSABLE,
)

ROOT_HOME = Path("/var/lib/lienthong")
"""Where root keeps installations by default: every account can pass through /var/lib."""

_LONGEST_SOCKET = 107 - len("/.s.PGSQL.5432")
"""``sun_path`` holds 108 bytes with its final NUL (unix(7))."""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of one cluster. ``root``: ``<data_dir>/pg``, absolute."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def unfinished(self) -> Path:
        """Where initdb works; renamed to ``data`` when it is complete."""
        return self.root / "data.new"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def hba(self) -> Path:
        return self.root / "hba.conf"

    @property
    def ident(self) -> Path:
        return self.root / "ident.conf"

    @property
    def sockets(self) -> Path:
        """A directory whose name leaves room for the socket's: below the data, else in /tmp."""
        here = self.root / "s"
        if len(os.fsencode(here)) <= _LONGEST_SOCKET:
            return here
        return Path("/tmp") / f"lienthong-{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]}"  # noqa: S108 - owner and mode are checked before use

    def lock(self, name: str) -> Path:
        return self.root / f"{name}.lock"


def reachable_home(wanted: Path) -> Path:
    """``wanted`` itself, or for root below a closed directory a data directory in /var/lib/lienthong instead.

    For demonstrations and tests, which must run in any checkout; an installation names its data directory and is
    refused (DATA_DIRECTORY_CLOSED) when the server's account cannot reach it.
    """
    wanted = wanted.absolute()
    if os.geteuid() != 0 or _closed_for_others(wanted) is None:
        return wanted
    return ROOT_HOME / f"{wanted.name}-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:8]}"


def _closed_for_others(path: Path) -> Path | None:
    stranger = Account(SYSTEM_ACCOUNT, uid=-1, gid=-1, switch=True)
    for directory in reversed(path.parents):
        if directory.exists() and not may_pass(stranger, directory):
            return directory
    return path if path.exists() and not may_pass(stranger, path) else None


def make_root(home: Home) -> None:
    """Create ``<data_dir>/pg``; missing parents are made passable, existing ones are left as they are."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        for directory in [*reversed(home.root.parents), home.root]:
            if not directory.exists():
                with suppress(FileExistsError):  # Another process of the installation starts at the same moment.
                    _make(directory, mode)
    except OSError as error:
        raise Refused(DATA_DIRECTORY_UNUSABLE, path=home.root, reason=error.strerror or error) from error


def prepare(home: Home, account: Account) -> None:
    """Give the cluster's directories to the account and write the access rules, under the change lock.

    Refuses: DATA_DIRECTORY_CLOSED when the account cannot reach them, DATA_DIRECTORY_NOT_YOURS when the socket's
    directory is somebody else's.
    """
    for directory in [*reversed(home.root.parents), home.root]:
        if not may_pass(account, directory):
            raise Refused(DATA_DIRECTORY_CLOSED, account=account.name, closed=directory, wanted=home.root)
    own_directory(home.sockets, account)
    names = dict.fromkeys((account.name, "root"))
    _write(home.ident, "".join(f"lienthong {_quoted(name)} lienthong\n" for name in names))
    _write(
        home.hba,
        "local all all peer map=lienthong\n"
        "local replication all peer map=lienthong\n"
        "host all all all reject\n"
        "host replication all all reject\n",
    )


def own_directory(path: Path, account: Account) -> None:
    """A 0700 directory of the account, made here or found exactly so."""
    try:
        _make(path, 0o700)
        if account.switch:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    except FileExistsError:
        pass
    except OSError as error:
        raise Refused(DATA_DIRECTORY_UNUSABLE, path=path, reason=error.strerror or error) from error
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != account.uid:
        if stat.S_ISDIR(facts.st_mode) and account.switch and facts.st_uid == 0 and not any(path.iterdir()):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)  # Killed between mkdir and chown.
            return
        raise Refused(DATA_DIRECTORY_NOT_YOURS, path=path, owner=facts.st_uid, user=account.name)
    if stat.S_IMODE(facts.st_mode) != 0o700:
        path.chmod(0o700)


def _make(path: Path, mode: int) -> None:
    """mkdir whose mode does not depend on the umask."""
    path.mkdir(mode=mode)
    if stat.S_IMODE(path.stat().st_mode) != mode:
        path.chmod(mode)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _write(path: Path, text: str) -> None:
    """Replace a small file when it differs; readers see the old or the new one, never half."""
    try:
        if path.read_text("utf-8") == text:
            return
    except FileNotFoundError:
        pass
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_text(text, "utf-8")
    scratch.chmod(0o644)
    scratch.replace(path)
