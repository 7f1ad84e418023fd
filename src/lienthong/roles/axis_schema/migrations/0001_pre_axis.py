"""The axis's first tables."""

from lienthong.roles.axis_schema.sql_migration import from_sql

Migration = from_sql("lienthong.exchange.store", "sql/0001_pre_axis.sql")
