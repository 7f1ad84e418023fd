"""CMS and CAdES files made by openssl: the verdict is right, and openssl agrees on what is intact."""

from __future__ import annotations

import asyncio
import io
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.sign import signers

from lienthong.trust.validation.cms_document import validate_cms
from lienthong.trust.validation.policy import DOCUMENT_POLICY
from lienthong.trust.verdict import Verdict
from signing_world import NOW, Holder, World, asn1_key, cert_pem, der, key_pem, person_name

CONTENT = "Công văn số 15/SNV".encode() * 50


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


def subs(report) -> set[str]:
    return {check.sub.value for check in report.troubles if getattr(check, "sub", None)}


def openssl(folder: Path, holder: Holder, world: World, *more: str, content: bytes = CONTENT) -> bytes:
    (folder / "in").write_bytes(content)
    (folder / "key.pem").write_bytes(key_pem(holder.key))
    (folder / "cert.pem").write_bytes(cert_pem(holder.certificate))
    (folder / "ca.pem").write_bytes(cert_pem(world.issuing.certificate))
    command = ["openssl", "cms", "-sign", "-binary", "-in", "in", "-signer", "cert.pem", "-inkey", "key.pem"]
    command += ["-certfile", "ca.pem", "-outform", "DER", "-out", "out", *more]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "out").read_bytes()


def openssl_verifies(folder: Path, world: World, signature: bytes, content: bytes | None) -> bool:
    (folder / "sig").write_bytes(signature)
    (folder / "root.pem").write_bytes(cert_pem(world.root.certificate))
    command = ["openssl", "cms", "-verify", "-binary", "-in", "sig", "-inform", "DER", "-CAfile", "root.pem"]
    command += ["-purpose", "any", "-out", "/dev/null"]
    if content is not None:
        (folder / "content").write_bytes(content)
        command += ["-content", "content"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    "more",
    [
        ("-cades", "-md", "sha256"),
        ("-cades", "-md", "sha512", "-nodetach"),
        ("-md", "sha256"),
        ("-cades", "-md", "sha256", "-keyopt", "rsa_padding_mode:pss"),
        ("-cades", "-md", "sha256", "-keyid"),
        ("-cades", "-md", "sha384", "-stream", "-nodetach"),
    ],
)
def test_what_openssl_signs_passes_and_changed_content_fails(
    world: World, tmp_path: Path, more: tuple[str, ...]
) -> None:
    signature = openssl(tmp_path, world.person, world, *more)
    detached = "-nodetach" not in more
    content = io.BytesIO(CONTENT) if detached else None
    report = validate_cms(signature, world.context(), content)
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    assert report.signatures[0].form == ("CAdES" if "-cades" in more else "CMS")
    assert openssl_verifies(tmp_path, world, signature, CONTENT if detached else None)
    if detached:
        changed = CONTENT + b"!"
        assert "HASH_FAILURE" in subs(validate_cms(signature, world.context(), io.BytesIO(changed)))
        assert not openssl_verifies(tmp_path, world, signature, changed)


def test_a_detached_signature_without_its_content_is_not_decided(world: World, tmp_path: Path) -> None:
    report = validate_cms(openssl(tmp_path, world.person, world, "-cades"), world.context())
    assert report.verdict is Verdict.INDETERMINATE
    assert "SIGNED_DATA_NOT_FOUND" in subs(report)


def test_another_file_beside_attached_content_fails(world: World, tmp_path: Path) -> None:
    signature = openssl(tmp_path, world.person, world, "-cades", "-nodetach")
    assert validate_cms(signature, world.context(), io.BytesIO(b"other")).verdict is Verdict.FAILED


@pytest.mark.parametrize("md", ["sha1", "md5"])
def test_weak_digests_never_pass_though_openssl_lets_them(world: World, tmp_path: Path, md: str) -> None:
    signature = openssl(tmp_path, world.person, world, "-md", md)
    report = validate_cms(signature, world.context(), io.BytesIO(CONTENT))
    assert report.verdict is Verdict.INDETERMINATE
    assert "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" in subs(report)


