"""What a failure of the database means to whoever asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest

from fixtures_pg import Database
from lienthong.base.errors import Refused, Retry
from lienthong.infra.database import connect, database_errors, may_repeat, open_pool


def test_a_connection_carries_its_role_a_time_limit_and_utc(database: Database) -> None:
    with connect(database.dsn, "axis", statement_seconds=1.5) as connection:
        query = "SELECT current_setting('application_name'), current_setting('statement_timeout'), current_setting('TimeZone')"
        assert connection.execute(query).fetchone() == ("axis", "1500ms", "UTC")


def test_a_statement_over_its_time_is_a_transient_refusal(database: Database) -> None:
    with connect(database.dsn, "axis", statement_seconds=0.05) as connection:
        with pytest.raises(Refused, match="DATABASE_BUSY") as refused, database_errors():
            connection.execute("SELECT pg_sleep(5)")
        assert refused.value.code.retry is Retry.TRANSIENT
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_cut_connection_is_a_transient_refusal(database: Database) -> None:
    with connect(database.dsn, "axis") as connection, connect(database.dsn, "other") as other:
        other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        with pytest.raises(Refused, match="DATABASE_AWAY"), database_errors():
            connection.execute("SELECT 1")
        with pytest.raises(Refused, match="DATABASE_AWAY"), database_errors():
            connection.execute("SELECT 1")


def test_a_server_that_is_not_there_is_a_transient_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="DATABASE_AWAY"):
        connect(f"host={tmp_path}", "axis")


def test_a_broken_rule_of_the_schema_passes_unchanged(database: Database) -> None:
    with connect(database.dsn, "axis") as connection:
        connection.execute("CREATE TABLE once (n int PRIMARY KEY)")
        connection.execute("INSERT INTO once VALUES (1)")
        with pytest.raises(psycopg.errors.UniqueViolation) as violation, database_errors():
            connection.execute("INSERT INTO once VALUES (1)")
    assert not may_repeat(violation.value)


def test_a_transaction_that_met_another_may_be_repeated(database: Database) -> None:
    with connect(database.dsn, "one") as one, connect(database.dsn, "two") as two:
        one.execute("CREATE TABLE met AS SELECT 1 AS n")
        for each in (one, two):
            each.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            each.execute("SELECT n FROM met")
        one.execute("UPDATE met SET n = 2")
        one.execute("COMMIT")
        with pytest.raises(psycopg.errors.SerializationFailure) as failure:
            two.execute("UPDATE met SET n = 3")
        assert may_repeat(failure.value)


def test_a_pool_holds_its_connections_and_replaces_a_cut_one(database: Database) -> None:
    async def story() -> None:
        async with open_pool(database.dsn, "axis", size=3) as pool:
            with connect(database.dsn, "observer") as observer:
                count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'axis' AND datname = current_database()"
                assert observer.execute(count).fetchone() == (3,)
                observer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'axis' AND datname = current_database()"
                )
            async with pool.connection() as connection:
                answer = await connection.execute("SELECT 1")
                assert await answer.fetchone() == (1,)

    asyncio.run(story())
