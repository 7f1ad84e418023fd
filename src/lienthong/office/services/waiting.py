"""What waits for the worker, asked once for all agencies: an installation holds thousands, most with nothing to do."""

from __future__ import annotations

from enum import StrEnum

from django.db import connection


class Work(StrEnum):
    """A work that rows of an agency wait for."""

    CHECKING = "checking"
    SENDING = "sending"
    WEBHOOKS = "webhooks"
    IMPORTS = "imports"
    NOTICES = "notices"
    PUSHES = "pushes"
    MAILBOXES = "mailboxes"
    """Agencies that have one; what lies in it is known only there."""


def agencies_here() -> list[tuple[int, str]]:
    """Ids and codes of the agencies of this installation."""
    return _listed("select id, code from people_agencies()")


def agencies_waiting_for(work: Work) -> list[tuple[int, str]]:
    """Ids and codes of the agencies in which something waits for this work; nothing else is told of them."""
    return _listed("select id, code from office_agencies_waiting(%s)", work.value)


def agencies_with_letters() -> list[tuple[int, str]]:
    """Ids and codes of the agencies that have documents to be sent by e-mail now."""
    return _listed("select id, code from office_agencies_with_letters()")


def _listed(question: str, *values: str) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return [(int(number), str(code)) for number, code in cursor.fetchall()]
