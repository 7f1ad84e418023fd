"""The signing agent in a browser: a page of the office hands over a batch, the official sees each document and signs."""

from __future__ import annotations

import base64
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from signers_world import PIN, Agent, People, PreparedPdf, agent, letter, prepare
from softhsm_token import Tokens

COUNT = 20
SUBJECTS = (
    "Về việc triển khai số hóa hồ sơ, kết quả giải quyết thủ tục hành chính năm 2026 trên địa bàn toàn tỉnh",
    "Báo cáo kết quả thực hiện nhiệm vụ quý III/2026",
    "Mời dự họp giao ban chuyên đề về chuyển đổi số",
    "Kế hoạch kiểm tra công tác văn thư, lưu trữ năm 2026",
)
OFFICE = "<!doctype html><html lang=vi><title>Phần mềm của cơ quan</title><h1>Phần mềm của cơ quan</h1></html>"
HAND_OVER = """async ([agent, code, batch, contents]) => {
  const json = {"Content-Type": "application/json"};
  const paired = await (await fetch(agent + "/v1/pair",
    {method: "POST", headers: json, body: JSON.stringify({code})})).json();
  const auth = {Authorization: "Bearer " + paired.token};
  const made = await (await fetch(agent + "/v1/batches",
    {method: "POST", headers: {...json, ...auth}, body: JSON.stringify(batch)})).json();
  for (let at = 0; at < contents.length; at++) {
    const bytes = Uint8Array.from(atob(contents[at]), c => c.charCodeAt(0));
    const put = await fetch(`${agent}/v1/batches/${made.batch}/documents/${at + 1}`,
      {method: "PUT", headers: auth, body: bytes});
    if (put.status !== 204) { throw new Error(await put.text()); }
  }
  window.token = paired.token;
  return made;
}"""
FETCH = """async ([agent, batch]) => (await fetch(`${agent}/v1/batches/${batch}/signatures`,
  {headers: {Authorization: "Bearer " + window.token}})).json()"""
Look = Callable[[str], None]


