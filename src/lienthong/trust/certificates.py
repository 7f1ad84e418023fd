"""Certificates: whether a chain led from a signer to a trusted root at a given time.

Source: RFC 5280 clauses 4.2 and 6.1. ``cryptography.x509.verification`` is made for servers of the web and refuses
certificates of persons and agencies; so the path is built and judged here, with its signatures checked by the library.
Critical extensions that this module does not judge (name constraints among them) fail the path. Trust lies in the roots
that the caller gives, never in what a message brings along.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.errors import CERTIFICATE_NOT_READABLE
from lienthong.trust.keys import DEFAULT_POLICY, Policy, PublicKey, check_public_key, usual_algorithm
from lienthong.trust.revocation import DAMAGED, RevocationData, check_revocation
from lienthong.trust.verdict import Check, Report, Verdict, failed, indeterminate, passed

MAXIMUM_CERTIFICATE_BYTES = 64 * 1024
MAXIMUM_BUNDLE_BYTES = 4 * 1024 * 1024
MAXIMUM_PATH = 8
MAXIMUM_LINKS = 64
"""Cross certificates can make paths without number, and an attacker chooses the intermediates."""

Kind = TypeVar("Kind", bound=x509.ExtensionType)

SIGNING = "signing"
TIMESTAMPING = "timestamping"
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_JUDGED = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The roots that this verifier trusts, and intermediates that merely help to reach them."""

    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificateReport(Report):
    """The checks, and the path judged: the signer first, the root last; empty when no root was reached."""

    path: tuple[x509.Certificate, ...] = field(default=())


def load_certificate(pem_or_der: bytes) -> x509.Certificate:
    """Read one certificate. Refuses: CERTIFICATE_NOT_READABLE."""
    if len(pem_or_der) > MAXIMUM_CERTIFICATE_BYTES:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="too large")
    try:
        if pem_or_der.lstrip().startswith(b"-----BEGIN "):
            certificate = x509.load_pem_x509_certificate(pem_or_der)
        else:
            certificate = x509.load_der_x509_certificate(pem_or_der)
        _touch(certificate)
    except DAMAGED as error:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="not a certificate") from error
    return certificate


def load_certificates(pem_bundle: bytes) -> tuple[x509.Certificate, ...]:
    """Read every certificate of a PEM file. Refuses: CERTIFICATE_NOT_READABLE."""
    if len(pem_bundle) > MAXIMUM_BUNDLE_BYTES:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="too large")
    try:
        certificates = tuple(x509.load_pem_x509_certificates(pem_bundle))
        for certificate in certificates:
            _touch(certificate)
    except DAMAGED as error:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="not certificates in PEM") from error
    return certificates


