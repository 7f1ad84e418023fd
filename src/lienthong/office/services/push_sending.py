"""Sending pushed notices: encrypted for the device, once to each, again at growing intervals, and only where allowed.

A sending is a row until the push service has the message. Whoever dies between sending and noting sends the same once
more after a while; it bears the same topic and tag, so that it replaces the first one instead of standing beside it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import groupby

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from lienthong.base.errors import Refused
from lienthong.infra import steps, telemetry, webhooks
from lienthong.office.models import PushSending
from lienthong.office.push.encryption import Keys, encrypt
from lienthong.office.push.vapid import authorization
from lienthong.office.services.hook_targets import CODES, pin
from lienthong.office.services.push_devices import LONGEST_ENDPOINT, require_push_service
from lienthong.office.services.push_key import push_key
from lienthong.office.services.push_messages import KEPT, LENGTH, Message, messages
from lienthong.webkit.door.visit import Visit, capacities_of
from lienthong.webkit.people.models import PushDevice
from lienthong.webkit.site.configure import site

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)
CLAIM = timedelta(minutes=10)
"""For how long sendings in work are nobody else's; longer than a round in which every push service is silent."""

OFFLINE = "offline"
"""Trouble of a device whose push service cannot be reached; others bear the status of the answer."""

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a push service said: the status, and its ``Retry-After`` as it stands."""

    status: int
    retry_after: str = ""


Send = Callable[[Outgoing], Answer]


def push_notices(visit: Visit, send: Send | None = None) -> int:
    """For the worker: send what is due in an agency; how many messages push services took. Not inside a transaction."""
    due, taken = _claimed(visit), 0
    if not due:
        return 0
    key = push_key()
    for device, rows in groupby(due, lambda each: each.device):
        taken += _to_device(visit, key, device, list(rows), send or post)
    return taken


def _claimed(visit: Visit) -> list[PushSending]:
    with transaction.atomic():
        due = PushSending.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            agency=visit.agency, next_at__lte=visit.now
        )
        rows = due.select_related("notice", "device__account__agency").order_by("device_id", "pk")
        found = list(rows[:AT_ONCE])
        PushSending.objects.filter(pk__in=[each.pk for each in found]).update(next_at=visit.now + CLAIM)
    return found


def _to_device(
    visit: Visit, key: ec.EllipticCurvePrivateKey, device: PushDevice, rows: list[PushSending], send: Send
) -> int:
    """All that waits for one device; what fails holds the rest up, so that a push service is left in peace."""
    account = device.account
    if account.disabled_at is not None:
        device.delete()
        return 0
    if not capacities_of(account, visit.now):
        # Whoever holds no duty any more has nothing to look for in the office.
        PushSending.objects.filter(pk__in=[each.pk for each in rows]).delete()
        return 0
    read = [each.pk for each in rows if each.notice is not None and each.notice.read_at is not None]
    old = [each.pk for each in rows if visit.now - each.due_at > KEPT]
    PushSending.objects.filter(pk__in=[*read, *old]).delete()
    taken, wait = 0, None
    for message in messages([each for each in rows if each.pk not in {*read, *old}], account, visit.now):
        if wait is not None:
            _again(message, wait)
            continue
        answer = _sent(visit, key, device, message, send)
        if answer.status in {404, 410}:
            # The person has taken the permission back, or the browser is gone.
            device.delete()
            telemetry.info("office.push_device_gone", agency=visit.agency.code)
            return taken
        if 200 <= answer.status < 300:
            taken += 1
            steps.reached("office.pushed")
            _took(visit, device, message)
        elif answer.status == 429 or answer.status >= 500 or answer.status == 0:
            wait = visit.now + max(pause_after(message.sendings[0].attempts + 1), _asked(answer, visit.now))
            _again(message, wait)
            _trouble(visit, device, answer)
        else:
            # It would be refused for ever: the notice stands on the page, which says so.
            _settle(message)
            _trouble(visit, device, answer)
    return taken


def _sent(
    visit: Visit, key: ec.EllipticCurvePrivateKey, device: PushDevice, message: Message, send: Send
) -> Answer:  # fmt: skip
    try:
        return send(outgoing(key, device, message, visit.now))
    except Refused as refused:
        telemetry.warning("office.push_waits", agency=visit.agency.code, code=refused.code.name)
        return Answer(0)


def outgoing(key: ec.EllipticCurvePrivateKey, device: PushDevice, message: Message, at: datetime) -> Outgoing:
    """A message as it goes out now."""
    url = site().public_url
    headers = {
        "authorization": authorization(key, device.endpoint, url if url.startswith("https:") else "", at),
        "content-encoding": "aes128gcm", "content-type": "application/octet-stream",
        "ttl": str(message.seconds), "topic": message.topic, "urgency": message.urgency,
    }  # fmt: skip
    keys = Keys(bytes(device.point), bytes(device.auth))
    return Outgoing(device.endpoint, headers, encrypt(message.plain, keys, whole=LENGTH))


def post(message: Outgoing) -> Answer:
    """Hand one message to its push service. Refuses PUSH_NOT_POSSIBLE, HOOK_TARGET_NOT_ALLOWED, HOOK_NOT_ANSWERED."""
    require_push_service(message.url)
    pinned = pin(message.url, longest=LONGEST_ENDPOINT)
    with webhooks.open_client(ssl.create_default_context()) as client:
        answer = webhooks.post(client, pinned, message.headers, message.body, CODES)
    return Answer(answer.status_code, answer.headers.get("retry-after", ""))


def pause_after(attempts: int) -> timedelta:
    """Until the next attempt: half a minute, tripling, at most six hours."""
    times: int = 3 ** min(max(attempts - 1, 0), 10)
    return min(FIRST_PAUSE * times, LONGEST_PAUSE)


def _asked(answer: Answer, at: datetime) -> timedelta:
    """The pause that a push service asks for (RFC 9110 §10.2.3: seconds or a date); a day at most."""
    text = answer.retry_after.strip()
    if text.isascii() and text.isdigit():
        asked = timedelta(seconds=min(int(text[:9]), 86_400))
    else:
        try:
            asked = parsedate_to_datetime(text) - at
        except (ValueError, TypeError):
            asked = timedelta()
    return min(max(asked, timedelta()), timedelta(days=1))


def _took(visit: Visit, device: PushDevice, message: Message) -> None:
    with transaction.atomic():
        _settle(message)
        PushDevice.objects.filter(pk=device.pk).update(sent_at=visit.now, trouble="", trouble_at=None)


def _settle(message: Message) -> None:
    PushSending.objects.filter(pk__in=[each.pk for each in message.sendings]).delete()


def _again(message: Message, at: datetime) -> None:
    for each in message.sendings:
        PushSending.objects.filter(pk=each.pk).update(attempts=each.attempts + 1, next_at=at)


def _trouble(visit: Visit, device: PushDevice, answer: Answer) -> None:
    said = f"HTTP {answer.status}" if answer.status else OFFLINE
    PushDevice.objects.filter(pk=device.pk).update(trouble=said, trouble_at=visit.now)
    telemetry.warning("office.push_refused", agency=visit.agency.code, status=answer.status)
