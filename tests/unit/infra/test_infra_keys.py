"""Key files: the owner's alone, whole or absent, never overwritten."""

import multiprocessing
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lienthong.base.errors import Refused
from lienthong.infra.keys import FileSigner, create_key
from lienthong.infra.node_keys import NodeKeys
from lienthong.trust.signer import is_valid

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["P-256", "P-384", "Ed25519"])
@pytest.mark.parametrize("password", [None, b"mat khau"])
def test_a_created_key_can_be_loaded_and_signs(tmp_path, kind, password):
    made = create_key(tmp_path / "a.pem", kind, password)
    loaded = FileSigner(tmp_path / "a.pem", password)
    assert made.key_id == loaded.key_id
    assert is_valid(made.public_key, made.algorithm, loaded.sign(b"data"), b"data")
    assert (tmp_path / "a.pem").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["a.pem"]


def test_openssl_reads_our_encrypted_key(tmp_path):
    create_key(tmp_path / "a.pem", password=b"mat khau")
    command = ["openssl", "pkey", "-in", tmp_path / "a.pem", "-passin", "pass:mat khau", "-noout", "-text"]
    assert b"prime256v1" in subprocess.run(command, capture_output=True, check=True, timeout=20).stdout


def test_an_existing_file_is_never_overwritten(tmp_path):
    first = create_key(tmp_path / "a.pem").key_id
    with pytest.raises(Refused, match="KEY_EXISTS"):
        create_key(tmp_path / "a.pem")
    assert FileSigner(tmp_path / "a.pem").key_id == first


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    create_key(tmp_path / "a.pem")
    (tmp_path / "a.pem").chmod(mode)
    with pytest.raises(Refused, match="KEY_EXPOSED") as caught:
        FileSigner(tmp_path / "a.pem")
    assert "chmod 600" in caught.value.advice("vi")


def test_what_is_no_key_is_refused_with_its_reason(tmp_path):
    with pytest.raises(Refused, match="KEY_MISSING"):
        FileSigner(tmp_path / "none.pem")
    with pytest.raises(Refused, match="KEY_PLACE_MISSING"):
        create_key(tmp_path / "no" / "folder.pem")
    with pytest.raises(Refused, match="KEY_UNREADABLE"):
        FileSigner(tmp_path)
    create_key(tmp_path / "a.pem", password=b"right")
    for password in (None, b"wrong"):
        with pytest.raises(Refused, match="KEY_UNREADABLE"):
            FileSigner(tmp_path / "a.pem", password)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(Refused, match="KEY_UNREADABLE"):
        FileSigner(tmp_path / "pipe")


def test_an_axis_makes_its_keys_once_and_finds_them_again(tmp_path):
    first = NodeKeys.load_or_create(tmp_path / "data" / "keys", "axis.example", NOW)
    again = NodeKeys.load_or_create(tmp_path / "data" / "keys", "axis.example", NOW)
    for name in ("receipt", "note", "tsa"):
        assert getattr(first, name).key_id == getattr(again, name).key_id
    assert first.receipt.algorithm.value == "ES256"
    assert isinstance(first.note.public_key, Ed25519PublicKey)
    assert os.listdir(tmp_path / "data") == ["keys"]
    assert {p.name for p in (tmp_path / "data" / "keys").iterdir() if p.stat().st_mode & 0o077} == {
        "receipt.pub.pem", "note.pub.pem", "tsa.pub.pem", "tsa.crt.pem",
    }  # fmt: skip


def test_openssl_accepts_the_timestamp_certificate_for_that_purpose(tmp_path):
    keys = NodeKeys.load_or_create(tmp_path / "keys", "axis.example", NOW)
    assert keys.tsa_chain[0].public_key() == keys.tsa.public_key
    text = (tmp_path / "keys" / "tsa.crt.pem").read_text()
    leaf, root = (part + "-----END CERTIFICATE-----\n" for part in text.split("-----END CERTIFICATE-----\n")[:2])
    (tmp_path / "leaf.pem").write_text(leaf)
    (tmp_path / "root.pem").write_text(root)
    command = ["openssl", "verify", "-purpose", "timestampsign", "-attime", str(int(NOW.timestamp())), "-CAfile"]
    subprocess.run(
        [*command, tmp_path / "root.pem", tmp_path / "leaf.pem"], check=True, capture_output=True, timeout=20
    )


def test_processes_that_start_together_agree_on_one_set(tmp_path):
    context = multiprocessing.get_context("fork")
    with context.Pool(4) as pool:
        names = pool.map(_start, [tmp_path] * 8)
    assert len(set(names)) == 1
    assert os.listdir(tmp_path) == ["keys"]


def _start(folder: Path) -> str:
    keys = NodeKeys.load_or_create(folder / "keys", "axis.example", NOW)
    return keys.receipt.key_id + keys.note.key_id + keys.tsa.key_id


def test_a_lost_key_is_never_silently_replaced(tmp_path):
    NodeKeys.load_or_create(tmp_path / "keys", "axis.example", NOW)
    (tmp_path / "keys" / "receipt.key.pem").unlink()
    with pytest.raises(Refused, match="KEY_MISSING"):
        NodeKeys.load_or_create(tmp_path / "keys", "axis.example", NOW)
    assert not (tmp_path / "keys" / "receipt.key.pem").exists()


def test_keys_under_a_password_need_it(tmp_path):
    NodeKeys.load_or_create(tmp_path / "keys", "axis.example", NOW, b"secret")
    with pytest.raises(Refused, match="KEY_UNREADABLE"):
        NodeKeys.load(tmp_path / "keys")
    assert NodeKeys.load(tmp_path / "keys", b"secret").tsa.algorithm.value == "ES256"
