"""SoftHSM 2 tokens for tests. A module of PKCS #11 lives once in a process, so the configuration is one as well."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pkcs11
from cryptography.hazmat.primitives import serialization
from pkcs11 import Attribute, CertificateType, ObjectClass

MODULE = next(
    (p for p in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so") if Path(p).exists()),
    "/usr/lib/softhsm/libsofthsm2.so",
)  # fmt: skip
PIN = b"1234"


class Tokens:
    """A directory of tokens, which the module of this process is told of before it is loaded."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="lt-tokens-"))
        self.folder = self.root / "tokens"
        self.folder.mkdir()
        config = self.root / "softhsm2.conf"
        config.write_text(f"directories.tokendir = {self.folder}\nlog.level = ERROR\nslots.removable = false\n")
        self._config = str(config)
        self._before = os.environ.get("SOFTHSM2_CONF")
        self._use()

    def _use(self) -> None:
        """Other tests of this process have tokens of their own; whoever acts on these makes them the ones that count."""
        os.environ["SOFTHSM2_CONF"] = self._config

    def make(self, label: str) -> None:
        """A new token with the usual PIN."""
        self._use()
        run("--init-token", "--free", "--label", label, "--so-pin", "567890", "--pin", PIN.decode())

    def put(self, token: str, key: object, label: str, identifier: str = "01") -> None:
        """Bring a private key and its public half onto a token."""
        self._use()
        pem = key.private_bytes(  # type: ignore[attr-defined]
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self.root / "import.pem"
        file.write_bytes(pem)
        run(
            "--import",
            str(file),
            "--token",
            token,
            "--label",
            label,
            "--id",
            identifier,
            "--pin",
            PIN.decode(),
            "--force",
        )
        file.unlink()

    def put_certificate(self, token: str, certificate: bytes, label: str) -> None:
        """Lay a certificate in DER beside a key, readable without the PIN as on most tokens."""
        self._use()
        library = pkcs11.lib(MODULE)
        # It lists its tokens, and reads where they lie, when it starts: perhaps before this directory was there.
        library.reinitialize()
        found = library.get_token(token_label=token)
        with found.open(rw=True, user_pin=PIN.decode()) as session:
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                    Attribute.TOKEN: True, Attribute.PRIVATE: False, Attribute.LABEL: label, Attribute.ID: b"\x01",
                    Attribute.SUBJECT: b"0\x00", Attribute.VALUE: certificate,
                }
            )  # fmt: skip

    def pull(self) -> None:
        """Take every token away."""
        self._use()
        self.folder.rename(self.root / "away")
        self.folder.mkdir()

    def plug_in(self) -> None:
        """Bring them back."""
        self._use()
        self.folder.rmdir()
        (self.root / "away").rename(self.folder)

    def remove(self) -> None:
        """Take the directory away; programs that are started later see the tokens that were there before."""
        if self._before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = self._before
        shutil.rmtree(self.root, ignore_errors=True)


def run(*arguments: str) -> None:
    done = subprocess.run(["softhsm2-util", *arguments], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout


def uri(token: str, label: str, more: str = "") -> str:
    return f"pkcs11:token={token};object={label}{more}?module-path={MODULE}"
