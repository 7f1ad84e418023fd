"""Rows on their way into the database: gathered by table, numbered ahead, written by COPY in the order of needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from psycopg import Connection, sql

from lienthong.office.models import (
    Arrival,
    Delivery,
    Document,
    DocumentText,
    Dossier,
    DossierDocument,
    FilePlan,
    FilePlanHeading,
    Notice,
    NumberEntry,
    Opinion,
    Reader,
    Register,
    Review,
    SigningStep,
    StatusEvent,
    StoredFile,
    Task,
)
from lienthong.webkit.people.models import Account, Agency, Appointment, Unit

ORDER: tuple[type[models.Model], ...] = (
    Agency, Unit, Account, Appointment, Register, FilePlan, FilePlanHeading, Dossier, Document, DocumentText, Arrival,
    StoredFile, NumberEntry, Reader, Task, Opinion, Review, SigningStep, Delivery, StatusEvent, DossierDocument, Notice,
)  # fmt: skip
"""Tables, each after those to which it points."""

AHEAD = 2000
"""Ids that are taken from a sequence at once."""


class Table:
    """Columns of a model and what they hold when nothing is said."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = model._meta.local_concrete_fields
        self.name = model._meta.db_table
        self.columns = [str(field.column) for field in fields]
        self.places = {field.attname: n for n, field in enumerate(fields)}
        self.defaults = [_default(field) for field in fields]
        self.jsons = [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]
        self.serial = model._meta.pk is not None and isinstance(model._meta.pk, models.AutoField)

    def row(self, values: dict[str, Any]) -> list[Any]:
        """A row with these values, by name of the model's attribute."""
        made = self.defaults.copy()
        for name, value in values.items():
            made[self.places[name]] = value
        for n in self.jsons:
            made[n] = None if made[n] is None else json.dumps(made[n], ensure_ascii=False)
        return made


class Rows:
    """Rows that wait for :meth:`write`. Ids are known at once, so that rows can point to each other."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._tables = {model: Table(model) for model in ORDER}
        self._waiting: dict[type[models.Model], list[list[Any]]] = {model: [] for model in ORDER}
        self._ids: dict[type[models.Model], Iterator[int]] = {}

    def add(self, model: type[models.Model], **values: Any) -> int:
        """Add a row; its id, or 0 for a table without ids of its own."""
        table = self._tables[model]
        number = self._next(model) if table.serial else 0
        if number:
            values["id"] = number
        self._waiting[model].append(table.row(values))
        return number

    def write(self) -> int:
        """Copy everything that waits; how many rows."""
        count = 0
        with self._connection.cursor() as cursor:
            for model, rows in self._waiting.items():
                if rows:
                    table = self._tables[model]
                    with cursor.copy(_copy(table.name, table.columns)) as copy:
                        for row in rows:
                            copy.write_row(row)
                    count += len(rows)
                    rows.clear()
        return count

    def forget(self) -> None:
        """Leave out everything that waits, after a transaction that failed."""
        for rows in self._waiting.values():
            rows.clear()

    def _next(self, model: type[models.Model]) -> int:
        found = next(self._ids.get(model, iter(())), None)
        if found is None:
            # Each id is taken by itself, so that pages that write at the same moment cannot get one of them.
            taken = self._connection.execute(
                "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)",
                (self._tables[model].name, AHEAD if model in _MANY else 20),
            ).fetchall()
            self._ids[model] = iter([int(row[0]) for row in taken])
            found = next(self._ids[model])
        return found


_MANY = {Document, Arrival, StoredFile, NumberEntry, Reader, Task, Opinion, Review, SigningStep, Delivery, StatusEvent,
         DossierDocument, Notice}  # fmt: skip


def _copy(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )


def _default(field: Any) -> Any:
    return field.get_default() if field.has_default() else ("" if _is_text(field) else None)


def _is_text(field: Any) -> bool:
    return isinstance(field, models.CharField | models.TextField) and not field.null
