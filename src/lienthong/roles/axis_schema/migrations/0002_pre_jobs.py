"""The job engine's tables."""

from lienthong.roles.axis_schema.sql_migration import from_sql

Migration = from_sql("lienthong.infra", "sql/job.sql", after="0001_pre_axis")
