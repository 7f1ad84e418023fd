"""The history of a document as people read it: what was said and done, statuses, files, and who looked at it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from lienthong.base.clock import from_text
from lienthong.base.errors import Refused
from lienthong.office.incoming_words import ACTS, OPINIONS, ROLES, pick
from lienthong.office.models import Arrival, Document, Opinion, StatusEvent, StoredFile, Task
from lienthong.vocabulary.status import normalise
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Event

MOST, MOST_LOOKS = 400, 50
LOOKING = frozenset({"document.viewed", "document.printed", "file.downloaded", "task.read"})
"""Entries that tell of looking, not of doing."""

_ICONS = {"directive": "opinion", "proposal": "forward", "report": "check", "reminder": "bell", "return": "return",
          "extension": "clock"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class History:
    """What was done with a document and who looked at it, printed it or took its files; the newest first."""

    events: Sequence[Event]
    access: Sequence[Event]


def history_of(visit: Visit, document: Document) -> History:
    """The whole history of a document, its arrival, tasks and files; each table is asked once."""
    english = visit.language == "en"
    tasks = list(
        Task.objects.filter(document=document).select_related("account", "unit", "giver", "for_whom").order_by("-pk")
    )
    files = list(StoredFile.objects.filter(document=document).select_related("added_by").order_by("-pk"))
    entries = _entries(document, tasks, files)
    events = [
        *_opinions(visit, document),
        *_tasks(visit, tasks[:MOST]),
        *_statuses(visit, document),
        *_files(visit, files[:MOST]),
        *(_event(body, english) for body in entries if body["action"] not in LOOKING and body["action"] in ACTS),
    ]
    return History(
        sorted(events, key=lambda each: each.at, reverse=True)[:MOST],
        [_event(body, english) for body in entries if body["action"] in LOOKING],
    )


def _event(body: Mapping[str, Any], english: bool) -> Event:
    words = ACTS[body["action"]]
    reason = "" if body["action"] in LOOKING else str(body.get("detail", {}).get("reason", ""))
    return Event(from_text(body["at"]), body["name"] or "—", words[english], reason, words[2])


def _entries(document: Document, tasks: Sequence[Task], files: Sequence[StoredFile]) -> list[dict[str, Any]]:
    """The newest entries of the audit log that tell of doing, then the newest that tell of looking."""
    objects = [
        f"document:{document.pk}",
        *(f"task:{each.pk}" for each in tasks),
        *(f"file:{each.pk}" for each in files),
    ]
    objects += [f"arrival:{pk}" for pk in Arrival.objects.filter(document=document).values_list("pk", flat=True)]
    where = "select body from audit_entry where agency_id = %s and object = any(%s) and"
    agency, looking = document.agency_id, sorted(LOOKING)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""({where} action <> all(%s) order by number desc limit {MOST})
                union all ({where} action = any(%s) order by number desc limit {MOST_LOOKS})""",
            [agency, objects, looking, agency, objects, looking],
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


def _tasks(visit: Visit, tasks: Iterable[Task]) -> list[Event]:
    english, events = visit.language == "en", list[Event]()
    for each in tasks:
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


def _files(visit: Visit, files: Iterable[StoredFile]) -> list[Event]:
    word = "added the file" if visit.language == "en" else "thêm tệp"
    version = "version" if visit.language == "en" else "bản"
    system = pick(("Hệ thống", "The system"), visit.language)
    return [
        Event(
            each.added_at, each.added_by.full_name if each.added_by else system,
            f"{word} “{each.name}” ({version} {each.version})", each.comment, "files",
        )
        for each in files
    ]  # fmt: skip


def _name(author: str, principal: Any) -> str:
    return f"{author} thay {principal.full_name}" if principal is not None and principal.full_name != author else author
