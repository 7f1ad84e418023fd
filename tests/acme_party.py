"""An ACME server on loopback, machines that prove their names, and clients: Let's Encrypt's library, and bare requests."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import josepy
from acme import jws as acme_jws
from acme.client import ClientNetwork, ClientV2
from acme.messages import NewRegistration
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lienthong.base.clock import Clock, SystemClock
from lienthong.signing.agent.program import listen_on
from lienthong.signing.pki.acme.identifiers import PRIVATE
from lienthong.signing.pki.acme.program import AcmeServer, AcmeSettings
from lienthong.signing.pki.acme.validation import HttpCheck
from lienthong.signing.pki.register import Register

ALL = "may-1.mau.example", "may-2.mau.example"


class Machine:
    """A machine that answers http-01: ``files`` by path, or ``answer`` for whatever is asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.answer: Callable[[BaseHTTPRequestHandler], None] | None = None
        machine = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if machine.answer is not None:
                    machine.answer(self)
                    return
                found = machine.files.get(self.path)
                self.send_response(200 if found is not None else 404)
                self.end_headers()
                self.wfile.write(found or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Running:
    """The server over one folder; may be stopped and started again at the same address."""

    def __init__(self, folder: Path, http_port: int, clock: Clock | None = None, seconds: float = 2.0) -> None:
        self.folder, self._clock = folder, clock or SystemClock()
        self.addresses = dict.fromkeys((*ALL, "may-3.mau.example"), "127.0.0.1")
        self.check = HttpCheck(PRIVATE, http_port, seconds, self._look_up)
        self.port = 0
        self.start()

    def _look_up(self, host: str) -> list[Any]:
        if host not in self.addresses:
            raise OSError("no such host")
        return [ip_address(self.addresses[host])]

    def start(self) -> None:
        listening = listen_on(self.port)
        self.port = listening.getsockname()[1]
        settings = AcmeSettings("localhost", port=self.port, check=self.check)
        self.server = AcmeServer(Register(self.folder, self._clock), settings, self._clock)
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.server.serve, args=(listening, self.stopping))
        self._thread.start()
        self.base = settings.base
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                httpx.get(self.directory, verify=self.trust, trust_env=False, timeout=1)
                return
            except httpx.HTTPError:
                time.sleep(0.02)

    @property
    def directory(self) -> str:
        return f"{self.base}/acme/directory"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.folder / "trust/root.pem")

    def stop(self) -> None:
        self.stopping.set()
        self._thread.join()

    def restart(self) -> None:
        self.stop()
        self.start()

    def client(self, key: josepy.JWK, alg: josepy.JWASignature = josepy.ES256) -> ClientV2:
        network = ClientNetwork(key, alg=alg, verify_ssl=str(self.folder / "trust/root.pem"))  # type: ignore[arg-type]  # requests takes a file
        network.session.trust_env = False
        return ClientV2(ClientV2.get_directory(self.directory, network), network)

    def account(self, key: josepy.JWK | None = None, alg: josepy.JWASignature = josepy.ES256) -> ClientV2:
        made = self.client(key or ec_key(), alg)
        made.new_account(NewRegistration.from_data(email="van-thu@mau.example", terms_of_service_agreed=True))
        return made


def ec_key() -> josepy.JWKEC:
    return josepy.JWKEC(key=ec.generate_private_key(ec.SECP256R1()))


def rsa_key(bits: int = 2048) -> josepy.JWKRSA:
    return josepy.JWKRSA(key=rsa.generate_private_key(65537, bits))


def csr(names: tuple[str, ...] = ALL[:1], key: Any = None, common_name: str | None = None) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    found: list[x509.GeneralName] = [
        x509.IPAddress(ip_address(each)) if each[0].isdigit() else x509.DNSName(each) for each in names
    ]
    if found:
        builder = builder.add_extension(x509.SubjectAlternativeName(found), critical=False)
    made = builder.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return made.public_bytes(Encoding.PEM)


def answer_all(client: ClientV2, order: Any, machine: Machine) -> None:
    """Put the files of all challenges where they are looked for, and say so."""
    for authorization in order.authorizations:
        [challenge] = authorization.body.challenges
        response, content = challenge.response_and_validation(client.net.key)
        machine.files[challenge.chall.path] = content.encode() + b"\n"
        client.answer_challenge(challenge, response)


def wait(client: ClientV2, order: Any) -> Any:
    """The order once no name of it is open."""
    import datetime

    return client.poll_authorizations(order, datetime.datetime.now() + datetime.timedelta(seconds=30))


def enrolled(client: ClientV2, machine: Machine, names: tuple[str, ...] = ALL[:1], key: Any = None) -> Any:
    order = client.new_order(csr(names, key))
    answer_all(client, order, machine)
    return client.poll_and_finalize(order)


class Bare:
    """Requests that no proper client makes; the account's, when there is one."""

    def __init__(self, running: Running, key: josepy.JWK | None = None) -> None:
        self.running, self.key = running, key or ec_key()
        self.http = httpx.Client(verify=running.trust, trust_env=False, timeout=20)
        self.kid: str | None = None

    def open(self) -> Bare:
        told = self.post("new-account", {}, kid=None)
        assert told.status_code == 201, told.text
        self.kid = told.headers["Location"]
        return self

    def nonce(self) -> str:
        return str(self.http.head(f"{self.running.base}/acme/new-nonce").headers["Replay-Nonce"])

    def signed(self, payload: Any, **changed: Any) -> dict[str, Any]:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        members = {"alg": josepy.ES256, "key": self.key, "nonce": None, "kid": self.kid} | changed
        nonce = members["nonce"]
        members["nonce"] = (
            josepy.b64.b64decode(nonce) if isinstance(nonce, str) else nonce or josepy.b64.b64decode(self.nonce())
        )
        made: dict[str, Any] = json.loads(acme_jws.JWS.sign(data, **members).json_dumps())
        return made

    def post(self, path: str, payload: Any, **changed: Any) -> httpx.Response:
        url = path if path.startswith("https://") else f"{self.running.base}/acme/{path}"
        return self.raw(url, json.dumps(self.signed(payload, **({"url": url} | changed))).encode())

    def raw(self, url: str, body: bytes, kind: str = "application/jose+json") -> httpx.Response:
        return self.http.post(url, content=body, headers={"Content-Type": kind})
