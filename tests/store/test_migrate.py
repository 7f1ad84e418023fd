"""The schema comes to the version of the program, whoever asks first."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest

import child_process
from fixtures_pg import Database
from lienthong.base.errors import Refused
from lienthong.infra.postgres import Cluster
from lienthong.roles.migrate import known, migrate, missing


def empty(cluster: Cluster, name: str) -> str:
    return cluster.create_database(name)


def test_a_database_at_the_head_costs_one_query_and_no_django(database: Database) -> None:
    assert missing(database.dsn) == []
    check = (
        "import sys; from lienthong.roles.migrate import migrate; "
        "assert migrate(sys.stdin.read()) is False; assert 'django' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", check], input=database.dsn, text=True, check=True)


def test_processes_that_migrate_at_once_all_find_the_schema(pg18: Cluster) -> None:
    dsn = empty(pg18, "migrate_at_once")
    assert missing(dsn) == known()
    members = [child_process.start(lambda connection: migrate(dsn)) for _ in range(3)]
    answers = [pipe.recv() for _, pipe in members]
    for process, _ in members:
        process.join(30)
    assert sorted(answers) == [("result", False), ("result", False), ("result", True)]
    assert missing(dsn) == []
    pg18.drop_database("migrate_at_once")


def test_a_newer_schema_is_refused(database18: Database) -> None:
    with psycopg.connect(database18.dsn) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('axis_schema', '9999_pre_future', now())"
        )
    with pytest.raises(Refused, match="9999_pre_future"):
        migrate(database18.dsn)


def test_a_migration_that_fails_leaves_nothing_and_says_why(pg18: Cluster) -> None:
    dsn = empty(pg18, "migrate_fails")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE axis_fact (in_the_way int)")
    with pytest.raises(Refused, match="axis_fact"):
        migrate(dsn)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT to_regclass('envelope')").fetchone() == (None,)
        connection.execute("DROP TABLE axis_fact")
    assert migrate(dsn) is True
    pg18.drop_database("migrate_fails")
