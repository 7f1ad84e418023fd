"""Pushed notices in a real browser: switching on, what the page says without a push service, and what the worker shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures_office import OfficeInstallation
from lienthong.webkit.people.models import PushDevice
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_server import serving
from office_world import OfficeAgency, make_agency
from push_server import Browser as Subscription
from push_world import allowing

Look = Callable[[str], None]
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
    (each) => ({ title: each.title, body: each.body, tag: each.tag, lang: each.lang, where: each.data.where }))"""


SERVICE = """(() => {
    const given = GIVEN;
    const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0)).buffer;
    Notification.requestPermission = async () => "granted";
    PushManager.prototype.getSubscription = async () => null;
    PushManager.prototype.subscribe = async (asked) => {
        sessionStorage.asked = asked.applicationServerKey.length;
        return { endpoint: given.endpoint, getKey: (name) => bytes(name === "auth" ? given.auth : given.point) };
    };
})();"""
"""Answers as a browser whose push service is within reach."""


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def made(agency_number: int, monkeypatch: pytest.MonkeyPatch) -> OfficeAgency:
    allowing(monkeypatch, "127.0.0.1")
    return make_agency(agency_number)


def signed_in(page: Page, office: str, made: OfficeAgency) -> None:
    cookie = made.client(Duty.LEADER).cookies["lienthong"].value
    page.context.add_cookies([{"name": "lienthong", "value": cookie, "url": office}])


def on_the_page(page: Page, office: str, made: OfficeAgency) -> None:
    """The leader at the page of his ways, who allows notifications; the worker is at work."""
    page.context.grant_permissions(["notifications"], origin=office)
    signed_in(page, office, made)
    page.goto(f"{office}/notices/ways")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")


class Worker:
    """The installed worker, to which messages are given as a push service would give them."""

    def __init__(self, page: Page, office: str) -> None:
        self._page, self._office = page, office
        self._session = page.context.new_cdp_session(page)
        self._registrations: list[dict[str, Any]] = []
        self._session.on(
            "ServiceWorker.workerRegistrationUpdated", lambda said: self._registrations.extend(said["registrations"])
        )
        self._session.send("ServiceWorker.enable")

    def push(self, data: str) -> None:
        while not self._registrations:
            self._page.wait_for_timeout(50)
        self._session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self._office, "registrationId": self._registrations[-1]["registrationId"], "data": data},
        )

    def shown(self, count: int) -> list[dict[str, str]]:
        """The notifications on the screen, when there are so many."""
        found: list[dict[str, str]] = []
        for _ in range(100):
            found = self._page.evaluate(SHOWN)
            if len(found) == count:
                break
            self._page.wait_for_timeout(100)
        return found


def test_without_a_push_service_within_reach_the_page_says_what_is_the_matter(
    chromium: Browser, office: str, made: OfficeAgency
) -> None:
    """In a page of its own: the browser says in its console as well that it cannot subscribe."""
    context = chromium.new_context(locale="vi-VN")
    page = context.new_page()
    on_the_page(page, office, made)
    page.get_by_role("button", name="Bật thông báo đẩy trên máy này").click()
    expect(page.get_by_text("Trình duyệt không đăng ký được với máy chủ thông báo của nó")).to_be_visible(
        timeout=60_000
    )
    expect(page.get_by_role("button", name="Bật thông báo đẩy trên máy này")).to_be_enabled()
    with acting_for(made.agency.pk):
        assert not PushDevice.objects.exists()
    context.close()


def test_somebody_who_does_not_allow_notifications_is_told_how(page: Page, office: str, made: OfficeAgency) -> None:
    signed_in(page, office, made)
    page.add_init_script("Notification.requestPermission = async () => 'denied';")
    page.goto(f"{office}/notices/ways")
    page.get_by_role("button", name="Bật thông báo đẩy trên máy này").click()
    expect(page.get_by_text("Trình duyệt đang chặn thông báo của trang này", exact=False)).to_be_visible()


def test_a_subscription_of_the_browser_is_sent_and_the_device_is_listed(
    page: Page, office: str, made: OfficeAgency, look_at: Look
) -> None:
    """The push service is the one part that the closed network lacks; everything else is the page's own."""
    one = Subscription("https://127.0.0.1:9/push/1")
    page.add_init_script(SERVICE.replace("GIVEN", json.dumps(one.fields)))
    on_the_page(page, office, made)
    look_at("push-off")
    page.get_by_role("button", name="Bật thông báo đẩy trên máy này").click()
    expect(page.get_by_text("máy này", exact=True)).to_be_visible()
    assert page.evaluate("sessionStorage.asked") == "65"
    with acting_for(made.agency.pk):
        device = PushDevice.objects.get()
    assert device.endpoint == one.endpoint
    assert device.name == "Chrome · Linux"
    look_at("push-on")
    page.get_by_role("button", name="Bỏ Chrome · Linux").click()
    expect(page.get_by_text("máy này", exact=True)).to_have_count(0)


