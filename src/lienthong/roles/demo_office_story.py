"""What happens in the office of the demonstration: a letter comes over the axis, is checked, registered in the browser,
and its sender sees 01 and 03 come back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from lienthong.base.errors import Refused
from lienthong.connector.client import Client, Sent
from lienthong.roles.cli_profile import open_client
from lienthong.roles.demo_browser import Browser
from lienthong.roles.demo_office import COMMUNE, Body, DemoOffice
from lienthong.roles.demo_story import Story
from lienthong.roles.demo_world import VPCP

NUMBER = "1320/VPCP-KSTT"
SUBJECT = "V/v thử nghiệm tiếp nhận văn bản tại xã"
PATIENCE = 60.0


@dataclass
class OfficeStory:
    """Told with the same voice as the rest of the demonstration."""

    office: DemoOffice
    story: Story

    def play(self) -> dict[str, Any]:
        """Play it; what the result file says of it."""
        tell = self.story.tell
        self.office.wait()
        tell(f"Văn phòng bốn cơ quan đang chạy tại {self.office.url}", f"The office is up at {self.office.url}")
        with open_client(self.office.world.profile(VPCP)) as client:
            sent = self.story.send_letter(client, NUMBER, SUBJECT, COMMUNE.code, COMMUNE.name)
            tell(f"Đã gửi {NUMBER} tới {COMMUNE.name}.", f"Sent {NUMBER} to {COMMUNE.name}.")
            registered = self._register(COMMUNE)
            tell(f"Văn thư xã tiếp nhận, vào sổ trên trang: {registered}", f"Registered in the browser: {registered}")
            statuses = self._statuses(client, sent)
        tell("Trạng thái 01, 03 đã quay về nơi gửi.", "Statuses 01 and 03 are back at the sender.")
        return {
            "url": self.office.url, "document": str(sent.envelope.document_id), "registered": registered,
            "statuses": statuses, "people": len(self.office.people),
        }  # fmt: skip

    def _register(self, body: Body) -> str:
        """The registrar signs in, waits for the letter in the tray, and saves the form as it was filled in for him."""
        person = self.office.person(body, "registrar")
        with Browser(self.office.url, person["login"], self.office.password, person["secret"]) as browser:
            until = time.monotonic() + PATIENCE
            while not (where := browser.link("/arrivals", r"/arrivals/\d+", SUBJECT)):
                self._patience(until, "the letter in the tray")
            # The form is there while the file is still being checked; it is taken when that has ended.
            while True:
                try:
                    return browser.send(where, "/register", then="open").partition("?")[0]
                except Refused:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.5)

    def _statuses(self, client: Client, sent: Sent) -> list[int]:
        until = time.monotonic() + PATIENCE
        while True:
            trace = client.trace(client.agency, envelope_id=str(sent.envelope.id))
            codes = sorted(int(row["code"]) for row in trace.get("statuses", []))
            if codes == [1, 3]:
                return codes
            self._patience(until, "statuses 01 and 03")

    def _patience(self, until: float, what: str) -> None:
        self.office.world.check()
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {PATIENCE:g} s")
        time.sleep(0.3)
