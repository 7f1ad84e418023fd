"""Signing and verifying of documents: CPU of each step, thousands of documents, a batch over the agent, a huge scan.

``./dev bench signatures --json [--documents 10000] [--large 300] [--batch 200]``. Needs the packages of the tests: the
inputs of verification are signed by another program, and the agent signs with SoftHSM.
"""

from __future__ import annotations

import hashlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bench import _signatures_agent, _signatures_verify, common

from lienthong.signing.documents import Holder, Level, sign_document
from lienthong.signing.evidence import Evidence
from lienthong.trust.pdf import steps
from lienthong.trust.pdf.images import load_picture
from lienthong.trust.pdf.plan import find_plan, person_field, write_plan
from lienthong.trust.pdf.signing import Step
from lienthong.trust.signer import MemorySigner
from lienthong.trust.timestamp import Responder, make_request, read_response
from official_document import PERSONS, decision, handwriting, seal_picture
from signing_world import NOW, World

TURNS = 25
LIMITS = {
    "person_b_b_cpu_ms": 45.0, "person_b_lta_cpu_ms": 120.0, "verify_one_cpu_ms": 20.0, "verify_four_cpu_ms": 70.0,
    "large_sign_peak_mb": 300.0, "large_verify_peak_mb": 300.0,
}  # fmt: skip
LEAST = {"verify_documents_per_s": 80.0, "agent_documents_per_s": 10.0}


class _Stamps:
    """The authority of the run, in the process."""

    def __init__(self, world: World) -> None:
        chain = [world.tsa.certificate, world.issuing.certificate]
        self._responder = Responder(MemorySigner(world.tsa.key), world.tsa.certificate, chain, "1.2.3.4")
        self.chain = tuple(chain)

    def stamp(self, digest: bytes) -> bytes:
        return read_response(self._responder.respond(make_request(digest, 7), int.from_bytes(os.urandom(8)), NOW))


def signing(folder: Path) -> dict[str, Any]:
    """Each step of a decision of about 250 KB, with keys held in memory; medians of CPU milliseconds."""
    world = World.make()
    person = Holder(MemorySigner(world.person.key), (world.person.certificate, world.issuing.certificate))
    agency = Holder(MemorySigner(world.agency.key), (world.agency.certificate, world.issuing.certificate))
    (folder / "a.crl").write_bytes(world.crl())
    (folder / "b.crl").write_bytes(world.root_crl())
    evidence = Evidence(_Stamps(world), (folder / "a.crl", folder / "b.crl"))
    source, planned = io.BytesIO(decision(1, 3, 190_000)), io.BytesIO()
    write_plan(source, planned, find_plan(source, PERSONS[-1:]))
    hand, seal = load_picture(handwriting()), load_picture(seal_picture())

    def once(pdf: bytes, make: Callable[[io.BytesIO], Step], holder: Holder, level: Level) -> bytes:
        out = io.BytesIO()
        done = sign_document(io.BytesIO(pdf), out, make(io.BytesIO(pdf)), holder, level, evidence, NOW)
        if done.level is not level:
            raise SystemExit(f"{done.field} reached {done.level}: {done.missing}")
        return out.getvalue()

    def first(_: io.BytesIO) -> Step:
        return steps.person(person_field(1), hand)

    def number(pdf: io.BytesIO) -> Step:
        return steps.number(pdf, "15", date(2026, 7, 12), "QĐ-SNV", "Thử Nghiệm")

    def last(pdf: io.BytesIO) -> Step:
        return steps.seal(pdf, seal)

    base = planned.getvalue()
    by_person = once(base, first, person, Level.B)
    numbered = once(by_person, number, agency, Level.B)
    figures = {"document_bytes": len(base)}
    for name, pdf, make, holder, level in (
        ("person_b_b", base, first, person, Level.B), ("person_b_lta", base, first, person, Level.LTA),
        ("number_b_b", by_person, number, agency, Level.B), ("seal_b_b", numbered, last, agency, Level.B),
        ("seal_b_lta", numbered, last, agency, Level.LTA),
    ):  # fmt: skip
        figures[f"{name}_cpu_ms"] = _median(lambda p=pdf, m=make, h=holder, v=level: once(p, m, h, v))
    return figures


