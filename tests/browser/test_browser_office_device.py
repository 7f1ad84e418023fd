"""Signing in the office's pages with a token on one's own computer: a real office, a real agent, SoftHSM, a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from device_world import agent_at, be_leader, confirm, trusting
from fixtures_office import OfficeInstallation
from lienthong.base.errors import Refused
from lienthong.infra.credential_errors import TOKEN_AWAY
from office_server import serving
from outgoing_world import LEADER, OutgoingAgency, make_outgoing
from signers_world import PIN, Agent, Holder, People, agent
from softhsm_token import Tokens

Look = Callable[[str], None]


@dataclass
class Desk:
    """An office, the leader's computer with its agent and token, and documents that wait for him."""

    url: str
    world: OutgoingAgency
    agent: Agent
    tokens: Tokens
    documents: list[int]

    def states(self) -> list[str]:
        return [self.world.look(each).state for each in self.documents]


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def desk(
    office: str, agency_number: int, tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    world = make_outgoing(agency_number)
    people = People(tmp_path / "people")
    holder: Holder = people.add(LEADER, "lanh-dao")
    people.token("lanh-dao", holder, tokens, f"lt{agency_number}")
    documents = [world.draft(abstract=f"Về việc thành lập Tổ số {number}") for number in (1, 2, 3)]
    for each in documents:
        world.to_signers(each)
    with agent(tmp_path / "home", people.folder / "signers", (office,)) as made:
        trusting(monkeypatch, tmp_path, people)
        confirm(world, holder)
        agent_at(monkeypatch, made.url)
        yield Desk(office, world, made, tokens, documents)


def hand_over(page: Page, desk: Desk) -> Page:
    """Tick everything, pair, and open the agent's page."""
    be_leader(page, desk.url, desk.world)
    page.goto(f"{desk.url}/signing")
    for tick in page.get_by_label("Tôi đã xem và ký văn bản này").all():
        tick.check()
    page.get_by_label("Mã ghép của trình ký").fill(desk.agent.made.pairing.code)
    page.get_by_role("button", name="Ký bằng thiết bị của tôi").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Mở trình ký").click()
    computer = opened.value
    computer.get_by_label("Mã ghép").fill(desk.agent.made.pairing.code)
    computer.get_by_role("button", name="Vào trình ký").click()
    computer.get_by_role("link", name="Xem lần lượt").click()
    for _ in desk.documents:
        computer.wait_for_load_state("load")
        computer.get_by_role("button", name="Đã xem, đồng ý ký").click()
    return computer


def test_three_documents_are_signed_with_one_pin(page: Page, desk: Desk) -> None:
    computer = hand_over(page, desk)
    computer.get_by_label("Mã PIN").fill(PIN)
    computer.get_by_role("button", name="Ký 3 văn bản").click()
    # One looks at the agent's page, then goes back to the office's; a page that nobody looks at does not refresh.
    computer.bring_to_front()
    expect(computer.get_by_text("Đã ký 3, từ chối 0 trên 3 văn bản.")).to_be_visible(timeout=90_000)
    page.bring_to_front()
    expect(page.get_by_text("Đã xong lượt ký bằng thiết bị.")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("đã ký (B-", exact=False)).to_have_count(3)
    assert desk.states() == ["signed"] * 3
    page.reload()
    expect(page.get_by_text("Không có văn bản chờ ký")).to_be_visible()


def test_a_page_that_the_agent_does_not_know_says_what_to_do(chromium: Browser, desk: Desk) -> None:
    desk.agent.made.edge._origins = frozenset({"https://other.example"})
    context = chromium.new_context(locale="vi-VN")
    page = context.new_page()
    be_leader(page, desk.url, desk.world)
    page.goto(f"{desk.url}/signing")
    expect(page.get_by_text(f"Mở lại trình ký với --origin {desk.url}")).to_be_visible()
    expect(page.get_by_role("button", name="Ký bằng thiết bị của tôi")).to_have_count(0)
    desk.agent.made.edge._origins = frozenset({desk.url})
    page.get_by_role("button", name="Tìm lại").click()
    expect(page.get_by_role("button", name="Ký bằng thiết bị của tôi")).to_be_visible()
    context.close()


def test_without_an_agent_the_page_says_so(
    page: Page, desk: Desk, monkeypatch: pytest.MonkeyPatch, look_at: Look
) -> None:
    agent_at(monkeypatch, desk.agent.url.rpartition(":")[0] + ":2")
    be_leader(page, desk.url, desk.world)
    page.goto(f"{desk.url}/signing")
    expect(page.get_by_text("Chưa thấy trình ký trên máy này")).to_be_visible()
    look_at("device-no-agent")


def test_what_was_signed_before_the_token_went_away_stays_and_the_rest_goes_on(page: Page, desk: Desk) -> None:
    computer = hand_over(page, desk)
    board = desk.agent.made.desk
    check, seen = board._check, []

    def away_at_the_second(*asked: Any) -> None:
        check(*asked)
        seen.append(asked)
        if len(seen) == 2:
            raise Refused(TOKEN_AWAY, token="lanh-dao", reason="removed")

    board._check = away_at_the_second  # type: ignore[method-assign, assignment]
    computer.get_by_label("Mã PIN").fill(PIN)
    computer.get_by_role("button", name="Ký 3 văn bản").click()
    expect(page.get_by_text("Trình ký đã dừng", exact=False)).to_be_visible(timeout=90_000)
    expect(page.get_by_text("đã ký (B-", exact=False)).to_have_count(1, timeout=90_000)
    assert sorted(desk.states()) == ["signed", "signing", "signing"]
    computer.reload()
    computer.get_by_label("Mã PIN").fill(PIN)
    computer.get_by_role("button", name="Ký 2 văn bản").click()
    expect(page.get_by_text("Đã xong lượt ký bằng thiết bị.")).to_be_visible(timeout=90_000)
    assert desk.states() == ["signed"] * 3
