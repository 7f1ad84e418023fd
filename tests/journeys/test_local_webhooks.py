"""Signed webhooks of the connector: a hint, in order, until it is heard; only to addresses that the configuration lists."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from axis_process import wait_for
from fixtures_axis import Town
from lienthong.base.clock import FixedClock, SystemClock
from lienthong.base.errors import Refused, Retry
from lienthong.connector.courier.model import Reason
from lienthong.connector.local import calling
from lienthong.connector.local.hooks import Webhooks
from lienthong.connector.local.targets import Targets
from local_face import Local, serving

PDF = b"%PDF-1.4 x"
REASON = Reason("WEBHOOK_NOT_ANSWERED", "không trả lời", "no answer", retry=Retry.TRANSIENT)


@dataclass
class Hearer:
    """A subscriber's server. ``answers``: the statuses that it gives, one a call, 204 when there are none left."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    location: str = ""

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.calls]


@contextmanager
def hearing() -> Iterator[Hearer]:
    heard = Hearer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(heard.answers.pop(0) if heard.answers else 204)
            if heard.location:
                self.send_header("location", heard.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://localhost:{server.server_address[1]}/bao-tin?x=1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def local(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """A connector that sends nothing, so that every event of it is made by the test."""
    first, *_ = town
    with serving(town.axis, first, tmp_path_factory.mktemp("hooks"), running=False) as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rule with pauses that a test can wait for."""
    monkeypatch.setattr(calling, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(calling, "LONGEST_PAUSE", 0.2)


def subscribe(local: Local, url: str, *types: str) -> dict[str, Any]:
    answer = local.ask("POST", "/v1/webhooks", json={"url": url, "types": list(types)})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def submit(local: Local, town: Town, count: int = 1) -> list[str]:
    _, second, *_ = town
    made = [local.send([second.agency], [("a.pdf", PDF)], number=f"{time.monotonic_ns()}/SM-VP") for _ in range(count)]
    return [answer.json()["id"] for answer in made]


def test_a_subscriber_hears_each_event_in_order_as_a_signed_hint_without_content(local: Local, town: Town) -> None:
    with hearing() as heard:
        hook = subscribe(local, heard.url)
        jobs = submit(local, town, 3)
        wait_for(lambda: len(heard.calls) == 3, "not all were told", 20)
        assert [json.loads(body)["subject"] for _, body in heard.calls] == jobs
        secret = base64.b64decode(hook["secret"].removeprefix("whsec_"))
        for headers, body in heard.calls:
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            wanted = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{wanted}"
            assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
            assert headers["content-type"] == "application/cloudevents+json"
            assert headers["host"].startswith("localhost:")
            event = json.loads(body)
            assert set(event) == {"specversion", "id", "source", "type", "time", "subject"}
            assert b"SM-VP" not in body
        assert heard.ids() == sorted(heard.ids(), key=int)
        assert "secret" not in local.get(f"/v1/webhooks/{hook['id']}")
        assert local.ask("DELETE", f"/v1/webhooks/{hook['id']}").status_code == 204
        submit(local, town)
        time.sleep(0.5)
        assert len(heard.calls) == 3


def test_a_call_that_fails_is_repeated_before_the_next_event_and_others_do_not_wait(local: Local, town: Town) -> None:
    with hearing() as bad, hearing() as good:
        bad.answers = [500, 429, 302]
        bad.location = good.url
        slow, quick = subscribe(local, bad.url), subscribe(local, good.url)
        submit(local, town, 2)
        wait_for(lambda: len(good.calls) == 2, "the good one waited", 20)
        wait_for(lambda: len(bad.calls) == 5, f"not repeated: {bad.ids()}", 20)
        assert bad.ids()[:4] == [bad.ids()[0]] * 4
        assert bad.ids()[4] != bad.ids()[0]
        assert len({body for _, body in bad.calls[:4]}) == 1
        time.sleep(0.3)
        assert len(good.calls) == 2, "a redirect was followed"
        wait_for(lambda: local.get(f"/v1/webhooks/{slow['id']}")["state"] == "active", "still failing", 10)
        for hook in (slow, quick):
            local.ask("DELETE", f"/v1/webhooks/{hook['id']}")


def test_only_wanted_types_are_told(local: Local, town: Town) -> None:
    with hearing() as heard:
        hook = subscribe(local, heard.url, "job.cancelled", "document.")
        (job,) = submit(local, town)
        local.ask("POST", f"/v1/jobs/{job}/cancel")
        wait_for(lambda: heard.calls, "nothing was told", 20)
        assert [json.loads(body)["type"] for _, body in heard.calls] == ["lienthong.job.cancelled"]
        local.ask("DELETE", f"/v1/webhooks/{hook['id']}")


REFUSED = [
    "http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/", "http://0.0.0.0:80/", "http://224.0.0.1/", "http://8.8.8.8/",
    "file:///etc/passwd", "gopher://127.0.0.1/", "http://user:pass@127.0.0.1/", "http:///x", "http://127.0.0.1:99999/", "http://167772161/",
    "http://127.0.0.1\\@8.8.8.8/", "http://127.0.0.1#@8.8.8.8/", "ftp://127.0.0.1/", "http://127.0.0.1:x/", "javascript:1", "http://[::]/", "http://0/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_listed_is_refused(local: Local, url: str) -> None:
    answer = local.ask("POST", "/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (403, "WEBHOOK_TARGET_NOT_ALLOWED"), answer.text


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere a moment later (DNS rebinding): it is resolved once, and the number is called."""
    answers = [[(0, 0, 0, "", ("127.0.0.1", 80))], [(0, 0, 0, "", ("10.0.0.1", 80))]]
    monkeypatch.setattr("lienthong.infra.webhooks.socket.getaddrinfo", lambda *_, **__: answers.pop(0))
    targets = Targets(["127.0.0.0/8"])
    pinned = targets.pin("https://dms.example:8443/a?b=c")
    assert (pinned.url, pinned.host, pinned.name) == ("https://127.0.0.1:8443/a?b=c", "dms.example:8443", "dms.example")
    with pytest.raises(Refused) as refused:
        targets.pin("https://dms.example:8443/a")
    assert refused.value.code.name == "WEBHOOK_TARGET_NOT_ALLOWED"
    monkeypatch.setattr(
        "lienthong.infra.webhooks.socket.getaddrinfo",
        lambda *_, **__: [(0, 0, 0, "", ("127.0.0.1", 80)), (0, 0, 0, "", ("10.0.0.1", 80))],
    )
    with pytest.raises(Refused):
        targets.pin("http://both.example/")


def test_a_subscriber_that_stays_silent_is_given_up_visibly_and_revived_where_it_stopped(tmp_path: Path) -> None:
    clock = FixedClock(SystemClock().now().replace(microsecond=0))
    hooks = Webhooks(tmp_path, Targets(["127.0.0.0/8"]), clock)
    hook = hooks.add("http://127.0.0.1:9/", ["job."], 7)
    assert hooks.failed(hook.id, REASON, 7).dead_at is None
    clock.move(timedelta(days=7, seconds=1))
    again = Webhooks(tmp_path, Targets(["127.0.0.0/8"]), clock)
    dead = again.failed(hook.id, REASON, 7)
    assert dead.dead_at == clock.now()
    assert dead.failures == 2
    kept = Webhooks(tmp_path, Targets(["127.0.0.0/8"]), clock).get(hook.id)
    assert kept == dead
    revived = again.revive(hook.id)
    assert (revived.dead_at, revived.failures, revived.position, revived.secret) == (None, 0, 7, hook.secret)


def test_a_restart_goes_on_after_the_last_event_that_was_heard(town: Town, tmp_path: Path) -> None:
    _, second, *_ = town
    with hearing() as heard:
        with serving(town.axis, second, tmp_path, running=False) as local:
            subscribe(local, heard.url)
            submit(local, town, 2)
            wait_for(lambda: len(heard.calls) == 2, "not told", 20)
        heard.answers = [503] * 2
        with serving(town.axis, second, tmp_path, running=False) as local:
            submit(local, town, 1)
            wait_for(lambda: len(set(heard.ids())) == 3, "not told after the restart", 20)
            assert local.get("/events?after=2")[0]["id"] == heard.ids()[-1]
    assert sorted(set(heard.ids()), key=int) == list(dict.fromkeys(heard.ids()))


def test_pauses_double_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    pauses: list[Callable[[], float]] = [lambda n=n: calling.pause_after(n) for n in range(1, 40)]
    for number, pause in enumerate(pauses, 1):
        assert min(2.0 ** (number - 1), 3600) * 0.5 <= pause() <= min(2.0 ** (number - 1), 3600) * 1.5
