"""Making the calls to programs: signed, again at growing intervals, given up after three days.

Signature: HMAC-SHA-256 over ``webhook-id.webhook-timestamp.body`` (Standard Webhooks), the same headers as those of the
connector's local face. An answer of 2xx is heard; everything else is tried again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from django.db import transaction

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra import telemetry
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.office.errors import HOOK_NOT_ANSWERED
from lienthong.office.models import Webhook, WebhookCall
from lienthong.office.services.hook_targets import pin
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.signin.sealing import unseal

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=6)
PATIENCE = timedelta(days=3)
CLAIM = timedelta(seconds=60)
"""For how long a call that is being made is nobody else's; a process that dies meanwhile leaves it to the next."""

TIMEOUT = 10.0
AT_ONCE = 50
MEDIA_TYPE = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One signed call: where to, and what."""

    url: str
    headers: dict[str, str]
    body: bytes


Send = Callable[[Outgoing], None]


def signature(secrets: list[bytes], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a signed call; one signature for each secret in force, with a space between."""
    seconds = str(int(at.timestamp()))
    signed = f"{id_}.{seconds}.".encode() + body
    made = [base64.b64encode(hmac.new(each, signed, hashlib.sha256).digest()).decode() for each in secrets]
    return {
        "webhook-id": id_, "webhook-timestamp": seconds, "webhook-signature": " ".join(f"v1,{each}" for each in made),
    }  # fmt: skip


def pause_after(attempts: int) -> timedelta:
    """Until the next attempt: ten seconds, tripling, at most six hours."""
    times: int = 3 ** min(max(attempts - 1, 0), 10)
    return min(FIRST_PAUSE * times, LONGEST_PAUSE)


def deliver_webhooks(visit: Visit, send: Send | None = None) -> int:
    """For the worker: make the calls of an agency that are due; how many were heard. Not inside a transaction.

    One that fails holds up those behind it to the same address until the next round, so that a program hears things in
    their order as long as it answers.
    """
    heard, silent = 0, set[int]()
    for call in _claimed(visit):
        if call.webhook_id in silent:
            WebhookCall.objects.filter(pk=call.pk, state="waiting").update(next_at=visit.now + FIRST_PAUSE)
            continue
        try:
            (send or post)(outgoing(call, visit.now))
        except Refused as refused:
            silent.add(call.webhook_id)
            _failed(visit, call, refused)
        else:
            heard += 1
            WebhookCall.objects.filter(pk=call.pk).update(
                state="heard", ended_at=visit.now, attempts=call.attempts + 1, reason=""
            )
    return heard


def _claimed(visit: Visit) -> list[WebhookCall]:
    with transaction.atomic():
        due = WebhookCall.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            agency=visit.agency, state="waiting", next_at__lte=visit.now
        )
        found = list(due.select_related("webhook").order_by("pk")[:AT_ONCE])
        WebhookCall.objects.filter(pk__in=[each.pk for each in found]).update(next_at=visit.now + CLAIM)
    return found


def _failed(visit: Visit, call: WebhookCall, refused: Refused) -> None:
    attempts, why = call.attempts + 1, refused.sentence("vi")[:300]
    if visit.now - call.made_at > PATIENCE:
        WebhookCall.objects.filter(pk=call.pk).update(
            state="given_up", ended_at=visit.now, attempts=attempts, reason=why
        )
    else:
        WebhookCall.objects.filter(pk=call.pk, state="waiting").update(
            attempts=attempts, reason=why, next_at=visit.now + pause_after(attempts)
        )
    telemetry.warning("office.webhook_failed", code=refused.code.name, attempt=attempts)


def outgoing(call: WebhookCall, at: datetime) -> Outgoing:
    """A call as it goes out now. Refuses HOOK_TARGET_NOT_ALLOWED, HOOK_NOT_ANSWERED (unknown host)."""
    body = call.body.encode()
    headers = signature(_secrets(call.webhook, at), call.key, at, body)
    return Outgoing(call.webhook.url, headers | {"content-type": MEDIA_TYPE, "user-agent": "lienthong-office"}, body)


def _secrets(hook: Webhook, at: datetime) -> list[bytes]:
    old = hook.old_secret is not None and hook.old_until is not None and at < hook.old_until
    return [unseal(bytes(hook.secret)), *([unseal(bytes(hook.old_secret))] if old and hook.old_secret else [])]


def post(call: Outgoing) -> None:
    """Make one call. Refuses HOOK_TARGET_NOT_ALLOWED, HOOK_NOT_ANSWERED."""
    pinned = pin(call.url)
    try:
        # An environment's proxy would call on our behalf whatever it likes; a certificate is checked as usual.
        with httpx.Client(
            trust_env=False, verify=public_authorities(), follow_redirects=False, timeout=TIMEOUT
        ) as client:
            request = client.build_request(
                "POST", pinned.url, content=call.body, headers=call.headers | {"host": pinned.host},
                extensions={"sni_hostname": pinned.name},
            )  # fmt: skip
            response = client.send(request, stream=True)
            response.close()
    except httpx.HTTPError as error:
        raise Refused(HOOK_NOT_ANSWERED, why=one_line(str(error) or type(error).__name__, 120)) from error
    if not 200 <= response.status_code < 300:
        raise Refused(HOOK_NOT_ANSWERED, why=f"HTTP {response.status_code}")