def _touch(certificate: x509.Certificate) -> None:
    """Decode what the library decodes late, so that damage shows when the certificate is read."""
    _ = (certificate.subject, certificate.issuer, certificate.extensions, certificate.version)
    _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """The certificate's key. Refuses: KEY_NOT_ALLOWED, CERTIFICATE_NOT_READABLE."""
    try:
        return check_public_key(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused(CERTIFICATE_NOT_READABLE, reason="its key") from error


def verify_certificate(
    certificate: x509.Certificate,
    store: TrustStore,
    at: datetime,
    *,
    intermediates: Sequence[x509.Certificate] = (),
    purpose: str = SIGNING,
    revocation: RevocationData | None = None,
    require_revocation: bool = False,
    policy: Policy = DEFAULT_POLICY,
) -> CertificateReport:
    """Judge a certificate at the instant ``at``, which must itself be proven by someone else.

    ``intermediates``: brought along by the message, not trusted. ``purpose``: SIGNING or TIMESTAMPING.
    ``revocation``: CRLs and OCSP answers at hand. ``require_revocation``: without an answer for each certificate below
    the root the result is INDETERMINATE. Of several paths, the best one is reported.
    """
    pool = (*store.intermediates, *intermediates)
    best: CertificateReport | None = None
    for path in _paths(certificate, store.roots, pool):
        checks = _judge(path, at, purpose, policy)
        checks += _revocation_checks(path, at, revocation or RevocationData(), require_revocation)
        report = CertificateReport(tuple(checks), tuple(path))
        if report.verdict is Verdict.PASSED:
            return report
        if best is None or len(report.troubles) < len(best.troubles):
            best = report
    if best is not None:
        return best
    name = one_line(certificate.issuer.rfc4514_string(), 120)
    return CertificateReport(
        (
            indeterminate(
                "certificate.path",
                f"Không tìm được đường dẫn tin cậy: không có chứng thư số gốc nào xác nhận bên cấp «{name}».",
                f"No trusted path: no root vouches for the issuer “{name}”.",
            ),
        )
    )


def _paths(
    certificate: x509.Certificate, roots: Sequence[x509.Certificate], pool: Sequence[x509.Certificate]
) -> Iterator[list[x509.Certificate]]:
    """Chains up to a root, the shortest first; each link has its names and its signature checked already.

    No name stands twice in a chain, and no more than MAXIMUM_LINKS signatures are looked at.
    """
    waiting, links = deque([[certificate]]), 0
    while waiting:
        path = waiting.popleft()
        last, names = path[-1], {link.subject for link in path}
        if last in roots:
            yield path
            continue
        for issuer in (*roots, *pool):
            if issuer.subject != last.issuer or issuer.subject in names:
                continue
            links += 1
            if links > MAXIMUM_LINKS:
                return
            if not _issued(last, issuer):
                continue
            if issuer in roots:
                yield [*path, issuer]
            elif len(path) < MAXIMUM_PATH - 1:
                waiting.append([*path, issuer])


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer signed it. With a weak digest nothing is proven; the path goes on only to say so."""
    if not isinstance(_digest_of(certificate), _STRONG):
        return True
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _judge(path: list[x509.Certificate], at: datetime, purpose: str, policy: Policy) -> list[Check]:
    checks = [_signatures(path), _keys(path, at, policy), _validity(path, at), _authorities(path)]
    return [*checks, _purpose(path, purpose), _extensions(path)]


def _verdict(name: str, problems: list[tuple[str, str]], good: tuple[str, str]) -> Check:
    """One check that fails with all its reasons."""
    if problems:
        return failed(name, "; ".join(vi for vi, _ in problems) + ".", "; ".join(en for _, en in problems) + ".")
    return passed(name, *good)


def _signatures(path: list[x509.Certificate]) -> Check:
    weak = [c for c in path[:-1] if not isinstance(_digest_of(c), _STRONG)]
    if weak:
        return indeterminate(
            "certificate.signatures",
            f"{_names(weak)} được ký bằng thuật toán băm yếu hoặc không được phép.",
            f"{_names(weak)}: signed with a digest that is weak or not allowed.",
        )
    return passed(
        "certificate.signatures",
        "Chữ ký của bên cấp trên từng chứng thư số trong đường dẫn đều đúng.",
        "Every certificate of the path bears its issuer's valid signature.",
    )


def _digest_of(certificate: x509.Certificate) -> hashes.HashAlgorithm | None:
    try:
        return certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return None


def _keys(path: list[x509.Certificate], at: datetime, policy: Policy) -> Check:
    problems = []
    for certificate in path:
        try:
            key = public_key_of(certificate)
            policy.require(usual_algorithm(key), key, at)
        except Refused as refusal:
            name = _name(certificate)
            problems.append((f"{name}: {refusal.sentence('vi')}", f"{name}: {refusal.sentence('en')}"))
    return _verdict("certificate.keys", problems, ("Mọi khóa đều thuộc loại được phép.", "Every key is allowed."))


def _validity(path: list[x509.Certificate], at: datetime) -> Check:
    problems = []
    for certificate in path:
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if at < begin:
            vi = f"{_name(certificate)} chỉ có hiệu lực từ {to_text(begin)}"
            problems.append((vi, f"{_name(certificate)} is valid only from {to_text(begin)}"))
        elif at > end:
            vi = f"{_name(certificate)} đã hết hạn ngày {to_text(end)}"
            problems.append((vi, f"{_name(certificate)} expired at {to_text(end)}"))
    when = to_text(at)
    good = (f"Mọi chứng thư số đều còn hiệu lực tại {when}.", f"Every certificate was valid at {when}.")
    return _verdict("certificate.validity", problems, good)


def _authorities(path: list[x509.Certificate]) -> Check:
    problems, below = [], 0
    for certificate in path[1:]:
        name = _name(certificate)
        basic = _extension(certificate, x509.BasicConstraints)
        usage = _extension(certificate, x509.KeyUsage)
        if basic is None or not basic.ca:
            problems.append((f"{name} không phải là cơ quan cấp chứng thư", f"{name} is not a certificate authority"))
        elif basic.path_length is not None and basic.path_length < below:
            problems.append((f"{name}: vượt quá độ dài đường dẫn cho phép", f"{name}: path length exceeded"))
        if usage is not None and not usage.key_cert_sign:
            problems.append((f"khóa của {name} không được cấp chứng thư", f"{name} may not sign certificates"))
        below += certificate.subject != certificate.issuer
    good = ("Các bên cấp đều có quyền cấp chứng thư số.", "Every issuer is entitled to issue certificates.")
    return _verdict("certificate.authorities", problems, good)


def _purpose(path: list[x509.Certificate], purpose: str) -> Check:
    leaf, problems = path[0], []
    usage = _extension(leaf, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        problems.append(("chứng thư số không dùng để ký", "the certificate is not meant for signing"))
    if purpose == TIMESTAMPING and not _is_timestamping_only(leaf):
        problems.append(
            ("chứng thư số không dành riêng cho cấp dấu thời gian", "the certificate is not for timestamping alone")
        )
    wanted = {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, ExtendedKeyUsageOID.TIME_STAMPING}
    for authority in path[1:]:
        extended = _extension(authority, x509.ExtendedKeyUsage)
        if purpose == TIMESTAMPING and extended is not None and not wanted & set(extended):
            name = _name(authority)
            problems.append((f"{name} không được cấp cho mục đích này", f"{name} may not issue for this purpose"))
    good = ("Chứng thư số được dùng đúng mục đích.", "The certificate is used for its purpose.")
    return _verdict("certificate.purpose", problems, good)


def _is_timestamping_only(certificate: x509.Certificate) -> bool:
    """Exactly this purpose, marked critical (RFC 3161 clause 2.3)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return extension.critical and list(extension.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _extensions(path: list[x509.Certificate]) -> Check:
    problems = []
    for certificate in path:
        for extension in certificate.extensions:
            if extension.critical and extension.oid not in _JUDGED:
                name, oid = _name(certificate), extension.oid.dotted_string
                problems.append((f"{name} có phần mở rộng bắt buộc chưa hỗ trợ {oid}", f"{name}: critical {oid}"))
    good = ("Không có phần mở rộng bắt buộc nào bị bỏ qua.", "No critical extension was passed over.")
    return _verdict("certificate.extensions", problems, good)


def _revocation_checks(
    path: list[x509.Certificate], at: datetime, revocation: RevocationData, required: bool
) -> list[Check]:
    return [
        check_revocation(certificate, issuer, at, revocation, required, _name(certificate))
        for certificate, issuer in pairwise(path)
    ]


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _name(certificate: x509.Certificate) -> str:
    return f"«{one_line(certificate.subject.rfc4514_string(), 120)}»"


def _names(certificates: Sequence[x509.Certificate]) -> str:
    return ", ".join(map(_name, certificates))
