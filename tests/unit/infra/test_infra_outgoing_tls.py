"""Whom this process trusts when it calls others."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi
import pytest

from lienthong.infra.outgoing_tls import public_authorities

ROOTS = Path(certifi.where()).read_text("utf-8")
END = "-----END CERTIFICATE-----\n"


def test_certificates_and_their_names_are_checked_against_the_public_authorities() -> None:
    trusted = public_authorities()
    assert (trusted.verify_mode, trusted.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert trusted.cert_store_stats()["x509_ca"] == ROOTS.count(END) > 50


def test_authorities_are_read_once() -> None:
    assert public_authorities() is public_authorities()


def test_the_environment_names_other_authorities_only_where_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.pem").write_text(ROOTS[: ROOTS.index(END) + len(END)], "utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "one.pem"))
    made = public_authorities.__wrapped__
    assert made(environment=True).cert_store_stats()["x509_ca"] == 1
    assert made().cert_store_stats()["x509_ca"] > 50
