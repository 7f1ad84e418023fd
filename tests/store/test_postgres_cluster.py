"""The launcher: one private cluster for the processes of an installation, on both supported servers."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest

import child_process
from fixtures_pg import binaries_for, make_directory
from lienthong.base.errors import Refused
from lienthong.infra.postgres import Cluster, Settings, database_of, reachable_home, watched
from lienthong.infra.postgres.backup import dump, restore

ROOT = os.geteuid() == 0
SMALL = Settings(shared_buffers="16MB")
Make = Callable[[], Cluster]


@pytest.fixture
def directory() -> Iterator[Path]:
    path = make_directory()
    yield path
    shutil.rmtree(path)


@pytest.fixture(params=["pg18", "pg15"])
def make(request: pytest.FixtureRequest, directory: Path) -> Iterator[Make]:
    """Makes handles on one cluster, as several processes would; what still runs at the end is stopped."""
    data = directory / "data"
    binaries = binaries_for(request.param, data)
    made: list[Cluster] = []

    def one() -> Cluster:
        made.append(Cluster(data, binaries, SMALL))
        return made[-1]

    yield one
    last = one()
    if last.server_pid() is not None:
        last.ensure_running()
    for cluster in made:
        cluster.stop()
    assert last.server_pid() is None


def ask(cluster: Cluster, query: str, database: str = "postgres") -> object:
    with psycopg.connect(cluster.dsn(database), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def kill_server(cluster: Cluster) -> int:
    pid = cluster.server_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: cluster.server_pid() is None)
    return pid


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_cluster_is_private_and_listens_on_no_network(make: Make) -> None:
    cluster = make()
    cluster.ensure_running()
    assert mode(cluster.home.data) == 0o700
    assert mode(cluster.home.sockets) == 0o700
    assert mode(cluster.home.log) == 0o600
    assert ask(cluster, "SHOW listen_addresses") == ""
    assert ask(cluster, "SHOW data_checksums") == "on"
    assert ask(cluster, "SHOW fsync") == "on"
    pid = cluster.server_pid()
    assert pid is not None
    inodes = {os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd") if os.path.islink(entry.path)}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            assert f"socket:[{line.split()[9]}]" not in inodes
    with psycopg.connect(cluster.dsn()) as connection:
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert {row[0] for row in methods} == {"peer", "reject"}
    server = pwd.getpwuid(os.stat(f"/proc/{pid}").st_uid).pw_name
    assert server != "root"


def test_nobody_else_may_connect_even_with_the_socket_in_reach(make: Make) -> None:
    cluster = make()
    cluster.ensure_running()
    with pytest.raises(psycopg.OperationalError, match="eer authentication failed"):
        psycopg.connect(cluster.dsn().replace("user=lienthong", "user=postgres"))
    if ROOT:
        dsn = cluster.dsn()
        socket = cluster.home.sockets / ".s.PGSQL.5432"

        def attempt() -> str:
            try:
                psycopg.connect(dsn)
            except psycopg.OperationalError as error:
                return str(error)
            return "connected"

        assert "ermission denied" in child_process.run(attempt, child_process.STRANGER)
        cluster.home.sockets.chmod(0o711)
        socket.chmod(0o777)
        assert "eer authentication failed" in child_process.run(attempt, child_process.STRANGER)


def test_several_databases_live_in_one_cluster_and_sort_by_code_point(make: Make) -> None:
    cluster = make()
    cluster.ensure_running()
    for name in ("axis", "office", 'odd "name'):
        cluster.create_database(name)
        cluster.create_database(name)
        assert ask(cluster, "SELECT current_database()", name) == name
    assert (
        ask(cluster, "SELECT string_agg(c, '' ORDER BY c) FROM unnest(ARRAY['đ','a','Z','ă','b']) c", "axis") == "Zabăđ"
    )
    assert ask(cluster, "SELECT upper('đường')", "axis") == "ĐƯỜNG"


def test_what_was_committed_survives_kill_9_of_the_server(make: Make) -> None:
    cluster = make()
    cluster.ensure_running()
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        killed = kill_server(cluster)
    cluster.ensure_running()
    assert cluster.server_pid() != killed
    assert ask(cluster, "SELECT n FROM kept") == 1


def test_a_watched_server_comes_back_by_itself(make: Make) -> None:
    cluster = make()
    cluster.ensure_running()
    said: list[tuple[str, str]] = []
    with watched(cluster, lambda vi, en: said.append((vi, en)), seconds=0.05):
        kill_server(cluster)
        wait_for(lambda: said)
    assert "khởi động lại" in said[0][0]
    assert "started again" in said[0][1]
    assert ask(cluster, "SELECT 1") == 1


def test_a_process_number_taken_by_another_program_does_not_block_the_start(make: Make) -> None:
    cluster = make()
    cluster.ensure_running()
    pid = kill_server(cluster)
    owner = cluster.home.data.stat()
    user = owner.st_uid if ROOT else None
    with subprocess.Popen(["sleep", "60"], user=user, cwd="/") as other:
        file = cluster.home.data / "postmaster.pid"
        file.write_text(file.read_text().replace(str(pid), str(other.pid)))
        lock = cluster.home.sockets / ".s.PGSQL.5432.lock"
        lock.write_text(lock.read_text().replace(str(pid), str(other.pid)))
        cluster.ensure_running()
        assert ask(cluster, "SELECT 1") == 1
        assert other.poll() is None
        other.kill()


def test_the_last_process_that_leaves_stops_the_server(make: Make) -> None:
    ours, theirs = make(), make()

    def member(connection: Connection) -> None:
        theirs.ensure_running()
        connection.send(theirs.server_pid())
        connection.recv()
        theirs.stop()

    process, pipe = child_process.start(member)
    pid = pipe.recv()
    ours.ensure_running()
    assert ours.server_pid() == pid
    ours.stop()
    assert ours.server_pid() == pid
    pipe.send("leave")
    process.join(30)
    wait_for(lambda: ours.server_pid() is None)
    assert "database system is shut down" in ours.home.log.read_text()


def test_a_member_killed_with_9_does_not_keep_the_server_alive(make: Make) -> None:
    ours, theirs = make(), make()

    def member(connection: Connection) -> None:
        theirs.ensure_running()
        connection.send("joined")
        connection.recv()

    process, pipe = child_process.start(member)
    assert pipe.recv() == "joined"
    ours.ensure_running()
    process.kill()
    process.join(10)
    assert ask(ours, "SELECT 1") == 1
    ours.stop()
    assert ours.server_pid() is None


def test_four_processes_that_start_at_once_share_one_server(make: Make) -> None:
    def member(connection: Connection) -> int | None:
        with make() as cluster:
            connection.send("joined")
            connection.recv()
            return cluster.server_pid()

    members = [child_process.start(member) for _ in range(4)]
    for _, pipe in members:
        assert pipe.recv() == "joined"
    for _, pipe in members:
        pipe.send("leave")
    answers = [pipe.recv() for _, pipe in members]
    assert len(set(answers)) == 1
    assert answers[0][0] == "result"
    for process, _ in members:
        process.join(30)
    wait_for(lambda: make().server_pid() is None)


def test_a_first_start_that_was_killed_is_begun_again(make: Make) -> None:
    cluster = make()
    cluster.home.unfinished.mkdir(parents=True)
    (cluster.home.unfinished / "PG_VERSION").write_text("18")
    cluster.ensure_running()
    assert not cluster.home.unfinished.exists()


def test_a_slow_recovery_is_waited_for_and_told(make: Make) -> None:
    cluster = make()
    cluster.ensure_running()
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE much AS SELECT n, repeat('x', 200) AS t FROM generate_series(1, 200000) n")
        kill_server(cluster)
    told: list[tuple[float, str, str]] = []
    frozen: list[int] = []

    def freeze() -> None:
        wait_for(lambda: (pid := cluster.server_pid()) and not frozen.append(pid))
        os.kill(frozen[0], signal.SIGSTOP)
        time.sleep(2.3)
        os.kill(frozen[0], signal.SIGCONT)

    process, _ = child_process.start(lambda connection: freeze())
    cluster.ensure_running(lambda seconds, vi, en: told.append((seconds, vi, en)))
    process.join(10)
    assert len(told) >= 2
    assert told[-1][0] >= 2
    assert "khôi phục" in told[-1][1]
    assert "recovering" in told[-1][2]
    assert ask(cluster, "SELECT count(*) FROM much") == 200000


def test_a_server_that_cannot_start_says_why(make: Make) -> None:
    cluster = make()
    cluster.ensure_running()
    cluster.stop()
    control = cluster.home.data / "global" / "pg_control"
    good = control.read_bytes()
    control.write_bytes(b"\0" * len(good))
    with pytest.raises(Refused) as refused:
        cluster.ensure_running()
    assert refused.value.code.name == "POSTGRES_DID_NOT_START"
    assert "FATAL" in refused.value.sentence("vi") or "PANIC" in refused.value.sentence("vi")
    control.write_bytes(good)


def test_a_backup_brings_a_database_back_whole(make: Make, directory: Path) -> None:
    cluster = make()
    cluster.ensure_running()
    dsn = cluster.create_database("before")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT n, 'số ' || n AS text FROM generate_series(1, 1000) n")
    copy = directory / "copy.dump"
    dump(cluster.binaries, dsn, copy)
    assert mode(copy) == 0o600
    restore(cluster.binaries, cluster.create_database("after"), copy)
    same = "SELECT md5(string_agg(t::text, ',' ORDER BY n)) FROM t"
    assert ask(cluster, same, "after") == ask(cluster, same, "before")
    with pytest.raises(Refused, match="BACKUP_FAILED"):
        restore(cluster.binaries, dsn, copy)
    with pytest.raises(Refused, match="BACKUP_FAILED"):
        dump(cluster.binaries, cluster.dsn("nowhere"), copy)
    restore(cluster.binaries, cluster.create_database("again"), copy)
    assert sorted(path.name for path in directory.iterdir()) == ["copy.dump", "data"]


def test_a_path_too_long_for_a_socket_works_and_parents_keep_their_modes(directory: Path) -> None:
    parent = directory / ("dài " * 12) / ("x" * 120)
    parent.mkdir(parents=True)
    parent.chmod(0o751)
    with Cluster(parent / "data", settings=SMALL) as cluster:
        assert ask(cluster, "SELECT 1") == 1
        assert mode(cluster.home.sockets) == 0o700
        shutil.copy(cluster.home.hba, directory)
    assert mode(parent) == 0o751
    cluster.home.sockets.rmdir()


@pytest.mark.parametrize("server", ["pg18", "pg15"])
def test_an_ordinary_user_runs_the_cluster_as_himself(directory: Path, server: str) -> None:
    home = directory / "theirs"
    home.mkdir(mode=0o700)
    binaries = binaries_for(server, directory)
    if ROOT:
        shutil.chown(home, child_process.STRANGER)

    def session() -> tuple[object, int]:
        with Cluster(home / "deep" / "data", binaries, SMALL) as cluster:
            return ask(cluster, "SELECT 1"), cluster.home.data.stat().st_uid

    answer, owner = child_process.run(session, child_process.STRANGER if ROOT else None)
    assert answer == 1
    assert owner == (pwd.getpwnam(child_process.STRANGER).pw_uid if ROOT else os.geteuid())
    # Root over the data of a user runs the server as that user, and the user can go on afterwards.
    with Cluster(home / "deep" / "data", binaries, SMALL) as cluster:
        assert ask(cluster, "SELECT 1") == 1
    assert child_process.run(session, child_process.STRANGER if ROOT else None)[0] == 1


def test_a_closed_directory_is_refused_for_root_and_replaced_for_a_demonstration(directory: Path) -> None:
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    if not ROOT:
        assert reachable_home(closed / "demo") == closed / "demo"
        with Cluster(closed / "demo", settings=SMALL) as cluster:
            assert ask(cluster, "SELECT 1") == 1
        return
    with pytest.raises(Refused) as refused:
        Cluster(closed / "demo", settings=SMALL).ensure_running()
    assert refused.value.code.name == "DATA_DIRECTORY_CLOSED"
    assert str(closed) in refused.value.sentence("vi")
    assert mode(closed) == 0o700
    elsewhere = reachable_home(closed / "demo")
    assert elsewhere.parent == Path("/var/lib/lienthong")
    assert reachable_home(closed / "demo") == elsewhere
    with Cluster(elsewhere, settings=SMALL) as cluster:
        assert ask(cluster, "SELECT 1") == 1
    shutil.rmtree(elsewhere)


def test_somebody_elses_data_is_refused(directory: Path) -> None:
    if not ROOT:
        with pytest.raises(Refused, match="DATA_DIRECTORY_UNUSABLE"):
            Cluster(Path("/proc/data"), settings=SMALL).ensure_running()
        return
    data = directory / "data"
    with Cluster(data, settings=SMALL):
        pass

    def session() -> str:
        try:
            Cluster(data, settings=SMALL).ensure_running()
        except Refused as refused:
            return refused.code.name
        return "started"

    assert child_process.run(session, child_process.STRANGER) == "DATA_DIRECTORY_NOT_YOURS"


def test_a_configured_dsn_is_used_as_it_is_and_nothing_is_started(directory: Path) -> None:
    with database_of("host=db.example dbname=axis", directory / "data", "axis") as dsn:
        assert dsn == "host=db.example dbname=axis"
    assert list(directory.iterdir()) == []


def test_programs_that_were_configured_are_the_only_ones_tried(directory: Path) -> None:
    empty = directory / "programs"
    empty.mkdir()
    with (
        pytest.raises(Refused, match="POSTGRES_NOT_FOUND"),
        database_of(None, directory / "data", "axis", programs=empty),
    ):
        raise AssertionError("started")


def test_a_role_without_dsn_gets_its_database_in_the_private_cluster(directory: Path) -> None:
    with database_of(None, directory / "data", "axis", settings=SMALL) as dsn, psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("axis",)
    assert Cluster(directory / "data").server_pid() is None


def test_the_programs_that_the_operator_chose_are_used_and_no_others(directory: Path) -> None:
    chosen = binaries_for("pg15", directory).bin_dir
    with (
        database_of(None, directory / "data", "axis", settings=SMALL, programs=chosen) as dsn,
        psycopg.connect(dsn) as connection,
    ):
        pid = connection.info.backend_pid
        assert Path(os.readlink(f"/proc/{pid}/exe")).parent == chosen.resolve()
    with (
        pytest.raises(Refused, match="POSTGRES_NOT_FOUND"),
        database_of(None, directory / "other", "axis", programs=directory / "nothing"),
    ):
        raise AssertionError("nothing may be started")
