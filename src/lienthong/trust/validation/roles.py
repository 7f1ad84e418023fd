"""Who signed: a person or an agency, with title, after the certificate. And what that means for the document.

Source: Decree 68/2024/NĐ-CP art. 7 and 10; Decree 23/2025/NĐ-CP art. 13 (the title stands in the certificate);
Decision 28/2018/QĐ-TTg art. 4; Decree 30/2020/NĐ-CP art. 5.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import NameOID

from lienthong.base.text import one_line
from lienthong.trust.validation.model import (
    LegalJudgement,
    LegalValue,
    Role,
    SignatureKind,
    SignatureReport,
    Signer,
)
from lienthong.trust.validation.policy import RoleRule, ValidationPolicy
from lienthong.trust.verdict import Verdict

_IDENTIFIER_OIDS = (NameOID.USER_ID, NameOID.SERIAL_NUMBER)


def read_signer(certificate: x509.Certificate, policy: ValidationPolicy) -> Signer:
    """What the certificate says of its holder, under the rule of the day on which it was issued."""
    subject = certificate.subject
    name = _first(subject, NameOID.COMMON_NAME) or _first(subject, NameOID.ORGANIZATION_NAME)
    return Signer(
        role=role_of(certificate, policy),
        name=name,
        organization=_first(subject, NameOID.ORGANIZATION_NAME),
        title=_first(subject, NameOID.TITLE),
        serial=f"{certificate.serial_number:x}",
        issuer=one_line(certificate.issuer.rfc4514_string(), 200),
    )


def role_of(certificate: x509.Certificate, policy: ValidationPolicy) -> Role:
    """PERSON or AGENCY; UNKNOWN when no rule covers the day of issue or none decides."""
    issued = certificate.not_valid_before_utc
    for rule in policy.roles:
        if (rule.not_before is None or issued >= rule.not_before) and (
            rule.not_after is None or issued < rule.not_after
        ):
            return _by_rule(certificate, rule)
    return Role.UNKNOWN


def _by_rule(certificate: x509.Certificate, rule: RoleRule) -> Role:
    policies = _policies(certificate)
    if policies & rule.agency_policies:
        return Role.AGENCY
    if policies & rule.person_policies:
        return Role.PERSON
    subject = certificate.subject
    identifiers = [value.upper() for oid in _IDENTIFIER_OIDS for value in _all(subject, oid)]
    if any(value.startswith(rule.person_prefixes) for value in identifiers):
        return Role.PERSON
    if any(value.startswith(rule.agency_prefixes) for value in identifiers):
        return Role.AGENCY
    if any(_first(subject, oid) for oid in (NameOID.TITLE, NameOID.GIVEN_NAME, NameOID.SURNAME)):
        return Role.PERSON
    name, organization = _first(subject, NameOID.COMMON_NAME), _first(subject, NameOID.ORGANIZATION_NAME)
    if _first(subject, NameOID.ORGANIZATION_IDENTIFIER) or (organization and name in {"", organization}):
        return Role.AGENCY
    return Role.PERSON if name and rule.default_person else Role.UNKNOWN


def _policies(certificate: x509.Certificate) -> frozenset[str]:
    try:
        held = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(policy.policy_identifier.dotted_string for policy in held)


def _all(name: x509.Name, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(attribute.value) for attribute in name.get_attributes_for_oid(oid)]


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return one_line(next(iter(_all(name, oid)), ""), 200)


def legal_value(signatures: Sequence[SignatureReport], file: Verdict) -> LegalJudgement:
    """Whether a person's signature and, later and over it, an agency's are both there and valid.

    ``file``: the verdict on the file itself, apart from its signatures.

    A signature that FAILED anywhere leaves the document for information only; one that cannot be decided leaves the
    value undetermined.
    """
    real = [item for item in signatures if item.kind is SignatureKind.SIGNATURE]
    if file is Verdict.FAILED:
        return _only("tệp không còn nguyên vẹn", "the file is not intact")
    if any(item.verdict is Verdict.FAILED for item in signatures):
        return _only("có chữ ký số không hợp lệ", "a signature is not valid")
    pairs = [
        (person, agency)
        for person in real
        for agency in real
        if _is(person, Role.PERSON) and _is(agency, Role.AGENCY) and _follows(agency, person)
    ]
    good = [(a, b) for a, b in pairs if a.verdict is Verdict.PASSED and b.verdict is Verdict.PASSED]
    if file is Verdict.PASSED and good:
        return _original(beside=all(a.position == b.position for a, b in good))
    if pairs:
        return LegalJudgement(
            LegalValue.UNDETERMINED,
            "Chưa xác định được giá trị pháp lý: có đủ chữ ký của người có thẩm quyền và của cơ quan, nhưng chưa đủ "
            "dữ liệu để xác nhận.",
            "The legal value is undetermined: the person's and the agency's signatures are there, but cannot yet be "
            "confirmed.",
        )
    roles = {item.signer.role for item in real if item.signer is not None}
    if Role.PERSON in roles and Role.AGENCY in roles:
        return _only("chữ ký của cơ quan không đặt sau chữ ký của cá nhân", "the agency did not sign after the person")
    if Role.PERSON in roles:
        return _only("thiếu chữ ký số của cơ quan", "the agency's signature is missing")
    if Role.AGENCY in roles:
        return _only("thiếu chữ ký số của người có thẩm quyền", "the competent person's signature is missing")
    return _only("không có chữ ký số của người có thẩm quyền và cơ quan", "neither person nor agency signed")


def _follows(agency: SignatureReport, person: SignatureReport) -> bool:
    """Whether the agency signed after the person: over the signature, or beside it at a later proven time.

    Signatures of XML and CMS stand side by side over the same content, so that only time stamps tell their order.
    """
    if agency.position != person.position:
        return agency.position > person.position
    if not (agency.covers_all and person.covers_all) or agency.proven_at is None or person.proven_at is None:
        return False
    return agency.proven_at >= person.proven_at


def _original(beside: bool) -> LegalJudgement:
    how_vi, how_en = ("trên cùng nội dung", "the same content") if beside else ("bao trùm", "over it")
    return LegalJudgement(
        LegalValue.ORIGINAL,
        "Văn bản điện tử có giá trị như bản gốc, thay cho gửi bản giấy: có chữ ký số của người có thẩm quyền, "
        f"sau đó có chữ ký số của cơ quan {how_vi} (Quyết định 28/2018/QĐ-TTg, Điều 4).",
        "The e-document counts as the original and replaces paper: a competent person signed, and the agency "
        f"signed later and {how_en} (Decision 28/2018 art. 4).",
    )


def _is(report: SignatureReport, role: Role) -> bool:
    return report.signer is not None and report.signer.role is role


def _only(vi: str, en: str) -> LegalJudgement:
    return LegalJudgement(
        LegalValue.INFORMATION_ONLY,
        f"Văn bản chỉ có giá trị tham khảo: {vi} (Quyết định 28/2018/QĐ-TTg, Điều 4).",
        f"The document is for information only: {en} (Decision 28/2018 art. 4).",
    )
