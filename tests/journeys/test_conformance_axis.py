"""The kit against axes: a good one passes everything, each broken one fails exactly what it breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from axis_process import SOURCE
from broken_axes import BROKEN
from fixtures_axis import Town
from lienthong.conformance.axis_bench import AxisTarget, NativeIdentity, SharedIdentity, open_bench
from lienthong.conformance.model import Face, Outcome, Severity
from lienthong.conformance.proxy import Meddler, Proxy, listening
from lienthong.conformance.runner import run_checks
from lienthong.roles.cli_conform import FAMILIES
from vxp_client import add_connection

SLOW = ("native.receive.lease", "vxp.receive.fail", "vxp.samples.*", "native.samples.*", "native.send.attachments")
"""Left out where an axis is broken on purpose: they wait, or repeat what others look at."""


@pytest.fixture(scope="module")
def target(town: Town) -> Iterator[AxisTarget]:
    axis = town.axis
    first, second, third, fourth = list(town)
    key = axis.keys.receipt.public_key
    shared = []
    for face, party in (("vxp", first), ("vxp", second), ("lgsp", third), ("lgsp", fourth)):
        secret = add_connection(axis, f"{face}-{party.agency}", agencies=[party.agency], face=face)
        shared.append(SharedIdentity(f"{face}-{party.agency}", party.agency, secret))
    natives = tuple(NativeIdentity(party.agency, party.signer, key) for party in (first, second))
    yield AxisTarget(axis.url, natives, tuple(shared[:2]), tuple(shared[2:]))


def failures(target: AxisTarget, face: Face, skip: tuple[str, ...] = (), wait: float = 3.0) -> set[str]:
    [family] = [each for each in FAMILIES if each.face is face]
    with open_bench(target) as bench:
        for party in bench.vxp:
            party.wait = wait
        results = run_checks(family.checks, bench, bench.recorder, skip=skip)
    for result in results:
        assert result.outcome is not Outcome.NOT_RUN or skip
        if result.outcome is Outcome.PASSED and result.check.id != "native.line.clock":
            assert result.evidence, result.check.id
    return {f"{r.check.id}: {r.reason and r.reason.en}" for r in results if r.outcome is Outcome.FAILED}


@pytest.mark.parametrize("face", list(Face))
def test_our_own_axis_passes_every_check_of_each_face(target: AxisTarget, face: Face) -> None:
    assert failures(target, face, () if face is not Face.VXP else ("vxp.receive.fail",)) == set()


def test_a_proxy_that_changes_nothing_changes_no_verdict(target: AxisTarget) -> None:
    with listening(Proxy(target.url, Meddler())) as url:
        assert failures(replace(target, url=url), Face.LGSP, SLOW) == set()


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_axis_fails_exactly_the_checks_of_what_it_breaks(target: AxisTarget, name: str) -> None:
    face, meddler, expected = BROKEN[name]
    with listening(Proxy(target.url, meddler())) as url:
        found = {
            each.split(":")[0]
            for each in failures(replace(target, url=url), Face(face), SLOW, 3.0 if name != "no 100-continue" else 0.05)
        }
    if expected == {"*"}:
        assert len(found) > 5
    else:
        assert found == expected


def test_every_must_says_what_to_fix_and_where_it_stands() -> None:
    for family in FAMILIES:
        for check in family.checks:
            assert check.severity in Severity
            assert check.source
            assert check.remedy.vi != check.title.vi
            assert check.title.en
            assert check.remedy.en


def test_the_demo_axis_passes_and_its_certificate_verifies(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lienthong.roles.cli"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments],
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
            env=environment,
            cwd=tmp_path,
        )

    assert run("keys", "create", "--out", "k.key.pem").returncode == 0
    done = run(
        "conform",
        "axis",
        "--demo",
        "--json",
        "r.json",
        "--html",
        "r.html",
        "--certificate",
        "c.json",
        "--key",
        "k.key.pem",
    )
    assert done.returncode == 0, done.stderr[-3000:]
    members = json.loads((tmp_path / "r.json").read_bytes())
    assert members["subject"]["faces"] == ["native", "vxp", "lgsp"]
    assert {row["outcome"] for row in members["checks"]} == {"passed"}
    verified = run("conform", "verify", "c.json", "--report", "r.json", "--trust", "k.pub.pem")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "<html" in (tmp_path / "c.html").read_text("utf-8")
