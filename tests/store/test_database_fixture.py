"""The two servers that every test of the store runs on."""

import psycopg

from fixtures_pg import Database


def test_a_test_database_is_fresh_and_carries_the_schema(database: Database) -> None:
    with psycopg.connect(database.dsn) as connection:
        version = connection.info.server_version // 10000
        assert connection.execute("SELECT count(*) FROM envelope").fetchone() == (0,)
        tables = connection.execute(
            "SELECT datcollate, datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
        )
        assert tables.fetchone() == ("C", "C.UTF-8", "UTF8")
    assert version == 18 if database.server == "pg18" else 15 <= version <= 18
