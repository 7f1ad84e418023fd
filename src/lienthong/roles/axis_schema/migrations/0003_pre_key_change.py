"""Evidence of the changes that systems make to their own keys."""

from lienthong.roles.axis_schema.sql_migration import from_sql

Migration = from_sql("lienthong.exchange.store", "sql/0003_pre_key_change.sql", after="0002_pre_jobs")
