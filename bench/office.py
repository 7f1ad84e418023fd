"""An office full of documents, as ordinary people find it: lists, searches, registering, a crowd, numbers, first page.

``./dev bench office --documents 100000 [--agencies 3000] [--keep FOLDER] [--people 200] --json``

``--keep`` leaves the filled database in a folder and takes it from there the next time.
"""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import _office_numbers as numbers
from bench import _office_visits as visits
from bench import common
from bench._run import ROOT, Failed, end, python_path
from playwright.sync_api import sync_playwright

from lienthong.infra.config import load
from lienthong.infra.office_config import OfficeConfig
from lienthong.roles.migrate import migrate
from lienthong.roles.office import SCHEMA, database, set_up
from lienthong.roles.office_seed import seed

LIMITS = {
    "lists": ("p95_ms", 150), "search": ("p95_ms", 300), "registering": ("p95_ms", 250), "crowd": ("p95_ms", 700),
    "first_page": ("interactive_ms", 1500),
}  # fmt: skip
LEAST = {"numbers": ("per_s", 100), "seeding": ("documents_per_s", 100_000 / 300)}
REGISTRARS, EACH = 50, 12
THINK = (4.0, 12.0)
"""Seconds between two pages of one person, who reads them: 200 people ask for 25 pages a second."""

CROWD_SECONDS = 40