@pytest.fixture
def office() -> Iterator[str]:
    """A page of the office at an origin of its own."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(OFFICE.encode())

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


@pytest.fixture
def world(
    tmp_path: Path, office: str, tokens: Tokens, request: pytest.FixtureRequest
) -> Iterator[tuple[Agent, list[PreparedPdf], str]]:
    people = People(tmp_path / "people")
    holder = people.add("Nguyễn Văn An", "an")
    people.token("nguyen-van-an", holder, tokens, request.node.name[:28])
    documents = [
        prepare(letter(tmp_path, f"{1200 + at}/UBND-VP", SUBJECTS[at % 4]), holder.certificate) for at in range(COUNT)
    ]
    with agent(tmp_path / "home", people.folder / "signers", (office,)) as made:
        yield made, documents, office


def described(documents: list[PreparedPdf]) -> dict[str, Any]:
    rows = [
        {"name": f"{1200 + at}-UBND-VP.pdf", "number": f"{1200 + at}/UBND-VP", "abstract": SUBJECTS[at % 4],
         "to_sign": base64.b64encode(each.to_sign).decode()}
        for at, each in enumerate(documents)
    ]  # fmt: skip
    return {"signer": "nguyen-van-an", "title": "Văn bản trình ký ngày 26/11/2026", "documents": rows}


def test_twenty_documents_are_handed_over_seen_and_signed_with_one_pin(
    world: tuple[Agent, list[PreparedPdf], str], page: Page, look_at: Look
) -> None:
    made, documents, office = world
    page.goto(office)
    contents = [base64.b64encode(each.content).decode() for each in documents]
    batch = page.evaluate(HAND_OVER, [made.url, made.made.pairing.code, described(documents), contents])
    software = page.context.new_page()
    page, software = software, page
    page.goto(batch["page"])
    expect(page.get_by_role("heading", name="Nhập mã ghép")).to_be_visible()
    page.get_by_label("Mã ghép").fill("ABCD-EFGH")
    page.get_by_role("button", name="Vào trình ký").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã ghép không đúng")
    page.get_by_label("Mã ghép").fill(made.made.pairing.code.lower())
    page.get_by_role("button", name="Vào trình ký").click()
    expect(page).to_have_url(batch["page"])
    expect(page.get_by_label("Mã PIN")).to_have_count(0)
    page.get_by_role("link", name="Xem lần lượt").click()
    for number in range(1, COUNT):
        expect(page).to_have_url(f"{batch['page']}/{number}")
        expect(page.get_by_text(f"Văn bản {number}/{COUNT}")).to_be_visible()
        page.wait_for_load_state("load")
        page.get_by_role("button", name="Đã xem, đồng ý ký").click()
    expect(page).to_have_url(f"{batch['page']}/{COUNT}")
    page.get_by_text("Không ký văn bản này").click()
    page.get_by_label("Lý do").fill("Sai căn cứ pháp lý, đề nghị soạn lại")
    page.get_by_role("button", name="Từ chối ký").click()
    expect(page).to_have_url(batch["page"])
    page.get_by_label("Mã PIN").fill("9999")
    page.get_by_role("button", name=f"Ký {COUNT - 1} văn bản").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã PIN không đúng (lần sai thứ 1")
    page.get_by_label("Mã PIN").fill(PIN)
    page.get_by_role("button", name=f"Ký {COUNT - 1} văn bản").click()
    expect(page.get_by_text(f"Đã ký {COUNT - 1}, từ chối 1 trên {COUNT} văn bản.")).to_be_visible(timeout=20_000)
    rows = software.evaluate(FETCH, [made.url, batch["batch"]])["signatures"]
    assert [row["state"] for row in rows] == ["signed"] * (COUNT - 1) + ["declined"]
    assert documents[0].embed(base64.b64decode(rows[0]["signature"])).startswith(b"%PDF-")
    page.close()


def test_every_page_is_accessible_and_fits_wide_and_narrow(
    world: tuple[Agent, list[PreparedPdf], str], page: Page, look_at: Look
) -> None:
    made, documents, _ = world
    made.made.edge._origins = frozenset({"https://vanban.tinh.gov.vn"})
    made.pair()
    page.goto(made.url)
    look_at("sign-login")
    page.get_by_label("Mã ghép").fill(made.made.pairing.code)
    page.get_by_role("button", name="Vào trình ký").click()
    look_at("sign-empty")
    rows = described(documents[:4])
    answer = made.ask("POST", "/v1/batches", json=rows)
    batch = answer.json()["batch"]
    for number in range(1, 5):
        made.put(batch, number, documents[number - 1].content)
    page.reload()
    look_at("sign-overview")
    page.goto(f"{made.url}/batches/{batch}")
    look_at("sign-batch-unseen")
    page.get_by_role("link", name="Xem lần lượt").click()
    page.wait_for_timeout(1500)
    look_at("sign-document")
    for _ in range(4):
        page.wait_for_load_state("load")
        page.get_by_role("button", name="Đã xem, đồng ý ký").click()
    for _ in range(2):
        page.get_by_label("Mã PIN").fill("9999")
        page.get_by_role("button", name="Ký 4 văn bản").click()
    look_at("sign-batch-pin-risk")
    page.get_by_label("Mã PIN").fill(PIN)
    page.get_by_label("Tôi biết").check()
    page.get_by_role("button", name="Ký 4 văn bản").click()
    expect(page.get_by_text("Đã ký 4, từ chối 0 trên 4 văn bản.")).to_be_visible(timeout=20_000)
    look_at("sign-batch-done")
    page.goto(f"{made.url}/self-test")
    look_at("sign-self-test")
    page.goto(f"{made.url}/self-test?lang=en")
    expect(page.get_by_role("heading", name="Self-test")).to_be_visible()
    page.goto(f"{made.url}/batches/{batch}/99")
    look_at("sign-refused")


def test_a_page_that_is_not_allowed_cannot_reach_the_agent(
    world: tuple[Agent, list[PreparedPdf], str], chromium: Browser
) -> None:
    made, _, office = world
    page = chromium.new_page()
    page.goto(office.replace("localhost", "127.0.0.1"))
    said = page.evaluate(
        "async (agent) => { try { await fetch(agent + '/v1/health'); return 'read'; } catch (e) { return 'blocked'; } }",
        made.url,
    )
    assert said == "blocked"
    page.goto(office)
    assert page.evaluate("async (agent) => (await fetch(agent + '/v1/health')).status", made.url) == 200
    page.close()
