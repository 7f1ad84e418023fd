"""What the checks of an axis work with: two identities of each face, and evidence of everything they say."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from lienthong.conformance.lgsp_driver import Gateway
from lienthong.conformance.model import NotApplicable
from lienthong.conformance.packets import Numbers
from lienthong.conformance.recording import Recorder, RecordingTransport
from lienthong.conformance.vxp_driver import VxpParty
from lienthong.connector.client import Client
from lienthong.connector.http import AxisConnection
from lienthong.connector.receiving import Lease
from lienthong.trust.keys import PublicKey
from lienthong.trust.signer import Signer


@dataclass(frozen=True)
class NativeIdentity:
    """A system that speaks the native protocol."""

    agency: str
    signer: Signer
    axis_key: PublicKey


@dataclass(frozen=True)
class SharedIdentity:
    """A system that speaks VXP or LGSP with a shared secret."""

    system: str
    agency: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class AxisTarget:
    """The axis under test and who we are there: for each face a sender and a recipient, or nobody."""

    url: str
    native: tuple[NativeIdentity, ...] = ()
    vxp: tuple[SharedIdentity, ...] = ()
    lgsp: tuple[SharedIdentity, ...] = ()
    vxp_path: str = "/vxp"
    lgsp_path: str = "/lgsp"


@dataclass
class AxisBench:
    """The tools of one run."""

    target: AxisTarget
    recorder: Recorder
    numbers: Numbers
    clients: list[Client]
    vxp: list[VxpParty]
    lgsp: list[Gateway]
    http: httpx.Client
    place: Path

    def party(self, index: int) -> Client:
        """The native sender (0) or recipient (1)."""
        if len(self.clients) < 2:
            raise NotApplicable("cần hai hệ thống dùng giao thức gốc", "two native systems are needed")
        return self.clients[index]

    def connect(self, signer: Signer, patience: tuple[float, ...] = ()) -> AxisConnection:
        """A native connection that leaves evidence."""
        transport = RecordingTransport(self.recorder)
        return AxisConnection(self.target.url, signer, timeout=60, pauses=patience, transport=transport)

    def lease_of(self, client: Client, wanted: Callable[[Lease], bool], seconds: int | None = None) -> Lease | None:
        """Lease until the wanted delivery is among the offers; others are taken, being of earlier checks."""
        for wait in (0, 2, 5):
            for lease in client.lease(100, wait, seconds):
                if wanted(lease):
                    return lease
                client.take(lease)
        return None


@contextlib.contextmanager
def open_bench(target: AxisTarget) -> Iterator[AxisBench]:
    """The tools, in a folder of their own that is removed at the end."""
    recorder = Recorder()
    with tempfile.TemporaryDirectory(prefix="lienthong-conform-") as folder:
        http = httpx.Client(base_url=target.url, timeout=60, transport=RecordingTransport(recorder))
        bench = AxisBench(target, recorder, Numbers(), [], [], [], http, Path(folder))
        for identity in target.native:
            place = bench.place / identity.agency
            place.mkdir(parents=True)
            bench.clients.append(Client(bench.connect(identity.signer), identity.agency, identity.axis_key, place))
        endpoint = target.url.rstrip("/") + target.vxp_path
        bench.vxp = [VxpParty(endpoint, i.system, i.agency, i.secret, recorder) for i in target.vxp]
        bench.lgsp = [
            Gateway(
                target.url.rstrip("/") + target.lgsp_path, i.system, i.agency, i.secret, RecordingTransport(recorder)
            )
            for i in target.lgsp
        ]
        try:
            yield bench
        finally:
            http.close()
            for client in bench.clients:
                client.connection.close()
