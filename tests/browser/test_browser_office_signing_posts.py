"""Signing in place of another, in a browser: chosen by the drafter, or passed on by the signer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from test_browser_office_incoming import enter

from fixtures_office import OfficeInstallation
from lienthong.webkit.administration import delegating
from lienthong.webkit.site.duties import Duty
from office_server import serving
from outgoing_world import make_outgoing


@pytest.fixture(scope="module")
def office(office_installation: OfficeInstallation) -> Iterator[str]:
    with serving() as url:
        yield url


def test_a_signer_passes_his_signature_on_and_the_draft_shows_in_what_capacity_it_is_signed(
    office: str, page: Page, look_at: Callable[[str], None], agency_number: int
) -> None:
    world = make_outgoing(agency_number)
    world.rename(Duty.OFFICE_CHIEF, "Lê Quốc Đại")
    with world.visit(Duty.LEADER) as visit:
        begin = visit.now - timedelta(hours=1)
        delegating.delegate(
            visit, world.account(Duty.LEADER), world.account(Duty.OFFICE_CHIEF), [Duty.LEADER], begin,
            begin + timedelta(days=1), "Đi công tác",
        )  # fmt: skip
    document = world.draft()
    world.to_signers(document)
    enter(office, page, world.made, Duty.LEADER)
    page.goto(f"{office}/drafts/{document}")
    page.get_by_text("Giao người khác ký thay").click()
    look_at("signing-pass-on")
    page.get_by_role("button", name="Giao ký thay").click()
    expect(page.get_by_text("TUQ. GIÁM ĐỐC CHÁNH VĂN PHÒNG").first).to_be_attached()
    enter(office, page, world.made, Duty.CASE_OFFICER)
    page.goto(f"{office}/drafts/{document}/edit")
    expect(page.get_by_label("Người ký thứ 1").locator("option:checked")).to_contain_text("Lê Quốc Đại thay")
    look_at("signing-posts-form")
