"""A line-by-line server with TLS for tests of mail: its certificate is trusted by whoever is given the file."""

from __future__ import annotations

import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CERTIFICATE, KEY = "mail.crt", "mail.key"


class Line(socketserver.StreamRequestHandler):
    """One connection: lines to read in ``rfile``, to write in ``wfile``."""

    def say(self, text: str) -> None:
        """Answer one line."""
        self.wfile.write(text.encode() + b"\r\n")

    def protect(self, context: ssl.SSLContext) -> None:
        """Go on with TLS on the connection that is open (STARTTLS)."""
        self.request = context.wrap_socket(self.request, server_side=True)
        self.setup()


def server_context(folder: Path) -> ssl.SSLContext:
    """With the certificate that :func:`write_certificate` wrote there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    return context


@contextmanager
def serving(converse: Callable[[Line], None], context: ssl.SSLContext | None) -> Iterator[int]:
    """Serve on a port of 127.0.0.1 until the end of the block, with TLS from the start when there is a ``context``."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self) -> tuple[Any, Any]:
            connection, address = self.socket.accept()
            connection.settimeout(20)
            if context is None:
                return connection, address
            try:
                return context.wrap_socket(connection, server_side=True), address
            except OSError as refused:
                connection.close()
                raise OSError(str(refused)) from refused

    class Handler(Line):
        def handle(self) -> None:
            # A client that does not trust the certificate, or was cut off, goes without a word.
            with suppress(OSError):
                converse(self)

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def write_certificate(folder: Path) -> Path:
    """A new key and certificate for 127.0.0.1; the file that a client has to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    at = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(at - timedelta(hours=1)).not_valid_after(at + timedelta(days=1))
    found = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    file = folder / CERTIFICATE
    file.write_bytes(found.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    held = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / KEY).write_bytes(held)
    return file
