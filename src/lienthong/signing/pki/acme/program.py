"""The ACME server as a whole: opened over the folder of a PKI, served over HTTPS with a certificate of its own issuing.

``ca/acme/server.pem`` holds key and chain; they are made when the server starts and anew 30 days before the end, also
while it runs.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.infra import telemetry
from lienthong.infra.keys import generate, key_pem, replace_durably
from lienthong.signing.pki.acme.accounts import Accounts
from lienthong.signing.pki.acme.app import LIMITS, AcmeApp
from lienthong.signing.pki.acme.external import ExternalKeys
from lienthong.signing.pki.acme.identifiers import PRIVATE, Network, general_name, read_identifiers
from lienthong.signing.pki.acme.orders import Orders
from lienthong.signing.pki.acme.store import Store
from lienthong.signing.pki.acme.validation import HttpCheck
from lienthong.signing.pki.register import Profile, Register
from lienthong.trust.certificates import load_certificates
from lienthong.webkit.edge.server import make_server

PORT = 8096
RENEW_BEFORE = timedelta(days=30)
LOOK_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class AcmeSettings:
    """``name``: host name or address by which clients reach the server. ``address``, ``port``: where it listens.

    ``networks``, ``http_port``, ``seconds``: where, at which port and for how long clients' proofs are asked for.
    ``check``: replaces those three.
    """

    name: str
    address: str = "127.0.0.1"
    port: int = PORT
    networks: Sequence[Network] = PRIVATE
    http_port: int = 80
    seconds: float = 10.0
    check: HttpCheck | None = None

    @property
    def base(self) -> str:
        """The beginning of every address, as clients write it."""
        host = f"[{self.name}]" if ":" in self.name else self.name
        return f"https://{host}" if self.port == 443 else f"https://{host}:{self.port}"


class ServerIdentity:
    """The server's own key and certificate, from the register like every other."""

    def __init__(self, register: Register, name: str, clock: Clock, folder: Path) -> None:
        kind = "ip" if ":" in name or name.replace(".", "").isdigit() else "dns"
        [identifier] = read_identifiers([{"type": kind, "value": name}])
        self._register, self._clock, self._file = register, clock, folder / "server.pem"
        self._name = general_name(identifier)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._current()
        self.context.load_cert_chain(self._file)

    def renew(self) -> None:
        """Make another when this one ends soon, was revoked or is for another name; used from the next connection."""
        if self._current():
            self.context.load_cert_chain(self._file)

    def _current(self) -> bool:
        """See to it that the file is good; whether it was made anew."""
        if self._is_good():
            return False
        key = generate("P-256")
        own = self._register.issue_transport([self._name], key.public_key())
        chain = [each.public_bytes(Encoding.PEM) for each in (own, self._register.issuing.certificate)]
        replace_durably(self._file, key_pem(key) + b"".join(chain))
        return True

    def _is_good(self) -> bool:
        if not self._file.is_file():
            return False
        own = load_certificates(_certificates_of(self._file.read_bytes()))[0]
        known = self._register.all().get(own.serial_number)
        names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return (
            known is not None and known.revoked is None and known.profile is Profile.TRANSPORT
            and list(names) == [self._name] and own.not_valid_after_utc - self._clock.now() > RENEW_BEFORE
        )  # fmt: skip


class AcmeServer:
    """Everything of one folder, opened. ``close`` it when it is not served."""

    def __init__(self, register: Register, settings: AcmeSettings, clock: Clock) -> None:
        folder, lock = register.folder / "ca" / "acme", threading.RLock()
        self.settings, store = settings, Store(folder)
        check = settings.check or HttpCheck(settings.networks, settings.http_port, settings.seconds)
        self._identity = ServerIdentity(register, settings.name, clock, folder)
        self._orders = Orders(store, register, check, clock, lock)
        accounts = Accounts(store, ExternalKeys(folder / "keys"), lock)
        self.app = AcmeApp(accounts, self._orders, register, settings.base).app

    def close(self) -> None:
        """End what runs in the background."""
        self._orders.close()

    def serve(self, listening: socket.socket, stop: threading.Event) -> None:
        """Serve until ``stop`` is set, then close."""
        host, port = listening.getsockname()[:2]
        server = make_server(self.app, host, port, LIMITS, self._identity.context)
        serving = threading.Thread(target=server.run, args=([listening],), name="acme-edge", daemon=True)
        serving.start()
        while not stop.wait(LOOK_SECONDS):
            try:
                self._identity.renew()
            except Refused as refusal:
                # The certificate is good for weeks yet; the next look tries again.
                telemetry.warning("acme.not_renewed", code=refusal.code.name)
        server.should_exit = True
        serving.join(LIMITS.stop_seconds + 5)
        self.close()


def _certificates_of(pem: bytes) -> bytes:
    """What follows the key."""
    return pem[pem.index(b"-----BEGIN CERTIFICATE-----") :]