@contextmanager
def office(folder: Path) -> Iterator[tuple[OfficeConfig, str]]:
    """The database of an office and its configuration, with Django set up in this process."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = folder / "office.toml"
    lines = f'[office]\ndata_dir = "{folder / "data"}"\nlisten = "127.0.0.1:{port}"\nlog_level = "error"\n'
    file.write_text(lines)
    config = load(file, OfficeConfig)
    with database(config, lambda vi, en: common.say(en)) as dsn:
        migrate(dsn, *SCHEMA)
        file.write_text(f'{lines}dsn = "{dsn}"\n')
        set_up(config, dsn)
        yield load(file, OfficeConfig), dsn


@contextmanager
def serving(file: Path, url: str) -> Iterator[int]:
    """The real pages, two processes, over the same database; the id of their parent."""
    code = "import sys; from pathlib import Path; from lienthong.roles.office import run; run(Path(sys.argv[1]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(file)], env=python_path(), cwd=ROOT)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                if visits.httpx.get(f"{url}/sign-in").status_code == 200:
                    break
            except visits.httpx.TransportError:
                if time.monotonic() > until or process.poll() is not None:
                    raise Failed("the office did not start") from None
            time.sleep(0.2)
        yield process.pid
    finally:
        end(process)


def filled(config: OfficeConfig, dsn: str, documents: int, agencies: int) -> dict[str, Any]:
    """Fill the database unless it is full already; how fast."""
    begun = time.perf_counter()
    done = seed(config, dsn, _told(), documents=documents, agencies=agencies)
    seconds = time.perf_counter() - begun
    made = done["documents"]
    rate = {"documents_per_s": round(made / seconds, 1)} if made > documents / 2 else {}
    return {**done, "seconds": round(seconds, 1), **rate}


def _told() -> Any:
    last = [0.0]

    def tell(made: int, whole: int) -> None:
        if time.monotonic() > last[0] + 20:
            last[0] = time.monotonic()
            common.say(f"{made} of {whole} documents written.")

    return tell


def first_page(url: str, somebody: visits.Somebody) -> dict[str, float]:
    """A browser that has never been here opens the first page of somebody who is signed in; median of five."""
    taken: list[float] = []
    weight = 0.0
    with sync_playwright() as playwright:
        for _ in range(5):
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="vi-VN")
            context.add_cookies([{"name": each.name, "value": each.value or "", "url": url}
                                 for each in somebody.client.cookies.jar])  # fmt: skip
            page = context.new_page()
            page.goto(url + "/", wait_until="load")
            times = page.evaluate(
                """() => { const n = performance.getEntriesByType('navigation')[0];
                    const all = performance.getEntriesByType('resource').reduce((a, r) => a + r.transferSize, 0);
                    return [n.domContentLoadedEventEnd, n.transferSize + all, location.pathname]; }"""
            )
            if times[2] != "/":
                raise Failed(f"the browser was sent to {times[2]}")
            taken.append(times[0])
            weight = times[1] / 1000
            browser.close()
    return {"interactive_ms": common.median(taken), "slowest_ms": round(max(taken), 1), "kilobytes": round(weight, 1)}


def measure(place: Path, url: str, server: int, agency: int, people: Any, given: Any) -> dict[str, Any]:
    """All figures of an office that runs; ``server``: the process whose CPU is counted, with its children."""
    duty = people.Duty
    registrar, officer = (
        visits.Somebody(url, people.person(agency, each)) for each in (duty.REGISTRAR, duty.CASE_OFFICER)
    )
    visits.lists([registrar, officer], 1)
    figures: dict[str, Any] = _Told()
    before = common.cpu_ms(server)
    times, slowest = visits.lists([registrar, officer], 4)
    cpu = round((common.cpu_ms(server) - before) / len(times), 1)
    figures["lists"] = {**common.latency(times), "pages": len(times), "server_cpu_ms": cpu, "slowest": slowest}
    found = visits.searches([registrar, officer])
    if found is None:
        bare = people.found_by_index(agency, list(visits.WORDS) * 3)
        figures["search"] = {**common.latency(bare), "how": "the index alone, without a page"}
    else:
        figures["search"] = {**common.latency(found[0]), "pages": len(found[0]), "slowest": found[1]}
    times = visits.registering(registrar, people.arrivals(agency, 60))
    figures["registering"] = common.latency(times[5:])
    figures["first_page"] = first_page(url, registrar)
    common.say(f"{given.people} people sign in.")
    crowd = visits.signed_in(url, people.crowd(given.people))
    visits.mixed(crowd, 8, THINK)
    times, wrong = visits.mixed(crowd, CROWD_SECONDS, THINK)
    figures["crowd"] = {**common.latency(times), "people": len(crowd), "think_s": list(THINK), "pages": len(times),
                        "pages_per_s": round(len(times) / CROWD_SECONDS, 1), "errors": len(wrong),
                        "some": wrong[:5]}  # fmt: skip
    figures["numbers"] = numbers.at_once(
        place / "office.toml", agency, registrar.who["account"], people, REGISTRARS, EACH
    )
    return figures


class _Told(dict[str, Any]):
    """Figures that are said as soon as they are there: a run of a million documents takes long."""

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        common.say(f"{name}: {value}")


def kept(figures: dict[str, Any]) -> dict[str, bool]:
    """Which limits were kept."""
    made = {name: figures[name][of] <= limit for name, (of, limit) in LIMITS.items()}
    made |= {name: figures[name][of] >= limit for name, (of, limit) in LEAST.items() if of in figures[name]}
    given = figures["numbers"]
    made["crowd"] &= figures["crowd"]["errors"] == 0
    made["numbers"] &= not (given["gaps"] or given["doubles"]) and given["numbers"] == given["expected"]
    return made


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument(
        "--agencies", type=int, default=None, help="by default one for each 333 documents, at least four"
    )
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--keep", type=Path, default=None, help="folder of a filled office, made when it is not there")
    given = parser.parse_args()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    agencies = given.agencies or max(4, given.documents // 333)
    place = given.keep or Path(tempfile.gettempdir()) / f"lienthong-office-{secrets.token_hex(4)}"
    figures: dict[str, Any] = {"machine": common.machine()}
    try:
        with office(place) as (config, dsn):
            figures["ceilings"] = common.ceilings(place)
            figures["seeding"] = filled(config, dsn, given.documents, agencies)
            # Tables can be imported only now that Django is set up.
            people = importlib.import_module("bench._office_people")
            with serving(place / "office.toml", config.url) as server:
                agency = people.largest()
                figures["size"] = {"documents": people.documents(), "agencies": people.agencies(), "in": agency}
                figures |= measure(place, config.url, server, agency, people, given)
    finally:
        if given.keep is None:
            shutil.rmtree(place, ignore_errors=True)
    figures["limits_kept"] = kept(figures)
    common.report("office", figures, given.json)
    if not all(figures["limits_kept"].values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
