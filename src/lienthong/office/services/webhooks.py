"""Signed webhooks (báo tin cho phần mềm): subscriptions of an agency, and the calls written with what they tell.

What is called out is a CloudEvent 1.0 without content: what happened to which document, and when; the program asks the
programming interface for the rest, with its own rights.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from lienthong.base.clock import to_text
from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE
from lienthong.office.models import Document, Webhook, WebhookCall
from lienthong.office.services.hook_targets import pin
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.signin.sealing import seal
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

AT_MOST = 20
BOTH_SECRETS = timedelta(hours=24)
"""How long the old secret signs beside the new one."""

SECRET_MARK = "whsec_"  # noqa: S105 - the beginning of every secret, itself none
TEST = "test"
EVENTS = {
    "document.registered": "Văn bản đến đã vào sổ", "document.directed": "Văn bản đến đã có chỉ đạo",
    "document.issued": "Văn bản đi đã phát hành", "document.finished": "Văn bản đến đã xử lý xong",
    "document.recalled": "Văn bản bị thu hồi", "status.received": "Nơi nhận báo trạng thái",
}  # fmt: skip
"""What can be subscribed to, in words."""


def tell_programs(visit: Visit, event: str, document: Document, **data: str | int) -> None:
    """Write a call for each program that wants this event, in the transaction of what happened. ``data``: beside the
    document's identifiers, never content. ``event``: one of :data:`EVENTS`."""
    if event not in EVENTS:
        raise ValueError(f"no such event: {event}")
    for each in Webhook.objects.filter(agency_id=document.agency_id, ended_at__isnull=True, paused_at__isnull=True):
        if event in each.events:
            _write(visit, each, event, f"documents/{document.pk}", {"document": document.pk, **data})


def _write(visit: Visit, hook: Webhook, event: str, subject: str, data: dict[str, Any]) -> WebhookCall:
    key = secrets.token_hex(16)
    body = {
        "specversion": "1.0", "id": key, "source": f"{site().public_url}/api/v1", "type": event, "subject": subject,
        "time": to_text(visit.now), "datacontenttype": "application/json",
        "data": {**data, "href": f"/api/v1/{subject}"} if data else {},
    }  # fmt: skip
    return WebhookCall.objects.create(
        agency_id=hook.agency_id, webhook=hook, event=event, key=key, next_at=visit.now, made_at=visit.now,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    )  # fmt: skip


def subscribe(visit: Visit, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """A new subscription and its secret, which exists as text only in this answer.

    Refuses NOT_YOURS, FIELDS_WRONG, STEP_NOT_POSSIBLE (too many).
    """
    _require_administrator(visit)
    address, wanted = url.strip(), sorted(set(events) & EVENTS.keys())
    problems = []
    try:
        pin(address)
    except Refused as refused:
        problems.append(Problem(ProblemKind.FORMAT, "url", refused.sentence("vi"), refused.sentence("en")))
    if not wanted:
        problems.append(Problem(ProblemKind.REQUIRED, "events", "Chọn ít nhất một sự kiện.", "Choose an event."))
    if problems:
        raise Refused(FIELDS_WRONG, tuple(problems), count=len(problems))
    if Webhook.objects.filter(agency=visit.agency, ended_at__isnull=True).count() >= AT_MOST:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi=f"đã có {AT_MOST} đăng ký", reason_en=f"there are {AT_MOST} already")
    secret = secrets.token_bytes(32)
    made = Webhook.objects.create(
        agency=visit.agency, url=address, events=wanted, secret=seal(secret), made_at=visit.now,
        made_by=visit.who.account,
    )  # fmt: skip
    visit.note("webhook.made", f"webhook:{made.pk}", url=address, events=wanted)
    return made, shown(secret)


def rotate(visit: Visit, webhook: int) -> tuple[Webhook, str]:
    """A new secret; the old one signs beside it for a day. Refuses NOT_YOURS, NOT_FOUND_HERE."""
    found, secret = find(visit, webhook), secrets.token_bytes(32)
    found.old_secret, found.old_until, found.secret = found.secret, visit.now + BOTH_SECRETS, seal(secret)
    found.save(update_fields=["old_secret", "old_until", "secret"])
    visit.note("webhook.rotated", f"webhook:{found.pk}")
    return found, shown(secret)


def end(visit: Visit, webhook: int) -> None:
    """End a subscription; what waits for it is given up. Refuses NOT_YOURS, NOT_FOUND_HERE."""
    found = find(visit, webhook)
    Webhook.objects.filter(pk=found.pk).update(ended_at=visit.now)
    WebhookCall.objects.filter(webhook=found, state="waiting").update(
        state="given_up", ended_at=visit.now, reason="đã bỏ đăng ký"
    )
    visit.note("webhook.ended", f"webhook:{found.pk}")


def try_out(visit: Visit, webhook: int) -> WebhookCall:
    """A call that says nothing but that it is one; it goes out at once and its outcome is shown like that of others."""
    made = _write(visit, find(visit, webhook), TEST, TEST, {})
    visit.note("webhook.tried", f"webhook:{made.webhook_id}")
    return made


def call_again(visit: Visit, webhook: int) -> int:
    """Try everything that waits or was given up in the last month once more, from now on; how many."""
    found = find(visit, webhook)
    again = WebhookCall.objects.filter(
        webhook=found, state__in=("waiting", "given_up"), made_at__gt=visit.now - timedelta(days=30)
    )
    count = again.update(state="waiting", attempts=0, next_at=visit.now, made_at=visit.now, ended_at=None, reason="")
    visit.note("webhook.called_again", f"webhook:{found.pk}", count=count)
    return count


def newest_calls(hooks: Iterable[Webhook], most: int) -> dict[int, list[WebhookCall]]:
    """The last calls of each of these subscriptions, the newest first."""
    own = WebhookCall.objects.filter(webhook=OuterRef("pk")).order_by("-pk").values("pk")[:most]
    chosen = Webhook.objects.filter(pk__in=[each.pk for each in hooks]).annotate(newest=ArraySubquery(own))
    newest = dict(chosen.values_list("pk", "newest"))
    found: dict[int, list[WebhookCall]] = {pk: [] for pk in newest}
    wanted = [pk for row in newest.values() for pk in row]
    for each in WebhookCall.objects.filter(pk__in=wanted).order_by("-pk"):
        found[each.webhook_id].append(each)
    return found


def find(visit: Visit, webhook: int) -> Webhook:
    """A subscription of this agency. Refuses NOT_YOURS, NOT_FOUND_HERE."""
    _require_administrator(visit)
    found = Webhook.objects.filter(pk=webhook, agency=visit.agency, ended_at__isnull=True).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def shown(secret: bytes) -> str:
    """A secret as the program gets it, once."""
    return SECRET_MARK + base64.b64encode(secret).decode()


def _require_administrator(visit: Visit) -> None:
    if not visit.who.may(Duty.ADMINISTRATOR):
        raise Refused(NOT_YOURS, reason_vi="chỉ quản trị đăng ký báo tin", reason_en="only administrators subscribe")