def test_a_swapped_certificate_is_noticed_by_cades(world: World, tmp_path: Path) -> None:
    signature = openssl(tmp_path, world.person, world, "-cades")
    twin = world.certify(world.person, person_name("Người Khác"), NOW - timedelta(days=1), NOW + timedelta(days=9), 10)
    info = cms.ContentInfo.load(signature)
    old = der(world.person.certificate)
    kept = [item.chosen.dump() for item in info["content"]["certificates"]]
    swapped = [asn1_x509.Certificate.load(der(twin.certificate) if raw == old else raw) for raw in kept]
    info["content"]["certificates"] = swapped
    report = validate_cms(info.dump(force=True), world.context(), io.BytesIO(CONTENT))
    assert "NO_SIGNING_CERTIFICATE_FOUND" in subs(report)


def test_a_policy_may_ask_plain_cms_to_bind_its_certificate(world: World, tmp_path: Path) -> None:
    signature = openssl(tmp_path, world.person, world)
    strict = world.context(policy=replace(DOCUMENT_POLICY, require_binding=True))
    assert subs(validate_cms(signature, strict, io.BytesIO(CONTENT))) == {"SIG_CONSTRAINTS_FAILURE"}


def test_a_second_signer_is_judged_too(world: World, tmp_path: Path) -> None:
    openssl(tmp_path, world.person, world, "-cades", "-nodetach")
    (tmp_path / "first").write_bytes((tmp_path / "out").read_bytes())
    (tmp_path / "a.pem").write_bytes(cert_pem(world.agency.certificate))
    (tmp_path / "a.key").write_bytes(key_pem(world.agency.key))
    command = ["openssl", "cms", "-resign", "-binary", "-cades", "-in", "first", "-inform", "DER", "-signer", "a.pem"]
    subprocess.run(
        [*command, "-inkey", "a.key", "-outform", "DER", "-out", "both", "-nodetach"], cwd=tmp_path, check=True
    )
    report = validate_cms((tmp_path / "both").read_bytes(), world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    assert sorted(item.signer.role.value for item in report.signatures if item.signer) == ["agency", "person"]


def test_pem_is_read_like_der(world: World, tmp_path: Path) -> None:
    openssl(tmp_path, world.person, world, "-cades", "-nodetach")
    command = ["openssl", "pkcs7", "-inform", "DER", "-in", "out", "-outform", "PEM", "-out", "pem"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert validate_cms((tmp_path / "pem").read_bytes(), world.context()).verdict is Verdict.PASSED


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_signatures_are_verdicts_and_never_pass_with_another_meaning(world_bytes, data) -> None:
    world, signature = world_bytes
    at = data.draw(st.integers(0, len(signature) - 1))
    damaged = bytearray(signature)
    damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    report = validate_cms(bytes(damaged), world.context(), io.BytesIO(CONTENT + b"!"))
    assert report.verdict is not Verdict.PASSED


@pytest.fixture(scope="module")
def world_bytes(world: World, tmp_path_factory) -> tuple[World, bytes]:
    return world, openssl(tmp_path_factory.mktemp("cms"), world.person, world, "-cades")


@settings(max_examples=100, deadline=None)
@given(junk=st.binary(max_size=300))
def test_junk_is_a_verdict(world_bytes, junk: bytes) -> None:
    assert validate_cms(b"\x30\x80" + junk, world_bytes[0].context()).verdict is not Verdict.PASSED


def test_a_time_stamp_over_a_cades_signature_counts_and_outlives_the_certificate(world: World) -> None:
    """Signed and stamped by pyHanko; judged after the certificate has ended, with the revocation data of the time."""
    short = world.certify(world.person, person_name("An"), NOW - timedelta(days=5), NOW + timedelta(hours=2), 31)
    certificate = asn1_x509.Certificate.load(der(short.certificate))
    signer = signers.SimpleSigner(certificate, asn1_key(short.key), world.registry())
    context = world.context(NOW + timedelta(days=20), world.revocation())
    for stamper, expected in ((world.stamper(), Verdict.PASSED), (None, Verdict.INDETERMINATE)):
        signing = signer.async_sign_general_data(CONTENT, "sha256", detached=False, use_cades=True, timestamper=stamper)
        made = asyncio.run(signing)
        report = validate_cms(made.dump(), context)
        assert report.verdict is expected, [c.en for c in report.troubles]
    assert subs(report) == {"OUT_OF_BOUNDS_NO_POE"}
