"""Encrypted content: what we write ``openssl`` reads, what it writes we read; damage shows; memory stays small."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.trust.cms_decryption import MemoryDecryptor, decrypt, open_sealed, without_digest
from lienthong.trust.cms_encryption import addressee, digested_size, encrypt, encrypted_size, seal, with_digest
from lienthong.trust.der import is_der
from lienthong.trust.local_pki import Period, distinguished_name, make_root, make_signer

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PERIOD = Period(NOW - timedelta(days=1), NOW + timedelta(days=9000))
P256, P384, RSA, STRANGER = (
    generate_private_key(SECP256R1()), generate_private_key(SECP384R1()), generate_rsa(65537, 2048), generate_private_key(SECP256R1())
)  # fmt: skip
ROOT = make_root(P384, distinguished_name("Gốc"), PERIOD, 1)
KEYS: dict[str, Any] = {"p256": P256, "p384": P384, "rsa": RSA}
CERTIFICATES = {
    name: make_signer(ROOT, key.public_key(), distinguished_name(f"Sở {name}"), PERIOD, 1000 + n)
    for n, (name, key) in enumerate(KEYS.items())
}
SECRET = "Văn bản mẫu không mật. ".encode() * 50_000


def to(*names: str) -> list[Any]:
    return [addressee(KEYS[name].public_key()) for name in names]


def pieces(data: bytes, size: int = 65_521) -> Iterator[bytes]:
    yield from (data[at : at + size] for at in range(0, len(data), size))


def sealed(data: bytes, *names: str) -> bytes:
    return b"".join(seal(to(*names), pieces(data), len(data)))


def opened(data: bytes, name: str, size: int = 4099) -> bytes:
    return b"".join(open_sealed(pieces(data, size), [MemoryDecryptor(KEYS[name], CERTIFICATES[name])]))


def openssl(folder: Path, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    for name, key in KEYS.items():
        (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (folder / f"{name}.pem").write_bytes(CERTIFICATES[name].public_bytes(Encoding.PEM))
    return subprocess.run(
        ["openssl", "cms", *arguments], input=data, capture_output=True, cwd=folder, timeout=60, check=False
    )


def refusal(act: Any) -> str:
    with pytest.raises(Refused) as caught:
        b"".join(act)
    assert "{" not in caught.value.sentence("vi")
    return caught.value.code.name


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("size", [0, 1, 127, 128, 65_536, 1_000_003])
def test_what_is_sealed_opens_again(name: str, size: int) -> None:
    data = (SECRET * 2)[:size]
    made = sealed(data, name)
    assert is_der(made)
    assert opened(made, name) == data
    assert len(made) <= encrypted_size(to(name), size)
    assert not data or data[:20] not in made or size < 20


def test_one_ciphertext_serves_every_recipient_and_nobody_else() -> None:
    made = sealed(SECRET, "p256", "p384", "rsa")
    assert len(made) < len(SECRET) + 2500
    assert [opened(made, name) == SECRET for name in KEYS] == [True] * 3
    assert refusal(open_sealed([made], [MemoryDecryptor(STRANGER)])) == "ENCRYPTED_FOR_OTHERS"
    keys = [MemoryDecryptor(STRANGER), MemoryDecryptor(P256)]
    assert b"".join(open_sealed([made], keys)) == SECRET


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("recip", [True, False])
def test_openssl_opens_what_we_seal(tmp_path: Path, name: str, recip: bool) -> None:
    """An independent reader: decryption, then the digest inside."""
    (tmp_path / "sealed").write_bytes(sealed(SECRET, *KEYS))
    who = ["-recip", f"{name}.pem"] if recip else []
    done = openssl(
        tmp_path,
        "-decrypt",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "sealed",
        *who,
        "-inkey",
        f"{name}.key",
        "-out",
        "inner",
    )
    assert done.returncode == 0, done.stderr
    done = openssl(tmp_path, "-digest_verify", "-binary", "-inform", "DER", "-in", "inner", "-out", "plain")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "plain").read_bytes() == SECRET


OAEP = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha256"]


@pytest.mark.parametrize("stream", [[], ["-stream"]])
@pytest.mark.parametrize("named", [[], ["-keyid"]])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("p256", ["-keyopt", "ecdh_kdf_md:sha256"]),
        ("p384", ["-keyopt", "ecdh_kdf_md:sha384"]),
        ("p384", ["-keyopt", "ecdh_kdf_md:sha512"]),
        ("rsa", OAEP),
    ],
)
def test_we_open_what_openssl_encrypts(
    tmp_path: Path, stream: list[str], named: list[str], name: str, options: list[str]
) -> None:
    """In DER and in BER of indefinite length, recipients named either way; RSA's and the digest's own check as well."""
    wrap = [] if name == "rsa" else ["-aes256-wrap"]
    openssl(tmp_path, "-help")
    inner = openssl(tmp_path, "-digest_create", "-md", "sha256", "-binary", "-outform", "DER", *stream, data=SECRET)
    assert inner.returncode == 0, inner.stderr
    assert b"".join(without_digest([inner.stdout])) == SECRET
    done = openssl(
        tmp_path, "-encrypt", "-aes-256-gcm", "-binary", "-outform", "DER", *stream, *named, *wrap, "-recip", f"{name}.pem", *options,
        data=inner.stdout,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    key = [MemoryDecryptor(KEYS[name], CERTIFICATES[name])]
    assert b"".join(decrypt(pieces(done.stdout, 1000), key)) == inner.stdout
    assert opened(done.stdout, name) == SECRET


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["-aes-128-gcm", "-recip", "p256.pem", "-keyopt", "ecdh_kdf_md:sha256"], "ENCRYPTION_NOT_ALLOWED"),
        (["-aes-256-gcm", "-aes256-wrap", "-recip", "p256.pem"], "ENCRYPTION_NOT_ALLOWED"),
        (["-aes-256-gcm", "-recip", "rsa.pem"], "ENCRYPTION_NOT_ALLOWED"),
        (["-aes-256-gcm", "-recip", "rsa.pem", "-keyopt", "rsa_padding_mode:oaep"], "ENCRYPTION_NOT_ALLOWED"),
        (["-aes-256-cbc", "-recip", "rsa.pem", *OAEP], "ENCRYPTED_MALFORMED"),
    ],
)
def test_weak_ways_are_refused_by_name(tmp_path: Path, options: list[str], code: str) -> None:
    openssl(tmp_path, "-help")
    done = openssl(tmp_path, "-encrypt", "-binary", "-outform", "DER", *options, data=b"noi dung")
    assert done.returncode == 0, done.stderr
    keys = [MemoryDecryptor(KEYS[name], CERTIFICATES[name]) for name in KEYS]
    assert refusal(decrypt([done.stdout], keys)) == code


SMALL = sealed(b"noi dung mau " * 20, "p256")


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(SMALL) - 1), flip=st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(at: int, flip: int) -> None:
    changed = bytearray(SMALL)
    changed[at] ^= flip
    assert refusal(open_sealed([bytes(changed)], [MemoryDecryptor(P256)])).startswith("ENCRYPT")


@settings(max_examples=200, deadline=None)
@given(cut=st.integers(0, len(SMALL) - 1), more=st.binary(max_size=3), step=st.integers(1, 50))
def test_what_is_cut_or_has_a_tail_is_refused(cut: int, more: bytes, step: int) -> None:
    assert refusal(open_sealed(pieces(SMALL[:cut], step), [MemoryDecryptor(P256)])) in {
        "ENCRYPTED_MALFORMED",
        "ENCRYPTED_DAMAGED",
    }
    if more:
        assert refusal(open_sealed([SMALL, more], [MemoryDecryptor(P256)])) == "ENCRYPTED_MALFORMED"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_rubbish_is_refused_and_nothing_else_happens(data: bytes) -> None:
    for front in (b"", SMALL[:30], SMALL[:120]):
        assert refusal(open_sealed([front + data], [MemoryDecryptor(P256)])).startswith("ENCRYPT")


def test_a_wrong_digest_inside_shows_although_the_cipher_holds() -> None:
    inner = bytearray(b"".join(with_digest([b"mot"], 3)))
    inner[-1] ^= 1
    made = b"".join(encrypt(to("p256"), [bytes(inner)], len(inner)))
    assert refusal(open_sealed([made], [MemoryDecryptor(P256)])) == "ENCRYPTED_DAMAGED"
    assert digested_size(3) == len(inner)


def test_a_size_that_was_not_kept_is_an_error_of_the_caller() -> None:
    for size in (2, 4):
        with pytest.raises(ValueError, match="another size"):
            list(seal(to("p256"), [b"mot"], size))
    with pytest.raises(ValueError, match="nobody"):
        list(seal([], [b"mot"], 3))


def test_a_key_that_cannot_encrypt_is_refused() -> None:
    with pytest.raises(Refused, match="ENCRYPTION_NOT_ALLOWED"):
        addressee(Ed25519PrivateKey.generate().public_key())


MEASURE = """
import hashlib
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from lienthong.trust.cms_encryption import addressee, seal
from lienthong.trust.cms_decryption import MemoryDecryptor, open_sealed
def most():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
key = generate_private_key(SECP256R1())
piece, count = b"x" * 262144, 400
before = most()
running = hashlib.sha256()
for each in open_sealed(seal([addressee(key.public_key())], (piece for _ in range(count)), count * len(piece)), [MemoryDecryptor(key)]):
    running.update(each)
print(before, most(), running.hexdigest())
"""


def test_a_hundred_megabytes_stream_in_bounded_memory() -> None:
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, timeout=60)
    before, after, digest = done.stdout.split()
    assert digest == hashlib.sha256(b"x" * 262144 * 400).hexdigest()
    assert int(after) < 64 * 1024, "kilobytes of the whole process"
    assert int(after) - int(before) < 12 * 1024
