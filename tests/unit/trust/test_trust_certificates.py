"""Certificate paths at a time, beside what ``openssl verify`` says of the same files."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.trust import local_pki
from lienthong.trust.certificates import (
    TIMESTAMPING,
    TrustStore,
    load_certificate,
    load_certificates,
    verify_certificate,
)
from lienthong.trust.errors import CERTIFICATE_NOT_READABLE, PROOF_NOT_VALID
from lienthong.trust.local_pki import Authority, Period, distinguished_name
from lienthong.trust.revocation import RevocationData, load_revocation
from lienthong.trust.verdict import Verdict

NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
YEAR = timedelta(days=365)
DECADE = Period(NOW - 2 * YEAR, NOW + 8 * YEAR)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


def key():
    return ec.generate_private_key(ec.SECP256R1())


ROOT = local_pki.make_root(key(), distinguished_name("Gốc thử nghiệm"), DECADE, 1)
ISSUING = local_pki.make_issuing(ROOT, key(), distinguished_name("Cấp phát thử nghiệm"), DECADE, 2)
LEAF_KEY = key()
LEAF = local_pki.make_signer(
    ISSUING, LEAF_KEY.public_key(), distinguished_name("Nguyễn Văn Mẫu"), Period(NOW - YEAR, NOW + YEAR), 77
)
STORE = TrustStore((ROOT.certificate,), (ISSUING.certificate,))


def verify(leaf=LEAF, at=NOW, store=STORE, **more):
    return verify_certificate(leaf, store, at, **more)


def openssl_agrees(
    tmp_path, leaf, at, report, intermediates=(ISSUING.certificate,), roots=(ROOT.certificate,), extra=()
):
    """Run ``openssl verify`` on the same certificates and time, and compare the answers."""
    files = {"leaf": [leaf], "pool": intermediates, "roots": roots}
    for name, certificates in files.items():
        (tmp_path / name).write_bytes(b"".join(c.public_bytes(PEM) for c in certificates))
    command = ["openssl", "verify", "-attime", str(int(at.timestamp())), "-CAfile", "roots", *extra]
    command += ["-untrusted", "pool", "leaf"] if intermediates else ["leaf"]
    result = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=20)
    assert (result.returncode == 0) == (report.verdict is Verdict.PASSED), result.stderr
    return report.verdict


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        (NOW, Verdict.PASSED),
        (NOW - YEAR, Verdict.PASSED),
        (NOW - YEAR - timedelta(seconds=1), Verdict.FAILED),
        (NOW + YEAR - timedelta(seconds=1), Verdict.PASSED),
        (NOW + YEAR + timedelta(seconds=1), Verdict.FAILED),
        (NOW + 9 * YEAR, Verdict.FAILED),
    ],
)
def test_a_certificate_is_valid_between_its_two_instants(tmp_path, at, verdict):
    assert openssl_agrees(tmp_path, LEAF, at, verify(at=at)) is verdict


def test_the_last_second_belongs_to_the_period():
    # RFC 5280 clause 4.1.2.5 includes both ends; openssl leaves the last second out.
    assert verify(at=NOW + YEAR).verdict is Verdict.PASSED


def test_the_path_runs_from_the_signer_to_the_root():
    report = verify()
    assert report.path == (LEAF, ISSUING.certificate, ROOT.certificate)
    report.require_valid()
    assert all(check.vi and check.en for check in report.checks)


def test_an_intermediate_may_come_with_the_message_but_a_root_may_not(tmp_path):
    bare = TrustStore((ROOT.certificate,))
    assert verify(store=bare).verdict is Verdict.INDETERMINATE
    assert verify(store=bare, intermediates=[ISSUING.certificate]).verdict is Verdict.PASSED
    stranger = local_pki.make_root(key(), distinguished_name("Gốc lạ"), DECADE, 9)
    alien = local_pki.make_signer(stranger, LEAF_KEY.public_key(), distinguished_name("Kẻ lạ"), DECADE, 5)
    report = verify(alien, intermediates=[stranger.certificate])
    assert openssl_agrees(tmp_path, alien, NOW, report, [stranger.certificate]) is Verdict.INDETERMINATE
    with pytest.raises(Refused) as refusal:
        report.require_valid()
    assert refusal.value.code is PROOF_NOT_VALID


def test_a_root_of_the_same_name_and_another_key_does_not_vouch(tmp_path):
    false_root = local_pki.make_root(key(), ROOT.certificate.subject, DECADE, 1)
    report = verify(store=TrustStore((false_root.certificate,), (ISSUING.certificate,)))
    assert openssl_agrees(tmp_path, LEAF, NOW, report, roots=[false_root.certificate]) is Verdict.INDETERMINATE


def test_a_signer_cannot_issue_certificates(tmp_path):
    signer = Authority(LEAF, LEAF_KEY)
    child = local_pki.make_signer(signer, key().public_key(), distinguished_name("Giả mạo"), DECADE, 6)
    report = verify(child, intermediates=[LEAF])
    assert openssl_agrees(tmp_path, child, NOW, report, [ISSUING.certificate, LEAF]) is Verdict.FAILED
    assert {check.name for check in report.troubles} == {"certificate.authorities"}


def test_the_length_of_the_path_is_limited(tmp_path):
    below = local_pki.make_issuing(ISSUING, key(), distinguished_name("Cấp dưới"), DECADE, 7)
    child = local_pki.make_signer(below, key().public_key(), distinguished_name("Mẫu"), DECADE, 8)
    report = verify(child, intermediates=[below.certificate])
    assert openssl_agrees(tmp_path, child, NOW, report, [ISSUING.certificate, below.certificate]) is Verdict.FAILED


def certificate_with(extension, critical, signing_key=None, digest=None):
    builder = local_pki._builder(
        distinguished_name("Mẫu"), ISSUING.certificate.subject, key().public_key(), DECADE, 50, ISSUING.key.public_key()
    )
    if extension is not None:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(ISSUING.key, digest or hashes.SHA256())


def test_an_unknown_critical_extension_fails_the_path(tmp_path):
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    critical, tolerated = certificate_with(strange, True), certificate_with(strange, False)
    assert openssl_agrees(tmp_path, critical, NOW, verify(critical)) is Verdict.FAILED
    assert openssl_agrees(tmp_path, tolerated, NOW, verify(tolerated)) is Verdict.PASSED


def test_a_key_for_encryption_only_does_not_sign():
    usage = local_pki._usage(authority=True)
    assert verify(certificate_with(usage, True)).verdict is Verdict.FAILED


def test_timestamping_needs_a_certificate_for_that_alone():
    stamper = local_pki.make_timestamper(ISSUING, key().public_key(), distinguished_name("TSA"), DECADE, 9)
    assert verify(stamper, purpose=TIMESTAMPING).verdict is Verdict.PASSED
    assert verify(LEAF, purpose=TIMESTAMPING).verdict is Verdict.FAILED
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING])
    assert verify(certificate_with(both, True), purpose=TIMESTAMPING).verdict is Verdict.FAILED


def test_small_keys_fail_and_large_rsa_keys_pass(tmp_path):
    for bits, verdict in ((1024, Verdict.FAILED), (2048, Verdict.PASSED)):
        public = rsa.generate_private_key(65537, bits).public_key()
        leaf = local_pki.make_signer(ISSUING, public, distinguished_name("Mẫu"), DECADE, bits)
        assert verify(leaf).verdict is verdict


def openssl_weak_leaf(tmp_path):
    """A leaf signed with SHA-1: the library no longer makes them, openssl does."""
    (tmp_path / "ca.pem").write_bytes(ISSUING.certificate.public_bytes(PEM))
    private = ISSUING.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "ca.key").write_bytes(private)
    request = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -subj /CN=yeu -out csr"
    sign = "openssl x509 -req -in csr -CA ca.pem -CAkey ca.key -set_serial 99 -sha1 -days 3650 -out weak.pem"
    for command in (request, sign):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True, timeout=20)
    return load_certificate((tmp_path / "weak.pem").read_bytes())


def test_a_sha1_signature_proves_nothing(tmp_path):
    leaf = openssl_weak_leaf(tmp_path)
    report = verify(leaf, at=leaf.not_valid_before_utc + timedelta(days=1))
    assert report.verdict is Verdict.INDETERMINATE
    assert {check.name for check in report.troubles} == {"certificate.signatures"}


def crl(revoked, this=NOW - timedelta(days=1), days=7, issuer=ISSUING):
    made = local_pki.make_crl(issuer, revoked, this, this + timedelta(days=days), 1)
    return load_revocation(crls=[made.public_bytes(DER)])


def test_revocation_counts_from_its_moment(tmp_path):
    data = crl([(77, NOW - timedelta(hours=2))])
    assert verify(revocation=data).verdict is Verdict.FAILED
    assert verify(at=NOW - timedelta(hours=3), revocation=data).verdict is Verdict.PASSED
    assert verify(revocation=crl([(78, NOW - timedelta(hours=2))])).verdict is Verdict.PASSED
    (tmp_path / "crl.pem").write_bytes(data.crls[0].public_bytes(PEM))
    report = verify(revocation=data)
    extra = ["-crl_check", "-CRLfile", "crl.pem"]
    assert openssl_agrees(tmp_path, LEAF, NOW, report, extra=extra) is Verdict.FAILED


def test_a_required_answer_must_exist_be_current_and_be_the_issuers_own():
    root_list = local_pki.make_crl(ROOT, [], NOW - timedelta(days=1), NOW + timedelta(days=1), 1)

    def verdict(data):
        whole = RevocationData((*data.crls, root_list), data.ocsp)
        return verify(revocation=whole, require_revocation=True).verdict

    assert verdict(crl([])) is Verdict.PASSED
    assert verdict(RevocationData()) is Verdict.INDETERMINATE
    assert verdict(crl([], this=NOW - timedelta(days=30))) is Verdict.INDETERMINATE
    assert verdict(crl([], this=NOW + timedelta(days=30))) is Verdict.PASSED
    forger = Authority(ISSUING.certificate, key())
    assert verdict(crl([], issuer=forger)) is Verdict.INDETERMINATE


def ocsp_answer(status, signer, signer_key, revoked_at=None, this=NOW - timedelta(hours=1), certificates=()):
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=LEAF,
        issuer=ISSUING.certificate,
        algorithm=hashes.SHA256(),
        cert_status=status,
        this_update=this,
        next_update=this + timedelta(days=1),
        revocation_time=revoked_at,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
    if certificates:
        builder = builder.certificates(list(certificates))
    return load_revocation(answers=[builder.sign(signer_key, hashes.SHA256()).public_bytes(DER)])


def test_an_ocsp_answer_of_the_issuer_or_its_delegate_counts():
    good, bad = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED
    revoked = ocsp_answer(bad, ISSUING.certificate, ISSUING.key, NOW - timedelta(hours=2))
    assert verify(revocation=revoked).verdict is Verdict.FAILED
    assert verify(revocation=ocsp_answer(good, ISSUING.certificate, ISSUING.key)).verdict is Verdict.PASSED
    delegate_key = key()
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    for extension, verdict in ((usage, Verdict.FAILED), (None, Verdict.PASSED)):
        builder = local_pki._builder(
            distinguished_name("OCSP"),
            ISSUING.certificate.subject,
            delegate_key.public_key(),
            DECADE,
            51,
            ISSUING.key.public_key(),
        )
        builder = builder.add_extension(extension, critical=False) if extension else builder
        delegate = builder.sign(ISSUING.key, hashes.SHA256())
        data = ocsp_answer(bad, delegate, delegate_key, NOW - timedelta(hours=2), certificates=[delegate])
        report = verify(revocation=data)
        assert report.verdict is verdict
        if extension is None:
            assert any("not checked" in check.en for check in report.checks)


def test_many_intermediates_that_vouch_for_each_other_cost_little():
    names = [distinguished_name(f"Vòng {n}") for n in range(6)]
    keys = [key() for _ in names]
    pool = []
    for n, name in enumerate(names):
        for m, other in enumerate(names):
            if n != m:
                pool.append(
                    local_pki.make_issuing(
                        Authority(local_pki.make_root(keys[m], other, DECADE, 1).certificate, keys[m]),
                        keys[n],
                        name,
                        DECADE,
                        100 + n * 10 + m,
                        None,
                    ).certificate
                )
    leaf = local_pki.make_signer(
        Authority(local_pki.make_root(keys[0], names[0], DECADE, 1).certificate, keys[0]),
        key().public_key(),
        distinguished_name("Mẫu"),
        DECADE,
        3,
    )
    assert verify(leaf, intermediates=pool).verdict is Verdict.INDETERMINATE


def test_certificates_are_read_one_by_one_or_as_a_bundle():
    bundle = b"".join(c.public_bytes(PEM) for c in (LEAF, ISSUING.certificate))
    assert load_certificates(bundle) == (LEAF, ISSUING.certificate)
    assert load_certificate(LEAF.public_bytes(DER)) == load_certificate(LEAF.public_bytes(PEM)) == LEAF
    for bad in (LEAF.public_bytes(DER) + b"\0", b"", b"-----BEGIN CERTIFICATE-----"):
        with pytest.raises(Refused) as refusal:
            load_certificate(bad)
        assert refusal.value.code is CERTIFICATE_NOT_READABLE


LEAF_DER = LEAF.public_bytes(DER)


# The library only warns of odd but readable certificates.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(0, len(LEAF_DER) - 1), st.integers(0, 255), st.binary(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_damaged_certificate_passes_and_none_breaks_the_reader(position, byte, noise):
    changed = LEAF_DER[:position] + bytes([byte]) + LEAF_DER[position + 1 :]
    for data in (changed, noise):
        try:
            certificate = load_certificate(data)
        except Refused as refusal:
            assert refusal.code is CERTIFICATE_NOT_READABLE
            continue
        if certificate != LEAF:
            assert verify(certificate).verdict is not Verdict.PASSED


@given(st.binary(max_size=80))
@settings(max_examples=60, deadline=None)
def test_noise_is_no_revocation_data(noise):
    for arguments in ({"crls": [noise]}, {"answers": [noise]}):
        try:
            load_revocation(**arguments)
        except Refused as refusal:
            assert refusal.code is CERTIFICATE_NOT_READABLE
