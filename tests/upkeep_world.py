"""A PKI served on loopback with a clock that tests move, and documents signed in it."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from lienthong.base.clock import FixedClock
from lienthong.infra.keys import FileSigner, generate, key_pem, write_new
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.infra.timestamp_authority import LocalAuthority
from lienthong.infra.trust_stores import load_stores
from lienthong.signing.agent.program import listen_on
from lienthong.signing.documents import Holder, Level, sign_document
from lienthong.signing.evidence import Evidence, read_evidence
from lienthong.signing.pki.demo import make_demo, open_services
from lienthong.signing.pki.register import Profile, Register
from lienthong.signing.pki.server import serve
from lienthong.signing.profiles import find_profile
from lienthong.signing.signers import open_certified
from lienthong.signing.upkeep.keeping import Keeper
from lienthong.signing.upkeep.margins import Margins, read_margins
from lienthong.signing.use_log import UseLog
from lienthong.trust.local_pki import distinguished_name
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.signing import Step
from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.validation.judge import Context
from lienthong.trust.validation.model import DocumentReport
from signing_world import plain_pdf

BEGIN = datetime(2026, 3, 2, 2, tzinfo=UTC)


class UpkeepWorld:
    """``clock``: of signers, authorities and upkeep alike; set to BEGIN by :meth:`reset`."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock(BEGIN)
        free = listen_on(0)
        self.port = free.getsockname()[1]
        free.close()
        self.pki = folder / "pki"
        make_demo(self.pki, self.clock, f"http://127.0.0.1:{self.port}")

    @contextmanager
    def served(self) -> Iterator[None]:
        """The services are there inside of the block, and away after it."""
        listening, stop = listen_on(self.port), threading.Event()
        service = open_services(self.pki, self.clock)
        running = threading.Thread(target=serve, args=(service, listening, stop))
        running.start()
        try:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                try:
                    httpx.get(f"http://127.0.0.1:{self.port}/", timeout=1, trust_env=False, verify=public_authorities())
                    break
                except httpx.HTTPError:
                    time.sleep(0.02)
            yield
        finally:
            stop.set()
            running.join()

    def evidence(self, toml: str | None = None) -> Evidence:
        """Of the demo's ``tsa.toml``, or of another one with this content."""
        file = self.pki / "tsa" / "tsa.toml"
        if toml is not None:
            file = self.pki / "tsa" / f"other-{abs(hash(toml))}.toml"
            file.write_text(toml, "utf-8")
        return read_evidence(file, self.clock)

    def local(self, key: str = "P-256", certified_at: datetime | None = None) -> Evidence:
        """An authority with a new certificate, and the lists as files, written anew: nothing of it needs a network."""
        register = Register(self.pki, FixedClock(certified_at or self.clock.now()))
        made = generate(key)  # type: ignore[arg-type]
        certificate = register.issue(Profile.TIMESTAMPS, distinguished_name("TSA khác"), made.public_key())
        file = self.pki / "tsa" / f"{certificate.serial_number:x}.pem"
        write_new(file, key_pem(made))
        Register(self.pki, self.clock).write_list()
        authority = LocalAuthority(FileSigner(file), (certificate, register.issuing.certificate), self.clock)
        lists = (self.pki / "trust" / "issuing.crl", self.pki / "trust" / "root.crl")
        return Evidence(authority, lists)

    def signed(self, level: Level, evidence: Evidence, pdf: bytes | None = None, field: str = "Ky1") -> bytes:
        """A document signed by the demo's official."""
        held = open_certified(find_profile(self.pki / "signers", "an"), at=self.clock.now())
        holder = Holder(held.signer, (held.certificate, *held.chain))
        target = io.BytesIO()
        step = Step(field, new=Box(0, 50, 50, 150, 90))
        at = self.clock.now()
        sign_document(io.BytesIO(pdf or plain_pdf()), target, step, holder, level, evidence, at)
        return target.getvalue()

    def keeper(self, evidence: Evidence, log: Path | None = None, margins: Margins | None = None) -> Keeper:
        uses = UseLog(log, self.clock) if log is not None else None
        return Keeper(evidence, margins or read_margins(), self.clock, uses)

    def report(self, pdf: bytes, at: datetime | None = None) -> DocumentReport:
        """The verdict with the trust store of the PKI: its roots only."""
        stores = load_stores([self.pki / "trust"])
        bare = type(stores)(stores.anchors)
        return validate_pdf(io.BytesIO(pdf), Context(bare, at or self.clock.now()))
