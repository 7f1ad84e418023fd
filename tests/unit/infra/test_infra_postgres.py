"""Finding programs, choosing settings and paths: what needs no server."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from lienthong.base.errors import Refused
from lienthong.infra.database import conninfo
from lienthong.infra.postgres import Settings, find_binaries
from lienthong.infra.postgres.binaries import installed
from lienthong.infra.postgres.home import Home
from lienthong.infra.postgres.launch import log_since


def programs(under: Path, *versions: str) -> None:
    for version in versions:
        bin_dir = under / version / "bin"
        bin_dir.mkdir(parents=True)
        for name in ("postgres", "initdb", "pg_dump", "pg_restore"):
            (bin_dir / name).touch(mode=0o755)


def test_the_newest_supported_version_of_the_system_is_taken(tmp_path: Path) -> None:
    programs(tmp_path, "14", "15", "17", "19")
    assert [each.major for each in installed(tmp_path)] == [17, 15]


def test_client_programs_alone_are_no_server(tmp_path: Path) -> None:
    programs(tmp_path, "16")
    (tmp_path / "16" / "bin" / "initdb").unlink()
    assert installed(tmp_path) == []


def test_a_configured_directory_without_a_server_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="POSTGRES_NOT_FOUND"):
        find_binaries(tmp_path / "pg", tmp_path)


def test_programs_of_another_major_version_are_refused(tmp_path: Path) -> None:
    programs(tmp_path, "17")
    data = tmp_path / "pg" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(Refused, match="POSTGRES_OTHER_MAJOR"):
        find_binaries(tmp_path / "pg", tmp_path / "17" / "bin")


@pytest.mark.parametrize("name", ["listen_addresses", "fsync", "hba_file", "unix_socket_permissions", "FSYNC"])
def test_a_role_cannot_loosen_what_keeps_the_cluster_private_and_durable(name: str) -> None:
    with pytest.raises(ValueError, match="fixed"):
        Settings(more={name: "x"})


@given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), min_size=1, max_size=120))
def test_the_socket_fits_whatever_the_directory_is_called(name: str) -> None:
    socket = Home(Path("/srv") / name.replace("/", "_")).sockets / ".s.PGSQL.5432"
    assert len(str(socket).encode()) <= 107


def test_what_a_dsn_says_itself_wins() -> None:
    ours = conninfo_to_dict(conninfo("host=db.example application_name=mine", "axis"))
    assert ours["application_name"] == "mine"
    assert ours["connect_timeout"] == 5 or ours["connect_timeout"] == "5"


def test_the_reason_is_the_last_fatal_line_since_the_start(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("FATAL:  old\n")
    offset = log.stat().st_size
    with log.open("a") as stream:
        stream.write("LOG:  starting\nFATAL:  new\nLOG:  shut down\n")
    assert log_since(log, offset) == "FATAL:  new"
    assert log_since(tmp_path / "absent", 0) == ""