def test_the_worker_shows_what_is_pushed_and_a_newer_message_of_one_tag_replaces_the_older(
    page: Page, office: str, made: OfficeAgency
) -> None:
    on_the_page(page, office, made)
    worker = Worker(page, office)
    told = {"title": "Văn bản chờ ký", "body": "Sở Thử nghiệm", "where": "/signing", "tag": "a", "language": "vi"}
    worker.push(json.dumps(told))
    said = {"title": "Văn bản chờ ký", "body": "Sở Thử nghiệm", "tag": "a", "lang": "vi", "where": "/signing"}
    assert worker.shown(1) == [said]
    worker.push(json.dumps({**told, "title": "Documents to be signed", "language": "en"}))
    for _ in range(50):
        if worker.shown(1)[0]["lang"] == "en":
            break
    assert [(each["title"], each["lang"]) for each in worker.shown(1)] == [("Documents to be signed", "en")]
    worker.push(json.dumps({**told, "tag": "b"}))
    assert len(worker.shown(2)) == 2


@pytest.mark.parametrize(
    "where",
    ["https://evil.example/", "//evil.example/x", "javascript:alert(1)", "/\\evil.example", "", None, 7, "http://["],
)
def test_no_message_leads_out_of_the_office(page: Page, office: str, made: OfficeAgency, where: object) -> None:
    on_the_page(page, office, made)
    worker = Worker(page, office)
    worker.push(json.dumps({"title": "a", "where": where, "tag": "a"}))
    assert [each["where"] for each in worker.shown(1)] == ["/"]


def test_a_message_that_nobody_can_read_still_shows_that_something_came(
    page: Page, office: str, made: OfficeAgency
) -> None:
    on_the_page(page, office, made)
    worker = Worker(page, office)
    worker.push("no json")
    assert [each["title"] for each in worker.shown(1)] == ["Thông báo · Notice"]


def test_a_window_that_shows_the_page_comes_to_the_front_and_otherwise_one_is_opened(
    page: Page, office: str, made: OfficeAgency
) -> None:
    on_the_page(page, office, made)
    worker = page.context.service_workers[0]
    called = worker.evaluate(
        """async () => { const calls = [];
          const click = async (where) => { let work = null;
            const event = new NotificationEvent("notificationclick", { notification: (await self.registration.getNotifications())[0] });
            event.waitUntil = (given) => { work = given; };
            self.clients.openWindow = async (to) => { calls.push(["opened", to]); };
            WindowClient.prototype.focus = async function () { calls.push(["focused", new URL(this.url).pathname]); };
            self.dispatchEvent(event); await work; };
          for (const where of ["/notices/ways", "/signing"]) {
            for (const old of await self.registration.getNotifications()) { old.close(); }
            await self.registration.showNotification("a", { tag: "a", data: { where } });
            await click(where);
          }
          return calls; }"""
    )
    assert called == [["focused", "/notices/ways"], ["opened", "/signing"]]


def test_a_browser_without_push_says_so_and_the_rest_of_the_page_works_without_scripts(
    chromium: Browser, office: str, made: OfficeAgency
) -> None:
    context = chromium.new_context(locale="vi-VN", java_script_enabled=False)
    plain = context.new_page()
    signed_in(plain, office, made)
    plain.goto(f"{office}/notices/ways")
    expect(plain.get_by_role("button", name="Bật thông báo đẩy trên máy này")).to_have_count(0)
    plain.get_by_label("Văn bản chờ ký: Thư").uncheck()
    plain.get_by_role("button", name="Lưu").click()
    expect(plain.get_by_label("Văn bản chờ ký: Thư")).not_to_be_checked()
    expect(plain.get_by_label("Văn bản chờ ký: Thông báo đẩy")).to_be_checked()
    context.close()
    context = chromium.new_context(locale="vi-VN")
    old = context.new_page()
    old.add_init_script("delete window.PushManager;")
    signed_in(old, office, made)
    old.goto(f"{office}/notices/ways")
    expect(old.get_by_text("Trình duyệt này không nhận được thông báo đẩy", exact=False)).to_be_visible()
    context.close()
