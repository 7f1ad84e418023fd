"""The kit against agencies' systems: ours, the national SDK's loop and a gateway pass; broken ones fail what they break."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agency_systems import GatewaySystem, NativeSystem, SdkSystem
from axis_process import SOURCE, Installation, Party, attachment, document, free_port, wait_for
from fixtures_axis import Town
from lienthong.base.clock import SystemClock
from lienthong.conformance.model import Face, Outcome
from lienthong.conformance.proxy import Proxy, listening
from lienthong.conformance.recording import Recorder
from lienthong.conformance.runner import run_checks
from lienthong.conformance.system_bench import Script, SystemBench
from lienthong.conformance.system_checks import system_checks
from lienthong.conformance.vxp_driver import VxpParty
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import Job
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from vxp_client import add_connection


@contextmanager
def playing(
    axis: Installation, tester: Party, face: Face, agency: str, secret: str = ""
) -> Iterator[tuple[str, SystemBench]]:
    """The kit as an axis; its URL and the bench, which asks nobody yet."""
    recorder, script = Recorder(), Script()
    proxy = Proxy(axis.url, script, recorder)
    with listening(proxy) as url:
        yield (
            url,
            SystemBench(face, agency, tester.client, proxy, script, recorder, lambda vi, en: None, 40, secret=secret),
        )


def failures(bench: SystemBench, *only: str) -> dict[str, str]:
    results = run_checks(system_checks(bench.face), bench, bench.recorder, only=only)
    return {r.check.id: r.reason.en if r.reason else "" for r in results if r.outcome is Outcome.FAILED}


@pytest.fixture(scope="module")
def secrets(town: Town) -> dict[str, str]:
    _, _, third, fourth = list(town)
    return {
        face: add_connection(town.axis, f"phan-mem-{face}", agencies=[party.agency], face=face)
        for face, party in (("vxp", third), ("lgsp", fourth))
    }


def test_our_client_library_passes_as_a_native_system(town: Town, tmp_path: Path) -> None:
    tester, party, _, _ = town
    with playing(town.axis, tester, Face.NATIVE, party.agency) as (url, bench):
        system = NativeSystem(url, party.agency, party.signer, town.axis.keys.receipt.public_key, tmp_path)
        bench.ask = lambda vi, en: system.send(tester.agency)
        with system.running():
            assert failures(bench) == {}


def test_the_courier_passes_as_a_native_system(town: Town, tmp_path: Path) -> None:
    tester, _, third, _ = town
    with playing(town.axis, tester, Face.NATIVE, third.agency) as (url, bench):
        settings = AxisSettings(town.axis.name, url, town.axis.keys.receipt.public_key, 10)
        link = AxisLink(settings, third.signer, tmp_path, Spool(tmp_path), Inbox(tmp_path), SystemClock())
        stop = threading.Event()
        with Courier(tmp_path, [link], [third.agency], wait=2) as courier:

            def send(vi: str, en: str) -> None:
                courier.submit(Job(third.agency, document([tester.agency]), [attachment(size=500)]))

            bench.ask = send
            thread = threading.Thread(target=courier.run, args=(stop,), daemon=True)
            thread.start()
            found = failures(bench)
            stop.set()
            thread.join(30)
    # A courier carries; whether a status is reported is for the software behind it.
    assert set(found) <= {"native.system.reports"}, found


def _sdk(town: Town, secrets: dict[str, str], url: str, flaw: str = "") -> SdkSystem:
    third = list(town)[2]
    return SdkSystem(VxpParty(f"{url}/vxp", "phan-mem-vxp", third.agency, secrets["vxp"], Recorder()), flaw)


def test_a_system_built_on_the_national_sdk_passes(town: Town, secrets: dict[str, str]) -> None:
    tester, _, third, _ = town
    with playing(town.axis, tester, Face.VXP, third.agency, secrets["vxp"]) as (url, bench):
        system = _sdk(town, secrets, url)
        bench.ask = lambda vi, en: system.send(tester.agency)
        with system.running():
            assert failures(bench) == {}


def test_a_gateway_that_only_receives_passes(town: Town, secrets: dict[str, str]) -> None:
    tester, _, _, fourth = town
    with playing(town.axis, tester, Face.LGSP, fourth.agency, secrets["lgsp"]) as (url, bench):
        bench.receives_only, bench.patience = True, 15
        system = GatewaySystem(url, "phan-mem-lgsp", fourth.agency, secrets["lgsp"])
        with system.running():
            found = failures(bench)
    assert set(found) <= {"lgsp.system.reports"}


FLAWS = {
    "confirms-first": "vxp.system.cut-download",
    "hammers": "vxp.system.busy",
    "stops-at-odd": "vxp.system.traps",
    "never-again": "vxp.system.confirms-again",
}


@pytest.mark.parametrize("flaw", list(FLAWS))
def test_a_broken_system_fails_the_check_of_what_it_breaks(town: Town, secrets: dict[str, str], flaw: str) -> None:
    tester, _, third, _ = town
    with playing(town.axis, tester, Face.VXP, third.agency, secrets["vxp"]) as (url, bench):
        bench.patience = 15
        system = _sdk(town, secrets, url, flaw)
        good = "vxp.system.takes"
        with system.running():
            found: dict[str, Any] = failures(bench, good, FLAWS[flaw])
    assert set(found) == {FLAWS[flaw]}


def test_the_command_plays_an_axis_for_a_gateway(tmp_path: Path) -> None:
    port = free_port()
    asks, takes = "lgsp.system.asks", "lgsp.system.takes"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "lienthong.roles.cli", "conform", "system", "--listen", f"127.0.0.1:{port}",
            "--face", "lgsp", "--agency", "H01", "--system", "cong-tinh", "--folder", "given", "--json", "r.json",
            "--only", asks, "--only", takes, "--receives-only",
        ],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    try:
        secret = tmp_path / "given" / "secret.txt"
        wait_for(lambda: secret.exists() or process.poll() is not None, "the kit listens", 120)
        with GatewaySystem(f"http://127.0.0.1:{port}", "cong-tinh", "H01", secret.read_text()).running():
            said, _ = process.communicate(timeout=150)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
    outcomes = {row["id"]: row["outcome"] for row in json.loads((tmp_path / "r.json").read_bytes())["checks"]}
    assert (outcomes[asks], outcomes[takes]) == ("passed", "passed"), said
    # What was left out is not met: no certificate, and the exit code says so.
    assert process.returncode == 1