def _median(call: Callable[[], object]) -> float:
    call()
    spent = []
    for _ in range(TURNS):
        start = time.process_time()
        call()
        spent.append((time.process_time() - start) * 1000)
    return round(statistics.median(spent), 1)


def large_signing(folder: Path, megabytes: int) -> dict[str, float]:
    """A scan of many pictures signed by the verb itself, in a process of its own, from file to file."""
    scan, out = folder / "scan.pdf", folder / "signed.pdf"
    pictures = _signatures_verify.with_pictures(decision(1), megabytes // 2, 2 * 1024 * 1024)
    scan.write_bytes(pictures)
    program = (
        "import sys\nfrom lienthong.roles.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit as left:\n"
        # Not getrusage: its peak begins with that of the process which started this one.
        "    lines = open('/proc/self/status').read().splitlines()\n"
        "    print('PEAK', next(l.split()[1] for l in lines if l.startswith('VmHWM')), file=sys.stderr)\n    raise\n"
    )
    subprocess.run([sys.executable, "-c", program, "pki", "demo", str(folder / "pki")], check=True, capture_output=True)
    arguments = ["sign", str(scan), "--out", str(out), "--signers", str(folder / "pki/signers"), "--signer", "an"]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    peak = int(done.stderr.rsplit("PEAK", 1)[1])
    figures = {"mb": round(scan.stat().st_size / 1e6, 1), "seconds": round(time.perf_counter() - start, 2)}
    for each in (scan, out):
        each.unlink()
    return figures | {"peak_mb": round(peak / 1024, 1)}


def ceilings() -> dict[str, float]:
    """What the machine does at best of the two parts that cannot be avoided."""
    world = World.make()
    signer, data = MemorySigner(world.person.key), os.urandom(1 << 20)
    return {
        "rsa_2048_signature_cpu_ms": _median(lambda: signer.sign(b"x")),
        "sha256_mb_per_s": round(common.rate(lambda: hashlib.sha256(data).digest(), 0.3) * len(data) / 1e6),
    }


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=300, help="megabytes of the scan")
    parser.add_argument("--batch", type=int, default=200, help="documents through the agent")
    given = parser.parse_args()
    figures: dict[str, Any] = {"machine": common.machine(), "ceilings": ceilings()}
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", dir=given.dir) as name:
        common.say("Signing.")
        figures["sign"] = signing(Path(name))
        common.say(f"Signing {given.large} MB.")
        figures["large_sign"] = large_signing(Path(name), given.large)
    common.say("Verifying.")
    figures["verify"] = _signatures_verify.measure(given.documents, given.large)
    common.say("Through the agent.")
    figures["agent"] = _signatures_agent.measure(given.batch, 250_000)
    verify = figures["verify"]
    figures["against_limits"] = {
        "person_b_b_cpu_ms": figures["sign"]["person_b_b_cpu_ms"],
        "person_b_lta_cpu_ms": figures["sign"]["person_b_lta_cpu_ms"],
        "verify_one_cpu_ms": verify["one_signature"]["cpu_ms"],
        "verify_four_cpu_ms": verify["four_signatures"]["cpu_ms"],
        "large_sign_peak_mb": figures["large_sign"]["peak_mb"], "large_verify_peak_mb": verify["large"]["peak_mb"],
        "verify_documents_per_s": verify["many"]["per_second"],
        "agent_documents_per_s": figures["agent"]["documents_per_s"],
    }  # fmt: skip
    found = figures["against_limits"]
    figures["limits_kept"] = all(found[n] <= most for n, most in LIMITS.items()) and all(
        found[n] >= least for n, least in LEAST.items()
    )
    common.report("signatures", figures, given.json)
    raise SystemExit(0 if figures["limits_kept"] else 1)


if __name__ == "__main__":
    main()
