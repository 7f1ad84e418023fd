"""Call the subscribers of webhooks: one thread each, one event after the other, again until it is heard or given up."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable

import httpx

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.courier.model import CourierEvent, Reason
from lienthong.connector.local.errors import WEBHOOK_NOT_ANSWERED
from lienthong.connector.local.hooks import Webhook, Webhooks, sign
from lienthong.connector.local.showing import cloud_event
from lienthong.connector.local.targets import Targets
from lienthong.infra import telemetry
from lienthong.infra.outgoing_tls import public_authorities

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0
TIMEOUT = 10.0
_BATCH = 100
_SKIPPED_AT_ONCE = 500
CLOUD_EVENT = "application/cloudevents+json"


def pause_after(failures: int) -> float:
    """Seconds until the next attempt after so many failures: doubling, bounded, with jitter."""
    return min(FIRST_PAUSE * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE) * (0.5 + random.random())


class Caller:
    """Tells subscribers what happened. ``events``: those above a number, at most so many. ``days``: of silence until a
    subscriber is given up."""

    def __init__(
        self,
        hooks: Webhooks,
        targets: Targets,
        events: Callable[[int, int], list[CourierEvent]],
        clock: Clock,
        days: float,
    ) -> None:
        self._hooks, self._targets, self._events, self._clock, self._days = hooks, targets, events, clock, days
        self._turn = threading.Condition()
        self._running: dict[str, threading.Thread] = {}
        # An environment's proxy would call on our behalf whatever it likes; a certificate is checked as usual.
        self._http = httpx.Client(trust_env=False, verify=public_authorities(), follow_redirects=False, timeout=TIMEOUT)

    def wake(self, _: object = None) -> None:
        """Something happened: an event, or a subscription that changed."""
        with self._turn:
            self._turn.notify_all()

    def run(self, stop: threading.Event) -> None:
        """Until ``stop`` is set; every subscription has a thread while it lives."""
        while not stop.is_set():
            for hook in self._hooks.all():
                thread = self._running.get(hook.id)
                if hook.dead_at is None and (thread is None or not thread.is_alive()):
                    thread = threading.Thread(target=self._serve, args=(hook.id, stop), name=f"webhook-{hook.id}")
                    thread.daemon = True
                    self._running[hook.id] = thread
                    thread.start()
            self._rest(1.0, stop)
        self.wake()
        for thread in self._running.values():
            thread.join(TIMEOUT + 2)
        self._http.close()

    def _serve(self, id_: str, stop: threading.Event) -> None:
        """One subscriber, until it is removed or given up."""
        while not stop.is_set():
            try:
                hook = self._hooks.get(id_)
                if hook.dead_at is not None:
                    return
                if not self._next(hook, stop):
                    self._rest(1.0, stop)
            except Refused as refused:
                if not any(each.id == id_ for each in self._hooks.all()):
                    return
                telemetry.warning("webhook.paused", code=refused.code.name)
                stop.wait(FIRST_PAUSE)

    def _next(self, hook: Webhook, stop: threading.Event) -> bool:
        """Tell it what comes next; False when there is nothing to tell now."""
        events = self._events(hook.position, _BATCH)
        skipped = 0
        for event in events:
            if stop.is_set():
                return True
            if not hook.wants(event.type):
                skipped = event.number
                continue
            try:
                self._call(hook, event)
            except Refused as refused:
                changed = self._hooks.failed(hook.id, Reason.of(refused), self._days)
                telemetry.warning("webhook.failed", code=refused.code.name, attempt=changed.failures)
                self._wait_to_repeat(changed, stop)
                return True
            hook, skipped = self._hooks.heard(hook.id, event.number, called=True), 0
        if skipped and (len(events) == _BATCH or skipped - hook.position >= _SKIPPED_AT_ONCE):
            self._hooks.heard(hook.id, skipped, called=False)
        elif skipped:
            return False
        return bool(events)

    def _wait_to_repeat(self, hook: Webhook, stop: threading.Event) -> None:
        """Pause after a failure; somebody who revives the subscription ends the pause."""
        left = pause_after(hook.failures)
        while left > 0 and not stop.is_set() and self._hooks.get(hook.id).failures == hook.failures:
            stop.wait(min(left, 0.5))
            left -= 0.5

    def _call(self, hook: Webhook, event: CourierEvent) -> None:
        """One signed call. Refuses WEBHOOK_TARGET_NOT_ALLOWED, WEBHOOK_NOT_ANSWERED."""
        pinned = self._targets.pin(hook.url)
        body = json.dumps(cloud_event(event, hint=True), separators=(",", ":")).encode()
        headers = sign(hook.secret, str(event.number), self._clock.now(), body)
        headers |= {"host": pinned.host, "content-type": CLOUD_EVENT, "user-agent": "lienthong-connector"}
        request = self._http.build_request(
            "POST", pinned.url, content=body, headers=headers, extensions={"sni_hostname": pinned.name}
        )
        try:
            response = self._http.send(request, stream=True)
            response.close()
        except httpx.HTTPError as error:
            raise Refused(WEBHOOK_NOT_ANSWERED, why=one_line(str(error) or type(error).__name__, 120)) from error
        if not 200 <= response.status_code < 300:
            raise Refused(WEBHOOK_NOT_ANSWERED, why=f"HTTP {response.status_code}")

    def _rest(self, seconds: float, stop: threading.Event) -> None:
        with self._turn:
            if not stop.is_set():
                self._turn.wait(seconds)
