"""People of an office as HTTP clients: signing in, lists, searches, registering, and two hundred of them at once."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any
from urllib.parse import urlencode

import httpx
import pyotp
from bench._run import Failed

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
AFTER = re.compile(r'href="(\?[^"]*\bafter=[^"]*)"')
DOCUMENT = re.compile(r'href="(/documents/\d+)[?"]')
WORDS = (
    "chuyen doi so", "phong chay chua chay", "giai ngan von dau tu cong", "an toan giao thong", "tiem phong gia suc",
    "cai cach thu tuc hanh chinh", "hop tac xa", "nuoc sach", "bao cao", "ke hoach", "quy hoach su dung dat",
    "mua mua bao",
    "thi dua khen thuong", "so hoa ho so", "tinh gian bien che", "le hoi dau xuan", "rac thai", "du toan",
)  # fmt: skip
FILTERS: tuple[dict[str, str], ...] = (
    {}, {"state": "in_progress"}, {"state": "finished"}, {"state": "recalled"}, {"kind": "Công văn"},
    {"kind": "Quy chế"},
    {"issuer": "Bộ"}, {"issuer": "không có cơ quan này"}, {"number": "13"}, {"number": "123/UBND"}, {"urgency": "3"},
    {"overdue": "1"}, {"arrived_from": "01/03/2026", "arrived_to": "31/03/2026"}, {"issued_from": "05/01/2025"},
    {"year": "2025", "state": "finished", "kind": "Báo cáo"},
)  # fmt: skip


class Somebody:
    """One signed-in person with a connection that stays open."""

    def __init__(self, url: str, who: dict[str, Any]) -> None:
        self.client = httpx.Client(base_url=url, timeout=60)
        self.who = who
        self._send("/sign-in", {"login": who["login"], "password": who["password"]})
        answer = self._send("/sign-in/second", {"code": pyotp.TOTP(who["secret"]).now()})
        if answer.status_code != 303 or self.get("/")[0] != 200:
            raise Failed(f"{who['login']} could not sign in: {answer.status_code}")

    def _send(self, where: str, values: dict[str, str]) -> httpx.Response:
        return self.client.post(where, data={"csrfmiddlewaretoken": self.token(self.client.get(where).text), **values})

    @staticmethod
    def token(page: str) -> str:
        """The token of the first form of a page."""
        found = TOKEN.search(page)
        if found is None:
            raise Failed(f"a page has no form: {page[:300]}")
        return found[1]

    def get(self, where: str) -> tuple[int, float, str]:
        """Status, milliseconds until the whole answer is there, and the page; 401 for one who is sent to sign in."""
        begun = time.perf_counter()
        answer = self.client.get(where, follow_redirects=True)
        taken = (time.perf_counter() - begun) * 1000
        return 401 if answer.url.path == "/sign-in" else answer.status_code, taken, answer.text

    def give_task(self) -> tuple[int, float, str]:
        """Give oneself a task by the form: from sending it to the page of the task."""
        token = self.token(self.client.get("/tasks/new").text)
        values = {
            "csrfmiddlewaretoken": token,
            "title": "Việc đo thử",
            "owners": f"a{self.who['account']}",
            "days": "5",
        }
        begun = time.perf_counter()
        answer = self.client.post("/tasks/new", data=values)
        if answer.status_code != 303:
            return answer.status_code, 0.0, answer.text
        status, _, page = self.get(answer.headers["location"])
        return status, (time.perf_counter() - begun) * 1000, page


def lists(people: list[Somebody], pages: int) -> tuple[list[float], dict[str, float]]:
    """Every filter, the first page and those after it; all times, and the slowest addresses."""
    times: list[float] = []
    slowest: dict[str, float] = {}
    for somebody, (path, values) in product(people, [*product(("/incoming",), FILTERS), ("/outgoing", {})]):
        where = f"{path}?{urlencode(values)}" if values else path
        for _ in range(pages):
            status, taken, page = somebody.get(where)
            if status != 200:
                raise Failed(f"{where} answered {status}")
            times.append(taken)
            slowest[f"{somebody.who['duty']} {where}"] = round(taken, 1)
            following = AFTER.search(page)
            if following is None:
                break
            where = path + following[1].replace("&amp;", "&")
    return times, dict(sorted(slowest.items(), key=lambda each: -each[1])[:6])


def searches(people: list[Somebody]) -> tuple[list[float], dict[str, float]] | None:
    """Unaccented words with and without filters; None when the office has no page for it yet."""
    times: list[float] = []
    slowest: dict[str, float] = {}
    for somebody, text, more in product(
        people, WORDS, ({}, {"direction": "incoming"}, {"kind": "Công văn", "year": "2026"})
    ):
        where = f"/search?{urlencode({'q': text, **more})}"
        status, taken, _ = somebody.get(where)
        if status == 404:
            return None
        if status != 200:
            raise Failed(f"{where} answered {status}")
        times.append(taken)
        slowest[f"{somebody.who['duty']} {where}"] = round(taken, 1)
    return times, dict(sorted(slowest.items(), key=lambda each: -each[1])[:6])


def registering(registrar: Somebody, arrivals: list[int]) -> list[float]:
    """One after another: from sending the form until the next one is there."""
    times, where = [], f"/arrivals/{arrivals[0]}"
    page = registrar.client.get(where).text
    for number in arrivals:
        begun = time.perf_counter()
        answer = registrar.client.post(
            f"/arrivals/{number}/register", data={"csrfmiddlewaretoken": registrar.token(page), **_entered(number)}
        )
        if answer.status_code != 303:
            raise Failed(f"registering answered {answer.status_code}: {_said(answer.text)}")
        page = registrar.client.get(answer.headers["location"]).text
        times.append((time.perf_counter() - begun) * 1000)
        page = page if TOKEN.search(page) else registrar.client.get("/incoming").text
    return times


def _entered(number: int) -> dict[str, str]:
    return {
        "kind": "Công văn", "number": f"{number % 900 + 1}", "symbol": f"UBND-VP{number}", "issued_date": "02/11/2026",
        "issuer_name": "Ủy ban nhân dân xã Thử Giang Thượng", "abstract": f"V/v đo tốc độ vào sổ văn bản {number}",
        "language": "Tiếng Việt", "urgency": "0", "confirmed": "1",
    }  # fmt: skip


def _said(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())[:400]


def signed_in(url: str, people: list[dict[str, Any]]) -> list[Somebody]:
    """All of them, a few at a time."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda who: Somebody(url, who), people))


