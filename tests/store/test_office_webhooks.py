"""Calls to programs: written with what they tell, signed, repeated, given up; and only where the operator lets them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from test_office_api import Program, registered

from lienthong.base.errors import Refused
from lienthong.office.models import Document, Webhook, WebhookCall
from lienthong.office.services import webhooks
from lienthong.office.services.hook_targets import pin
from lienthong.office.services.webhook_calls import deliver_webhooks, pause_after
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, visit_as


class Hearer:
    """A program that hears calls and checks nothing by itself. ``answers``: with what it answers, the last one for ever."""

    def __init__(self, *answers: int) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers = list(answers)
        hearer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hearer.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(hearer.answers.pop(0) if len(hearer.answers) > 1 else hearer.answers[0])
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/nghe"


@contextmanager
def hearing(*answers: int) -> Iterator[Hearer]:
    hearer = Hearer(*answers)
    threading.Thread(target=hearer.server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield hearer
    finally:
        hearer.server.shutdown()
        hearer.server.server_close()


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def subscribed(made: OfficeAgency, url: str, *events: str) -> str:
    with acting_for(made.agency.pk):
        return webhooks.subscribe(visit_as(made, Duty.ADMINISTRATOR), url, events)[1]


def deliver(made: OfficeAgency, later: timedelta = timedelta()) -> int:
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.ADMINISTRATOR)
        visit.now += later
        return deliver_webhooks(visit)


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As the guide tells programs to check: written from the convention, not from our code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    expected = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(each, expected) for each in headers["webhook-signature"].split(" "))


def test_a_program_hears_of_a_registered_document_once_signed_and_without_content(made: OfficeAgency) -> None:
    with hearing(204) as hearer:
        secret = subscribed(made, hearer.url, "document.registered")
        document = registered(made, Program(made, Duty.REGISTRAR))
        assert deliver(made) == 1
        assert deliver(made) == 0
        ((headers, body),) = hearer.heard
    assert is_signed(secret, headers, body)
    assert not is_signed(webhooks.shown(b"x" * 32), headers, body)
    event = json.loads(body)
    assert (event["specversion"], event["type"], event["id"]) == ("1.0", "document.registered", headers["webhook-id"])
    assert event["data"] == {"document": document["id"], "href": f"/api/v1/documents/{document['id']}"}
    assert document["abstract"].encode() not in body
    assert headers["content-type"] == "application/cloudevents+json"


def test_a_call_is_written_only_with_what_it_tells(made: OfficeAgency) -> None:
    subscribed(made, "http://127.0.0.1:9/x", "document.registered", "document.finished")
    document = registered(made, Program(made, Duty.REGISTRAR))
    with acting_for(made.agency.pk):
        visit = visit_as(made, Duty.REGISTRAR)
        found = Document.objects.get(pk=document["id"])
        with pytest.raises(RuntimeError), transaction.atomic():
            webhooks.tell_programs(visit, "document.finished", found)
            raise RuntimeError
        webhooks.tell_programs(visit, "document.issued", found)
        assert [each.event for each in WebhookCall.objects.all()] == ["document.registered"]
        with pytest.raises(ValueError, match="no such event"):
            webhooks.tell_programs(visit, "document.eaten", found)


def test_what_is_not_heard_is_called_again_later_and_given_up_after_three_days(made: OfficeAgency) -> None:
    with hearing(500) as hearer:
        subscribed(made, hearer.url, "document.registered")
        registered(made, Program(made, Duty.REGISTRAR))
        assert deliver(made) == 0
        assert deliver(made, timedelta(seconds=5)) == 0
        assert len(hearer.heard) == 1
        deliver(made, timedelta(seconds=15))
        assert len(hearer.heard) == 2
        deliver(made, timedelta(days=3, hours=1))
        with acting_for(made.agency.pk):
            call = WebhookCall.objects.get()
            assert (call.state, call.attempts) == ("given_up", 3)
            assert "HTTP 500" in call.reason
            hearer.answers = [200]
            assert webhooks.call_again(visit_as(made, Duty.ADMINISTRATOR), call.webhook_id) == 1
        assert deliver(made) == 1
    assert [pause_after(each).total_seconds() for each in (1, 2, 3, 9, 100)] == [10, 30, 90, 21600, 21600]


def test_while_a_program_fails_nothing_overtakes(made: OfficeAgency) -> None:
    with hearing(503, 200) as hearer:
        subscribed(made, hearer.url, "document.registered")
        program = Program(made, Duty.REGISTRAR)
        ids = [registered(made, program, f"quet-{each}")["id"] for each in range(3)]
        assert deliver(made) == 0
        assert deliver(made, timedelta(seconds=12)) == 3
        heard = [json.loads(body)["data"]["document"] for _, body in hearer.heard]
    assert heard == [ids[0], *ids]


def test_after_a_change_of_secret_both_are_good_for_a_day(made: OfficeAgency) -> None:
    with hearing(200) as hearer:
        old = subscribed(made, hearer.url, "document.registered")
        with acting_for(made.agency.pk):
            visit = visit_as(made, Duty.ADMINISTRATOR)
            hook, new = webhooks.rotate(visit, Webhook.objects.get().pk)
            webhooks.try_out(visit, hook.pk)
        deliver(made)
        with acting_for(made.agency.pk):
            webhooks.try_out(visit_as(made, Duty.ADMINISTRATOR), hook.pk)
        deliver(made, timedelta(hours=25))
        good = [(is_signed(old, *each), is_signed(new, *each)) for each in hearer.heard]
    assert good == [(True, True), (False, True)]


@pytest.mark.parametrize(
    "url",
    ["http://192.0.2.7/x", "https://10.1.2.3/x", "https://169.254.169.254/latest", "ftp://127.0.0.1/", "https://u:p@127.0.0.1/",
     "http://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "javascript:alert(1)", "", "https://127.0.0.1/#x", "http://10.0.0.5/"],
)  # fmt: skip
def test_addresses_that_the_operator_has_not_listed_are_refused(made: OfficeAgency, url: str) -> None:
    with acting_for(made.agency.pk), pytest.raises(Refused, match="FIELDS_WRONG"):
        webhooks.subscribe(visit_as(made, Duty.ADMINISTRATOR), url, ["document.issued"])


def test_a_listed_private_network_is_reached_by_https_alone() -> None:
    assert pin("https://10.1.2.3/x", ["10.1.2.0/24"]).url == "https://10.1.2.3:443/x"
    with pytest.raises(Refused, match="HOOK_TARGET_NOT_ALLOWED"):
        pin("http://10.1.2.3/x", ["10.1.2.0/24"])


@pytest.mark.parametrize("duty", [each for each in Duty if each is not Duty.ADMINISTRATOR])
def test_only_administrators_subscribe(made: OfficeAgency, duty: Duty) -> None:
    with acting_for(made.agency.pk), pytest.raises(Refused, match="NOT_YOURS"):
        webhooks.subscribe(visit_as(made, duty), "http://127.0.0.1/x", ["document.issued"])
    assert made.client(duty).get("/webhooks").status_code == 403


def test_the_page_shows_the_secret_once_tries_out_rotates_and_ends(made: OfficeAgency) -> None:
    client = made.client(Duty.ADMINISTRATOR)
    with hearing(200) as hearer:
        shown = client.submit("/webhooks", url=hearer.url, events=["document.issued"]).content.decode()
        assert shown.count("<code>whsec_") == 1
        assert "whsec_" not in client.get("/webhooks").content.decode()
        with acting_for(made.agency.pk):
            hook = Webhook.objects.get()
        assert client.submit(f"/webhooks/{hook.pk}/try", page="/webhooks").status_code == 303
        deliver(made)
        assert len(hearer.heard) == 1
        assert "đã nghe" in client.get("/webhooks").content.decode()
        assert re.search(
            "<code>whsec_", client.submit(f"/webhooks/{hook.pk}/rotate", page="/webhooks").content.decode()
        )
        assert client.submit(f"/webhooks/{hook.pk}/end", page="/webhooks").status_code == 303
        assert hearer.url not in client.get("/webhooks").content.decode()


def test_a_wrong_address_keeps_what_was_typed(made: OfficeAgency) -> None:
    answer = made.client(Duty.ADMINISTRATOR).submit("/webhooks", url="ftp://x/y", events=["document.issued"])
    assert answer.status_code == 422
    assert "ftp://x/y" in answer.content.decode()


def test_another_agency_cannot_touch_a_subscription(made: OfficeAgency, agency_number: int) -> None:
    subscribed(made, "http://127.0.0.1:9/x", "document.issued")
    with acting_for(made.agency.pk):
        hook = Webhook.objects.get()
    stranger = make_agency(agency_number + 900_000).client(Duty.ADMINISTRATOR)
    for act in ("try", "rotate", "end", "again"):
        assert stranger.submit(f"/webhooks/{hook.pk}/{act}", page="/webhooks").status_code == 404
    with acting_for(made.agency.pk):
        assert Webhook.objects.get().ended_at is None


def test_the_guides_own_python_accepts_real_calls_and_nothing_else(made: OfficeAgency) -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/office-api.md").read_text("utf-8")
    code: dict[str, Any] = {}
    exec(guide.split("```python\n")[1].split("```")[0], code)  # the guide's example, as a reader would paste it
    with hearing(200) as hearer:
        secret = subscribed(made, hearer.url, "document.registered")
        registered(made, Program(made, Duty.REGISTRAR))
        deliver(made)
        ((headers, body),) = hearer.heard
    now = float(headers["webhook-timestamp"])
    assert code["is_ours"](secret, headers, body, now)
    assert not code["is_ours"](secret, headers, body + b" ", now)
    assert not code["is_ours"](secret, headers, body, now + 301)
