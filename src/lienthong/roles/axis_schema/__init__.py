"""The axis's schema as a Django application without models: migrations that run the axis's own SQL.

Adding a migration: write ``NNNN_pre_name.sql`` (before the new code runs) or ``NNNN_post_name.sql`` (after the old
code is gone) beside the statements it serves, and a module of the same name in ``migrations`` that calls
:func:`lienthong.roles.axis_schema.sql_migration.from_sql`.
"""
