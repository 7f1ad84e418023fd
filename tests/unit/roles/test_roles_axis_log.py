"""Which time-stamping authority an axis believes: one that leads to a root its operator put into the folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.config import load
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.role_config import AxisConfig
from lienthong.infra.timestamp_authority import LocalAuthority, RemoteAuthority
from lienthong.roles.axis_log import trusted_roots

DIGEST = sha256(b"checkpoint").digest()


@pytest.fixture
def authority(tmp_path: Path) -> NodeKeys:
    return NodeKeys.load_or_create(tmp_path / "tsa", "tsa.example", datetime.now(UTC), None)


@pytest.fixture
def address(authority: NodeKeys) -> Iterator[str]:
    """The authority, answering over HTTP."""
    local = LocalAuthority(authority.tsa, authority.tsa_chain, SystemClock())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = local.respond(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
    server.shutdown()
    thread.join()
    server.server_close()


def axis(folder: Path, trusted: Path) -> AxisConfig:
    file = folder / "axis.toml"
    file.write_text(f'[axis]\nname = "axis.example"\ntrusted_certificates = "{trusted}"\n')
    return load(file, AxisConfig)


def test_an_authority_that_leads_to_a_root_of_the_folder_is_believed(
    tmp_path: Path, authority: NodeKeys, address: str
) -> None:
    roots = tmp_path / "roots"
    roots.mkdir()
    (roots / "tsa.pem").write_bytes(authority.tsa_chain[-1].public_bytes(Encoding.PEM))
    (roots / "readme.txt").write_text("not a certificate")
    assert RemoteAuthority(address, trusted_roots(axis(tmp_path, roots))).stamp(DIGEST)


def test_an_authority_that_leads_to_no_root_of_the_folder_is_not_believed(tmp_path: Path, address: str) -> None:
    other = NodeKeys.load_or_create(tmp_path / "other", "other.example", datetime.now(UTC), None)
    roots = tmp_path / "roots"
    roots.mkdir()
    (roots / "other.crt").write_bytes(other.tsa_chain[-1].public_bytes(Encoding.PEM))
    with pytest.raises(Refused, match="TSA_ANSWER_WRONG"):
        RemoteAuthority(address, trusted_roots(axis(tmp_path, roots))).stamp(DIGEST)


def test_a_folder_without_certificates_is_refused_and_not_taken_for_no_wish(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(Refused, match="CONFIG_INVALID") as refused:
            axis(tmp_path, folder)
        (problem,) = refused.value.problems
        assert problem.path == "axis.trusted_certificates"
        assert problem.vi.startswith("Dòng 3")
