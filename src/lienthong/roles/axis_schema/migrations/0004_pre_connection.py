"""Connections of systems that speak a compatible face."""

from lienthong.roles.axis_schema.sql_migration import from_sql

Migration = from_sql("lienthong.exchange.store", "sql/0004_pre_connection.sql", after="0003_pre_key_change")
