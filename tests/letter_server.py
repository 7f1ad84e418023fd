"""A mail server for tests: it takes letters over TLS, and refuses addresses as it is told to."""

from __future__ import annotations

import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class LetterServer:
    """What came. ``answers``: codes for addresses that are refused. ``certificate``: file to be trusted."""

    certificate: Path
    port: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def letter_server(folder: Path) -> Iterator[LetterServer]:
    """One that is served on 127.0.0.1 until the end of the context."""
    made = LetterServer(_certificate(folder))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, folder / "mail.key")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self) -> tuple[Any, Any]:
            connection, address = self.socket.accept()
            connection.settimeout(20)
            try:
                return context.wrap_socket(connection, server_side=True), address
            except ssl.SSLError as refused:
                connection.close()
                raise OSError(str(refused)) from refused

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _converse(made, self)

    with Server(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


def _converse(made: LetterServer, line: socketserver.StreamRequestHandler) -> None:
    """RFC 5321, as far as a client sends one letter."""

    def say(text: str) -> None:
        line.wfile.write(text.encode() + b"\r\n")

    say("220 thu")
    while said := line.rfile.readline().decode().strip():
        verb, address = said[:4].upper(), said.partition("<")[2].partition(">")[0]
        if verb == "RCPT":
            made.asked.append(address)
            code = made.answers.get(address, 250)
            say(f"{code} {'OK' if code == 250 else 'no'}")
        elif verb == "DATA":
            say("354 go on")
            lines = []
            while (text := line.rfile.readline()) not in {b".\r\n", b""}:
                lines.append(text[1:] if text.startswith(b"..") else text)
            made.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]
            say("250 OK")
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("250 OK")


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    at = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(at - timedelta(hours=1)).not_valid_after(at + timedelta(days=1))
    found = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    file = folder / "mail.crt"
    file.write_bytes(found.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    held = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "mail.key").write_bytes(held)
    return file
