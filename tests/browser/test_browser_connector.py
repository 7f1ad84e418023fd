"""The connector's status page in a browser: every page in several states, by keyboard, without scripts, under attack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from axis_process import wait_for
from fixtures_axis import Town
from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.connector.courier.model import Reason
from lienthong.connector.local.errors import WEBHOOK_NOT_ANSWERED
from local_face import Local, serving

ATTACK = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}"
SUBJECTS = (
    "Về việc triển khai số hóa hồ sơ, kết quả giải quyết thủ tục hành chính năm 2026 trên địa bàn toàn tỉnh",
    "Báo cáo kết quả thực hiện nhiệm vụ quý III/2026",
    "Mời dự họp giao ban chuyên đề về chuyển đổi số",
    "Về việc góp ý dự thảo Quy chế tiếp nhận, xử lý, phát hành và quản lý văn bản điện tử",
    "Kế hoạch kiểm tra công tác văn thư, lưu trữ năm 2026",
    "Thông báo kết luận cuộc họp ngày 20/11/2026",
)
Look = Callable[[str], None]


def sign_in(page: Page, local: Local, token: str | None = None) -> None:
    page.goto(local.url + "/")
    page.get_by_label("Mã truy cập tại chỗ").fill(token or local.writer)
    page.get_by_role("button", name="Vào trang").click()
    expect(page).to_have_url(local.url + "/")


def send(local: Local, to: list[str], number: int, **more: Any) -> dict[str, Any]:
    subject = SUBJECTS[number % len(SUBJECTS)]
    members = {"number": f"{1200 + number}/UBND-VP", "subject": subject, "kind": "Công văn", **more}
    answer = local.send(
        to, [(f"{1200 + number}-UBND-VP.pdf", b"%PDF-1.4 x" * 20000), ("Phụ lục 1.xlsx", b"PK" * 999)], **members
    )
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def busy(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Local, Local]]:
    """Two connectors between which documents have gone; in the first, some wait, one is refused, one webhook is dead."""
    first, second, third, fourth = town
    root = tmp_path_factory.mktemp("busy")
    with serving(town.axis, first, root / "1") as here, serving(town.axis, second, root / "2") as there:
        for number in range(4):
            send(here, [second.agency, third.agency], number, urgency=number % 3)
        for number in range(4, 7):
            send(there, [first.agency], number, urgency=1 if number == 5 else 0, due="15/12/2026", place="Hà Nội",
                 signer={"name": "Nguyễn Văn Mẫu", "position": "Chánh Văn phòng", "competence": "TL. CHỦ TỊCH"})  # fmt: skip
        send(there, [first.agency], 7, subject=ATTACK)
        wait_for(lambda: here.courier.health().waiting + there.courier.health().waiting == 0, "not all left", 60)
        wait_for(lambda: len(there.get("/v1/received?taken=no")["received"]) == 4, "not all arrived", 60)
        wait_for(lambda: len(here.get("/v1/received?taken=no")["received"]) == 4, "not all arrived", 60)
        for row, code in zip(there.get("/v1/received")["received"][:3], (3, 6, 5), strict=True):
            assert (
                there.ask(
                    "POST", f"/v1/received/{row['id']}/status", json={"code": code, "description": "Sổ số 56"}
                ).status_code
                == 202
            )
        here.ask("POST", f"/v1/received/{here.get('/v1/received')['received'][0]['id']}/take")
        wait_for(
            lambda: sum(r["kind"] == "status" for r in here.get("/v1/received")["received"]) == 3, "no statuses", 60
        )
        send(here, [fourth.agency, "000.00.00.H99"], 8)
        wait_for(lambda: here.courier.health().refused == 1, "nothing was refused", 60)
        hook = here.ask(
            "POST", "/v1/webhooks", json={"url": "http://127.0.0.1:9/bao-tin", "types": ["document."]}
        ).json()
        here.face.desk.hooks.failed(hook["id"], Reason.of(Refused(WEBHOOK_NOT_ANSWERED, why="HTTP 503")), 7)
        yield here, there


def test_an_empty_connector_says_what_to_do(town: Town, tmp_path: Path, page: Page, look_at: Look) -> None:
    _, _, third, _ = town
    with serving(town.axis, third, tmp_path) as local:
        page.goto(local.url + "/out?state=refused")
        look_at("sign-in")
        page.get_by_label("Mã truy cập tại chỗ").fill("sai")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("không đúng")
        look_at("sign-in-wrong")
        page.get_by_label("Mã truy cập tại chỗ").fill(local.writer)
        page.keyboard.press("Enter")
        expect(page).to_have_url(local.url + "/out?state=refused")
        for name, path in (
            ("overview", "/"),
            ("outgoing", "/out"),
            ("incoming", "/in"),
            ("system", "/system"),
            ("api", "/api"),
        ):
            page.goto(local.url + path)
            look_at(f"empty-{name}")
        page.goto(local.url + "/out/nowhere")
        look_at("refused-page")


def test_a_busy_connector_shows_everything_and_axe_finds_nothing(
    busy: tuple[Local, Local], page: Page, look_at: Look
) -> None:
    here, _ = busy
    sign_in(page, here)
    look_at("busy-overview")
    for name, path in (("outgoing", "/out"), ("incoming", "/in"), ("system", "/system")):
        page.goto(here.url + path)
        look_at(f"busy-{name}")
    page.goto(here.url + "/out?state=sent")
    page.locator("table a").last.click()
    look_at("busy-job-sent")
    page.goto(here.url + "/out?state=refused")
    page.locator("table a").first.click()
    look_at("busy-job-refused")
    page.goto(here.url + "/in?q=so+hoa")
    page.goto(here.url + "/in?taken=no")
    page.locator("table a").nth(1).click()
    page.get_by_text("Từ chối tiếp nhận văn bản này").click()
    look_at("busy-received")
    page.goto(here.url + "/?lang=en")
    look_at("busy-overview-en")
    page.goto(here.url + "/system")
    expect(page.get_by_role("heading", level=1)).to_have_text("Connections")
    look_at("busy-system-en")


def test_the_address_holds_every_filter(busy: tuple[Local, Local], page: Page) -> None:
    here, _ = busy
    sign_in(page, here)
    page.goto(here.url + "/out")
    page.get_by_label("Số ký hiệu, trích yếu, nơi nhận").fill("hoc giao ban")
    page.get_by_label("Tình trạng").select_option("sent")
    page.get_by_role("button", name="Lọc").click()
    expect(page).to_have_url(here.url + "/out?q=hoc+giao+ban&state=sent")
    expect(page.get_by_text("Không có văn bản nào khớp")).to_be_visible()
    page.goto(here.url + "/out?q=hop+giao+ban&state=sent")
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="English").click()
    assert "q=hop" in page.url
    assert page.locator("tbody tr").count() == 1


def test_text_of_others_is_shown_and_never_run(busy: tuple[Local, Local], page: Page) -> None:
    here, _ = busy
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    sign_in(page, here)
    row = next(r for r in here.get("/v1/received")["received"] if r["packet"].get("subject") == ATTACK)
    for path in ("/", "/in", f"/in/{row['id']}"):
        page.goto(here.url + path)
        expect(page.get_by_text("{{7*7}}").first).to_be_visible()
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 1
    answer = page.request.get(f"{here.url}/in/{row['id']}/files/0")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_refused_job_is_retried_and_cancelled_by_keyboard_alone(busy: tuple[Local, Local], page: Page) -> None:
    here, _ = busy
    sign_in(page, here)
    job = here.get("/v1/jobs?state=refused")["jobs"][0]["id"]
    page.goto(f"{here.url}/out/{job}")
    retry = page.get_by_role("button", name="Gửi lại ngay")
    for _ in range(40):
        page.keyboard.press("Tab")
        if retry.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{here.url}/out/{job}?done=retry")
    wait_for(lambda: here.courier.health().refused == 1, "it was not refused again", 60)
    page.goto(f"{here.url}/out/{job}")
    page.get_by_role("button", name="Hủy công việc").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Đã hủy; văn bản chưa hề rời đầu nối.")).to_be_visible()


def test_it_works_without_scripts_and_a_reader_gets_no_buttons(busy: tuple[Local, Local], chromium: Browser) -> None:
    here, _ = busy
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, here, here.reader)
    expect(page.get_by_text("chỉ xem")).to_be_visible()
    page.get_by_role("link", name="Đến", exact=False).first.click()
    page.locator("table a").first.click()
    assert page.get_by_role("button", name="Báo trạng thái").count() == 0
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page).to_have_url(here.url + "/login")
    page.goto(here.url + "/in")
    expect(page).to_have_url(here.url + "/login?next=%2Fin")
    context.close()


def test_another_page_can_neither_read_nor_press(busy: tuple[Local, Local], chromium: Browser) -> None:
    """A page of another origin, in the browser in which the registrar is signed in."""
    here, _ = busy
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, here)
    job = here.get("/v1/jobs?state=sent")["jobs"][0]["id"]
    page.goto("data:text/html,<h1>elsewhere</h1>")
    for mode in ("cors", "no-cors"):
        script = "([url, mode]) => fetch(url, {mode, credentials: 'include'}).then(a => a.text()).catch(() => '')"
        assert page.evaluate(script, [here.url + "/out", mode]) == ""
    # A form of that page: the browser sends it, but neither the cookie of the session nor our origin with it.
    page.goto(f"data:text/html,<form method=post action='{here.url}/out/{job}/retry'><button>x</button></form>")
    page.get_by_role("button").click()
    page.wait_for_url(here.url + "/**")
    assert "/login" in page.url or "LOCAL_PAGE_EXPIRED" in page.content()
    context.close()


def test_an_axis_that_is_away_and_a_certificate_that_ends_are_said_in_words(
    town: Town, tmp_path: Path, page: Page, look_at: Look
) -> None:
    first, _, _, fourth = town
    ends = SystemClock().now() + timedelta(days=12, hours=1)
    with serving(town.axis, fourth, tmp_path, certificate_ends_at=ends) as local:
        link = local.courier.axes[0]
        wait_for(lambda: link.health().reachable_since is not None, "the axis did not answer", 30)
        send(local, [first.agency], 1)
        wait_for(lambda: local.courier.health().waiting == 0, "it did not leave", 30)
    with serving(cut_off(town), fourth, tmp_path, certificate_ends_at=ends) as local:
        send(local, [first.agency], 2)
        wait_for(lambda: local.courier.axes[0].health().away_since is not None, "the axis is not away", 60)
        sign_in(page, local)
        expect(page.get_by_text("Không liên lạc được với trục")).to_be_visible()
        expect(page.get_by_text("sắp hết hạn")).to_be_visible()
        look_at("away-overview")
        page.goto(local.url + "/system")
        look_at("away-system")
        page.goto(local.url + "/out")
        look_at("away-outgoing")


def cut_off(town: Town) -> Any:
    """The same axis, at an address where nobody listens."""
    return SimpleNamespace(name=town.axis.name, keys=town.axis.keys, url="http://127.0.0.1:9")


def test_the_page_refreshes_itself_gently(busy: tuple[Local, Local], page: Page) -> None:
    here, there = busy
    sign_in(page, here)
    before = here.face.desk.taken.count()
    figure = page.locator("#figures a", has_text="Đến, chưa lấy").locator("b")
    expect(figure).to_have_text(str(before))
    page.get_by_role("link", name="Gửi đi").first.focus()
    send(there, [here.party.agency], 9)
    expect(figure).to_have_text(str(before + 1), timeout=60_000)
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/out"
