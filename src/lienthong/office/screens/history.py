"""The history of a document as people read it: what was said and done, statuses, files, and who looked at it."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from lienthong.base.clock import from_text
from lienthong.base.errors import Refused
from lienthong.office.incoming_words import ACTS, OPINIONS, ROLES, pick
from lienthong.office.models import Arrival, Document, Opinion, StatusEvent, StoredFile, Task
from lienthong.vocabulary.status import normalise
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Event

MOST = 400
LOOKING = frozenset({"document.viewed", "document.printed", "file.downloaded", "task.read"})
"""Entries that tell of looking, not of doing."""

_ICONS = {"directive": "opinion", "proposal": "forward", "report": "check", "reminder": "bell", "return": "return",
          "extension": "clock"}  # fmt: skip


def events_of(visit: Visit, document: Document) -> list[Event]:
    """Everything that was done, the newest first."""
    english = visit.language == "en"
    events = [
        *_opinions(visit, document),
        *_tasks(visit, document),
        *_statuses(visit, document),
        *_files(visit, document),
    ]
    for body in entries(document, "doing"):
        words = ACTS.get(body["action"])
        if words is not None:
            reason = str(body.get("detail", {}).get("reason", ""))
            events.append(Event(from_text(body["at"]), body["name"] or "—", words[english], reason, words[2]))
    return sorted(events, key=lambda each: each.at, reverse=True)[:MOST]


def access_to(visit: Visit, document: Document) -> list[Event]:
    """Who looked at it, printed it, took its files; the newest first."""
    return [
        Event(
            from_text(body["at"]),
            body["name"] or "—",
            ACTS[body["action"]][visit.language == "en"],
            "",
            ACTS[body["action"]][2],
        )
        for body in entries(document, "looking")[:50]
    ]


def entries(document: Document, which: str) -> list[dict[str, Any]]:
    """Audit entries about a document, its arrival, tasks and files; ``which``: ``doing`` or ``looking``."""
    objects = [f"document:{document.pk}"]
    objects += [f"task:{pk}" for pk in Task.objects.filter(document=document).values_list("pk", flat=True)]
    objects += [f"file:{pk}" for pk in StoredFile.objects.filter(document=document).values_list("pk", flat=True)]
    objects += [f"arrival:{pk}" for pk in Arrival.objects.filter(document=document).values_list("pk", flat=True)]
    test = "=" if which == "looking" else "<>"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select body from audit_entry where agency_id = %s and object = any(%s)
                and action {test} {"any" if which == "looking" else "all"}(%s) order by number desc limit {MOST}""",
            [document.agency_id, objects, sorted(LOOKING)],
        )
        return [json.loads(body) for (body,) in cursor.fetchall()]


def _opinions(visit: Visit, document: Document) -> list[Event]:
    found = Opinion.objects.filter(document=document).select_related("author", "for_whom").order_by("-pk")[:MOST]
    return [
        Event(
            each.at, _name(each.author.full_name, each.for_whom),
            pick(OPINIONS.get(each.kind, OPINIONS["opinion"]), visit.language), each.text,
            _ICONS.get(each.kind, "opinion"), "work" if each.kind == "directive" else "",
        )
        for each in found
    ]  # fmt: skip


def _tasks(visit: Visit, document: Document) -> list[Event]:
    english, events = visit.language == "en", list[Event]()
    rows = Task.objects.filter(document=document).select_related("account", "unit", "giver", "for_whom").order_by("-pk")
    for each in rows[:MOST]:
        owner = each.account.full_name if each.account else each.unit.name if each.unit else ""
        giver = _name(each.giver.full_name, each.for_whom) if each.giver else "—"
        role = pick(ROLES.get(each.role, ("", "")), visit.language)
        what = f"gave it to {owner} ({role})" if english else f"chuyển {owner} ({role})"
        events.append(Event(each.given_at, giver, what, "", "forward"))
        if each.ended_at is not None:
            ended = _ENDED.get(each.state, _ENDED["finished"])
            events.append(Event(each.ended_at, owner, ended[english], "", ended[2], ended[3]))
    return events


_ENDED: dict[str, tuple[str, str, str, Any]] = {
    "finished": ("hoàn thành phần việc", "finished", "check", "done"),
    "withdrawn": ("bị thu hồi việc", "had the task withdrawn", "undo", ""),
    "returned": ("trả lại việc", "returned the task", "return", "error"),
}


def _statuses(visit: Visit, document: Document) -> list[Event]:
    english, events = visit.language == "en", list[Event]()
    for each in StatusEvent.objects.filter(document=document).order_by("-pk")[:MOST]:
        try:
            label = normalise(each.code).label(visit.language)
        except Refused:
            label = str(each.code)
        if each.outward:
            what = f"told the issuer: {each.code:02d} {label}" if english else f"báo nơi gửi: {each.code:02d} {label}"
        else:
            what = f"reported: {each.code:02d} {label}" if english else f"báo về: {each.code:02d} {label}"
        who = pick(("Hệ thống", "The system"), visit.language) if each.outward else each.party
        events.append(Event(each.at, who, what, each.text, "send"))
    return events


def _files(visit: Visit, document: Document) -> list[Event]:
    rows = StoredFile.objects.filter(document=document).select_related("added_by").order_by("-pk")[:MOST]
    word = "added the file" if visit.language == "en" else "thêm tệp"
    version = "version" if visit.language == "en" else "bản"
    system = pick(("Hệ thống", "The system"), visit.language)
    return [
        Event(
            each.added_at, each.added_by.full_name if each.added_by else system,
            f"{word} “{each.name}” ({version} {each.version})", each.comment, "files",
        )
        for each in rows
    ]  # fmt: skip


def _name(author: str, principal: Any) -> str:
    return f"{author} thay {principal.full_name}" if principal is not None and principal.full_name != author else author
