"""From a draft in a department to a finished task in a commune, through the pages (``docs/guides/first-hour.md``)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from lienthong.base.clock import VIETNAM, SystemClock
from lienthong.base.errors import Refused
from lienthong.roles.demo_browser import Browser
from lienthong.roles.demo_office import COMMUNE, DEPARTMENT, Body, DemoOffice
from lienthong.roles.demo_story import Tell
from lienthong.signing.holdings.official_page import Page, draw

ABOUT = "Về việc kiểm tra công tác văn thư, lưu trữ tại xã"
PATIENCE = 120.0


class Journey:
    """One document, eight people, two agencies. Refuses DEMO_PAGE_REFUSED, or ends with a time-out that says where."""

    def __init__(self, office: DemoOffice, tell: Tell) -> None:
        self.office, self.tell = office, tell
        self._browsers: dict[str, Browser] = {}

    def play(self) -> dict[str, Any]:
        """Play it; what the result file says of it."""
        draft = self._drafted()
        self._approved_and_signed(draft)
        number = self._numbered_and_sent(draft)
        self.tell(f"Sở Nội vụ: {number} đã soạn, duyệt, ký, cấp số, đóng dấu và gửi {COMMUNE.name}.",
                  f"The department drafted, reviewed, signed, numbered, sealed and sent {number}.")  # fmt: skip
        received = self._received()
        self._handled(received)
        self.tell("Xã: đã vào sổ, chỉ đạo, phân công, xử lý và xác nhận hoàn thành.",
                  "The commune registered, directed, assigned, handled and finished it.")  # fmt: skip
        said = self._statuses(draft)
        self.tell(f"Sở thấy trạng thái cuối: {said}.", f"The department sees the last status: {said}.")
        return {"draft": draft, "number": number, "received": received, "last_status": said}

    def _drafted(self) -> str:
        """The case officer writes the draft, puts the file and submits it."""
        leader = self.office.person(DEPARTMENT, "leader")
        with self._as(DEPARTMENT, "case_officer") as browser:
            form = browser.form("/drafts/new", "")
            page = browser.post("/drafts/new", form, {
                "kind": "Kế hoạch", "abstract": ABOUT, "urgency": "0", "signer_1": leader["account"],
                "recipients": [f"{COMMUNE.code}|{COMMUNE.name}"],
                "body": "1. Thời gian kiểm tra: trong tháng tới.\n\n2. Đề nghị Ủy ban nhân dân xã chuẩn bị báo cáo.",
            })  # fmt: skip
            form = browser.form(page, "/files")
            file = ("ke-hoach.pdf", self._file(leader["name"]), "application/pdf")
            browser.post(page, form, {"comment": "Bản trình"}, {"file": file})
            browser.send(page, "/submit")
        return page

    def _approved_and_signed(self, draft: str) -> None:
        """Content by the unit's head, form by the office, the signature by the leader."""
        with self._as(DEPARTMENT, "unit_head") as browser:
            browser.send(draft, "/approve")
        with self._as(DEPARTMENT, "office_chief") as browser:
            browser.send(draft, "/approve")
        with self._as(DEPARTMENT, "leader") as browser:
            browser.post(
                "/signing", browser.form("/signing", "/signing"), {"row": [draft.rpartition("/")[2]], "secret": ""}
            )

    def _numbered_and_sent(self, draft: str) -> str:
        """Number and date, the seal, and the way to the axis; the number and symbol."""
        with self._as(DEPARTMENT, "registrar") as browser:
            browser.send(draft, "/number")
            browser.send(draft, "/seal", secret="")
            browser.send(draft, "/issue")
            return browser.found(draft, r"\d{2,}/KH-[A-ZĐ]+")

    def _received(self) -> str:
        """The commune's registrar registers what came and submits it to the leader; the page of the document."""
        leader = self.office.person(COMMUNE, "leader")
        with self._as(COMMUNE, "registrar") as browser:
            until = time.monotonic() + PATIENCE
            while not (where := browser.link("/arrivals", r"/arrivals/\d+", ABOUT)):
                self._patience(until, "the document in the commune's tray")
            while True:
                try:
                    page = browser.send(where, "/register", then="open").partition("?")[0]
                    break
                except Refused:
                    # The file is still being checked.
                    self._patience(until, "the check of the file")
            browser.send(page, "/acts/submit", **{"submit-0-to": leader["account"], "submit-0-words": "Kính trình"})
        return page

    def _handled(self, page: str) -> None:
        """Directive, assignment, report, confirmation."""
        head, officer = self.office.person(COMMUNE, "unit_head"), self.office.person(COMMUNE, "case_officer")
        due = (SystemClock().now().astimezone(VIETNAM).date() + timedelta(days=14)).strftime("%d/%m/%Y")
        with self._as(COMMUNE, "leader") as browser:
            self._act(browser, page, "direct", {
                f"targets:u{head['unit_id']}": "lead", "due": due,
                "words": "Giao Phòng Tổng hợp chủ trì, báo cáo trước hạn.",
            })  # fmt: skip
        with self._as(COMMUNE, "unit_head") as browser:
            self._act(
                browser,
                page,
                "assign",
                {f"targets:a{officer['account']}": "lead", "words": "Đồng chí chuẩn bị báo cáo.", "due": due},
            )
        with self._as(COMMUNE, "case_officer") as browser:
            self._act(browser, page, "report", {"result": "Đã chuẩn bị đủ hồ sơ kiểm tra.", "answer": "none"})
        with self._as(COMMUNE, "unit_head") as browser:
            self._act(browser, page, "confirm", {})

    def _act(self, browser: Browser, page: str, act: str, values: dict[str, str]) -> None:
        """One act beside a document; its fields are named after the task."""
        form = browser.form(page, f"/acts/{act}")
        start = f"{act}-{form.values['task']}-"
        browser.post(page, form, {f"{start}{name}": value for name, value in values.items()})

    def _statuses(self, draft: str) -> str:
        """Wait until the department sees that the commune has finished."""
        until = time.monotonic() + PATIENCE
        with self._as(DEPARTMENT, "registrar") as browser:
            while not (said := browser.found(draft, "Hoàn thành[^<]*")):
                self._patience(until, "the status of completion")
        return said.strip()

    def _file(self, signer: str) -> bytes:
        """The paper, with blanks for number and date."""
        year = SystemClock().now().astimezone(VIETNAM).year
        rows = [
            ("Thời gian", "trong tháng tới"),
            ("Nội dung", "công tác văn thư, lưu trữ"),
            ("Chuẩn bị", "báo cáo của xã"),
        ]
        return draw(
            Page(DEPARTMENT.name.upper(), f"KH-{DEPARTMENT.abbreviation}", DEPARTMENT.place, year, "KẾ HOẠCH", ABOUT,
                 rows, [(DEPARTMENT.head, signer)], DEPARTMENT.superior, receivers=(COMMUNE.name, "Lưu: VT"))
        )  # fmt: skip

    @contextmanager
    def _as(self, body: Body, duty: str) -> Iterator[Browser]:
        """The browser of a person; he stays signed in, since a code counts only once."""
        person = self.office.person(body, duty)
        if person["login"] not in self._browsers:
            made = Browser(self.office.url, person["login"], self.office.password, person["secret"])
            self._browsers[person["login"]] = made
        yield self._browsers[person["login"]]

    def _patience(self, until: float, what: str) -> None:
        self.office.world.check()
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {PATIENCE:g} s")
        time.sleep(0.3)