def mixed(people: list[Somebody], seconds: float, think: tuple[float, float]) -> tuple[list[float], list[str]]:
    """Everybody works at once and thinks between two pages; times and what went wrong."""
    times: list[float] = []
    wrong: list[str] = []
    lock, end = threading.Lock(), time.monotonic() + seconds

    def work(somebody: Somebody) -> None:
        chance = random.Random(somebody.who["login"])
        time.sleep(chance.uniform(0, think[1]))
        steps = _steps(chance)
        last = ""
        while time.monotonic() < end:
            where = next(steps)
            if where == "document":
                found = DOCUMENT.findall(last)
                where = chance.choice(found) if found else "/"
            try:
                status, taken, last = somebody.give_task() if where == "task" else somebody.get(where)
            except httpx.HTTPError as error:
                status, taken = 0, 0.0
                last = repr(error)
            with lock:
                times.append(taken)
                if status != 200:
                    wrong.append(f"{somebody.who['duty']} {where}: {status}")
            time.sleep(chance.uniform(*think))

    threads = [threading.Thread(target=work, args=(each,)) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, wrong


def _steps(chance: random.Random) -> Iterator[str]:
    """What one person does, round and round; each begins somewhere else."""
    at = chance.randrange(len(_ROUND))
    while True:
        step, at = _ROUND[at], (at + 1) % len(_ROUND)
        if step == "filtered":
            yield f"/incoming?{urlencode(chance.choice(FILTERS))}"
        elif step == "search":
            yield f"/search?{urlencode({'q': chance.choice(WORDS)})}"
        else:
            yield step


_ROUND = ("/", "/incoming", "document", "filtered", "document", "/outgoing", "search", "document", "/notices", "task")
