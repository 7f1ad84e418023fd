"""One installation, many agencies: every row belongs to one, and PostgreSQL itself keeps them apart.

Pages and workers of a web context connect as :data:`ROLE`, which owns nothing and sees, in every table that
:func:`protect` was called for, only rows whose ``agency_id`` is the agency of the connection (row-level security).
Which agency that is says the setting :data:`SETTING`; while it is empty, no row is seen. Reading across agencies
happens only in functions of the schema that say so (``security definer``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.migrations import RunSQL

ROLE = "lienthong_web"
"""The database role of pages and workers; it owns no table and bypasses no rule."""

SETTING = "lienthong.agency"

CURRENT = f"nullif(current_setting('{SETTING}', true), '')::bigint"
"""SQL: the agency of this connection, NULL when none is set."""

MAKE_ROLE = RunSQL(
    f"""
    do $$ begin
        create role {ROLE} nologin nobypassrls;
    exception when duplicate_object or unique_violation then null; end $$;
    do $$ begin
        execute format('grant {ROLE} to %I', current_user);
        execute format('grant usage on schema %I to {ROLE}', current_schema());
    end $$;""",
    RunSQL.noop,
)
"""Make the role once in a cluster; several databases may share it."""


def protect(*tables: str, rights: str = "select, insert, update, delete", column: str = "agency_id") -> RunSQL:
    """Migration step: only rows of the connection's agency can be seen or written, and only with these ``rights``."""
    made = "\n".join(
        f"""alter table {table} enable row level security;
        create policy of_one_agency on {table} using ({column} = {CURRENT}) with check ({column} = {CURRENT});
        grant {rights} on {table} to {ROLE};
        grant usage on all sequences in schema public to {ROLE};"""
        for table in tables
    )
    return RunSQL(made, RunSQL.noop)


def share(*tables: str, rights: str = "select") -> RunSQL:
    """Migration step: a table that belongs to no agency, such as the installation's own lists."""
    return RunSQL("\n".join(f"grant {rights} on {table} to {ROLE};" for table in tables), RunSQL.noop)


def enter(agency: int | None) -> None:
    """From now on this connection sees this agency; None: no agency at all."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, false)", [SETTING, "" if agency is None else str(agency)])


@contextmanager
def acting_for(agency: int) -> Iterator[None]:
    """Work for one agency, then again for whom the connection worked before, usually nobody."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting(%s, true), set_config(%s, %s, false)", [SETTING, SETTING, str(agency)])
        row = cursor.fetchone()
    before = row[0] if row and row[0] else ""
    try:
        yield
    finally:
        enter(int(before) if before else None)


@contextmanager
def as_owner() -> Iterator[None]:
    """For verbs of the operator only, such as founding an agency: the tables' owner, whom the rules do not bind."""
    with connection.cursor() as cursor:
        cursor.execute("set role none")
        try:
            yield
        finally:
            cursor.execute(f"set role {ROLE}")


def unprotected(allowed: Sequence[str] = ()) -> list[str]:
    """Tables that the role can reach without row-level security and that are not ``allowed``: a fault of the schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
               and not relrowsecurity and has_table_privilege(%s, oid, 'select, insert, update, delete')""",
            [ROLE],
        )
        return sorted(name for (name,) in cursor.fetchall() if name not in allowed)


def require_separation() -> None:
    """Refuse to run as a role that the rules do not bind; an installation without separation must not start."""
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        row = cursor.fetchone()
    if row is None or row[0] != ROLE or row[1]:
        raise RuntimeError(f"connected as {row and row[0]}, which row-level security does not bind")
