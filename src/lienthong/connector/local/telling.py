"""What happened: numbered CloudEvents to poll, and subscriptions for signed webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong.base.clock import to_text
from lienthong.connector.courier.model import CourierEvent
from lienthong.connector.local.desk import Desk
from lienthong.connector.local.hooks import Webhook, shown_secret
from lienthong.connector.local.problems import reason_members
from lienthong.connector.local.reading import Members
from lienthong.connector.local.routes import Access, LocalRoute, answer, call_of, query_number, route
from lienthong.connector.local.showing import cloud_event

BATCH = "application/cloudevents-batch+json"


class Bell:
    """Wakes requests that wait for the next event. Rung from the courier's threads."""

    def __init__(self) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def ring(self, _: CourierEvent) -> None:
        """Something happened."""
        for loop, event in tuple(self._waiting):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def wait(self, seconds: float, ready: Any) -> None:
        """Until it rings, unless ``ready()`` is true already."""
        mine = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(mine)
        try:
            if not ready():
                async with asyncio.timeout(seconds):
                    await mine[1].wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(mine)


class Events:
    """The routes of what happened."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._bell = desk, Bell()
        desk.courier.subscribe(self._bell.ring)
        desk.courier.subscribe(desk.caller.wake)

    async def poll(self, request: Request) -> Response:
        """Events above a number, in order; waits for the first when there is none."""
        after = query_number(request, "after", 0, 1 << 60, 0)
        limit, wait = query_number(request, "limit", 1, 1000, 100), query_number(request, "wait", 0, 55, 0)
        courier = self._desk.courier
        if wait and courier.health().events <= after:
            await self._bell.wait(wait, lambda: courier.health().events > after)
        events = await run_in_threadpool(courier.events, after, limit)
        rows = [cloud_event(event, hint=False) for event in events]
        return JSONResponse(rows, headers={"Cache-Control": "no-store"}, media_type=BATCH)

    async def listing(self, request: Request) -> Response:
        """Every subscription."""
        return await answer(lambda: {"webhooks": [webhook_members(each) for each in self._desk.hooks.all()]})

    async def subscribe(self, request: Request) -> Response:
        """A new subscription; its secret is in this answer and nowhere else."""
        members = Members.of(call_of(request).body)
        url, types = members.text("url", needed=True, longest=500), members.texts("types")
        members.finish()

        def work() -> Mapping[str, Any]:
            hook = self._desk.hooks.add(url, types, self._desk.courier.health().events)
            self._desk.caller.wake()
            return webhook_members(hook) | {"secret": shown_secret(hook)}

        return await answer(work, 201)

    async def look(self, request: Request) -> Response:
        """One subscription."""
        return await answer(lambda: webhook_members(self._desk.hooks.get(request.path_params["webhook"])))

    async def revive(self, request: Request) -> Response:
        """Try again now, also when it was given up."""

        def work() -> Mapping[str, Any]:
            hook = self._desk.hooks.revive(request.path_params["webhook"])
            self._desk.caller.wake()
            return webhook_members(hook)

        return await answer(work)

    async def remove(self, request: Request) -> Response:
        """End a subscription."""
        await run_in_threadpool(self._desk.hooks.remove, request.path_params["webhook"])
        return Response(status_code=204)

    def routes(self) -> list[LocalRoute]:
        """The routes of this module."""
        at = "/v1/webhooks/{webhook}"
        return [
            route("GET", "/events", self.poll, access=Access.READ, vi="Các sự kiện sau một số thứ tự; chờ được.",
                  en="Events above a number; may wait.", answers={200: BATCH},
                  query={"after": "0", "limit": "1–1000", "wait": "0–55"}),
            route("GET", "/v1/webhooks", self.listing, access=Access.READ, vi="Các đăng ký nhận báo.",
                  en="Subscriptions for webhooks."),
            route("POST", "/v1/webhooks", self.subscribe, access=Access.WRITE, takes=("application/json",),
                  vi="Đăng ký nhận báo; khóa bí mật chỉ hiện một lần.", en="Subscribe; the secret is shown once.",
                  answers={201: "application/json"}),
            route("GET", at, self.look, access=Access.READ, vi="Một đăng ký nhận báo.", en="One subscription."),
            route("POST", at + "/revive", self.revive, access=Access.WRITE, vi="Gọi lại ngay.", en="Try again now."),
            route("DELETE", at, self.remove, access=Access.WRITE, vi="Bỏ đăng ký.", en="Unsubscribe.",
                  answers={204: "text/plain"}),
        ]  # fmt: skip


def webhook_members(hook: Webhook) -> dict[str, Any]:
    """One subscription, without its secret."""
    state = "dead" if hook.dead_at else "failing" if hook.failures else "active"
    return {
        "id": hook.id,
        "url": hook.url,
        "types": hook.types,
        "state": state,
        "position": hook.position,
        "created_at": to_text(hook.created_at),
        "heard_at": to_text(hook.heard_at) if hook.heard_at else None,
        "failures": hook.failures,
        "failing_since": to_text(hook.failing_since) if hook.failing_since else None,
        "dead_at": to_text(hook.dead_at) if hook.dead_at else None,
        "reason": reason_members(hook.reason),
    }
