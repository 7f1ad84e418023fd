"""Timestamps: proof by a third party that bytes existed at a time.

Source: RFC 3161 clauses 2.3, 2.4.1, 2.4.2; RFC 5816 (ESSCertIDv2). Requests, tokens and their verification, and the
pure heart of a local authority. Digests are SHA-256.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asn1crypto import core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.certificates import TIMESTAMPING, TrustStore, public_key_of, verify_certificate
from lienthong.trust.cms import (
    HASHES,
    NotSignedData,
    SignedData,
    make_signed_data,
    read_signed_data,
    signature_is_valid,
)
from lienthong.trust.der import is_der
from lienthong.trust.errors import TIMESTAMP_MALFORMED
from lienthong.trust.keys import DEFAULT_POLICY, Policy
from lienthong.trust.revocation import RevocationData
from lienthong.trust.signer import Signer
from lienthong.trust.verdict import Check, Report, failed, indeterminate, passed

MAXIMUM_REQUEST_BYTES = 8 * 1024
MAXIMUM_TOKEN_BYTES = 128 * 1024
_DECODING = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
"""How the ASN.1 library, which decodes late, shows that the bytes are damaged."""


class _Response(core.Sequence):  # type: ignore[misc]  # the library has no types
    """TimeStampResp with its token optional, as the RFC has it: a refusal carries none."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", core.Any, {"optional": True})]  # noqa: RUF012


@dataclass(frozen=True, slots=True)
class TimestampInfo:
    """What a token says, before any trust in it.

    ``time``: UTC. ``accuracy``: how far off it may be, when stated. ``imprint``: digest of the stamped bytes, made with
    ``imprint_algorithm``. ``tsa_name``: as the token writes it. ``certificate``: of the signer, when carried.
    """

    time: datetime
    policy: str
    serial: int
    accuracy: timedelta | None
    imprint_algorithm: str
    imprint: bytes
    nonce: int | None
    tsa_name: str
    certificate: x509.Certificate | None


@dataclass(frozen=True, slots=True)
class TimestampReport(Report):
    """The checks, and what the token says when it could be read at all."""

    info: TimestampInfo | None = field(default=None)


def make_request(digest: bytes, nonce: int | None, policy: str | None = None) -> bytes:
    """A request to stamp the SHA-256 ``digest``, asking for the certificate to come with the token."""
    if len(digest) != 32:
        raise ValueError("a SHA-256 has 32 bytes")
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    request: dict[str, object] = {"version": "v1", "message_imprint": imprint, "cert_req": True}
    if nonce is not None:
        request["nonce"] = nonce
    if policy is not None:
        request["req_policy"] = policy
    return bytes(tsp.TimeStampReq(request).dump())


def read_response(response: bytes) -> bytes:
    """The token inside an authority's answer. Refuses: TIMESTAMP_MALFORMED, also when the authority declined."""
    if len(response) > MAXIMUM_TOKEN_BYTES or not is_der(response):
        raise _malformed("response is not DER")
    try:
        parsed = _Response.load(response, strict=True)
        status = parsed["status"]["status"].native
        if status not in {"granted", "granted_with_mods"}:
            raise _malformed(f"the authority answered {status}")
        return bytes(parsed["time_stamp_token"].dump())
    except _DECODING as error:
        raise _malformed("response") from error


def read_token(token: bytes) -> TimestampInfo:
    """What the token says. Nothing is verified. Refuses: TIMESTAMP_MALFORMED."""
    return _read(token)[0]


def _read(token: bytes) -> tuple[TimestampInfo, SignedData]:
    if len(token) > MAXIMUM_TOKEN_BYTES:
        raise _malformed("token too large")
    try:
        data = read_signed_data(token, "tst_info")
        if not is_der(data.content):
            raise _malformed("content is not DER")
        return _info(tsp.TSTInfo.load(data.content, strict=True), data.signer_certificate), data
    except NotSignedData as error:
        raise _malformed(str(error)) from error
    except _DECODING as error:
        raise _malformed("content") from error


def _info(content: tsp.TSTInfo, certificate: x509.Certificate | None) -> TimestampInfo:
    imprint, name = content["message_imprint"], content["tsa"]
    for extension in content["extensions"]:
        if extension["critical"].native:
            raise _malformed("critical extension")
    return TimestampInfo(
        time=content["gen_time"].native.astimezone(UTC),
        policy=content["policy"].dotted,
        serial=int(content["serial_number"].native),
        accuracy=_accuracy(content["accuracy"]),
        imprint_algorithm=imprint["hash_algorithm"]["algorithm"].native,
        imprint=imprint["hashed_message"].native,
        nonce=content["nonce"].native,
        tsa_name="" if isinstance(name, core.Void) else _general_name(name),
        certificate=certificate,
    )


def _general_name(name: asn1_x509.GeneralName) -> str:
    text = name.chosen.human_friendly if name.name == "directory_name" else str(name.native)
    return one_line(text, 200)


def _accuracy(accuracy: tsp.Accuracy) -> timedelta | None:
    if isinstance(accuracy, core.Void):
        return None
    seconds, millis, micros = (int(accuracy[part].native or 0) for part in ("seconds", "millis", "micros"))
    return timedelta(seconds=seconds, milliseconds=millis, microseconds=micros)


def verify_token(
    token: bytes,
    digest: bytes | Callable[[str], bytes],
    trust_roots: TrustStore,
    at: datetime | None = None,
    *,
    nonce: int | None = None,
    revocation: RevocationData | None = None,
    require_revocation: bool = False,
    weak_binding: bool = False,
    policy: Policy = DEFAULT_POLICY,
) -> TimestampReport:
    """Judge a token over the SHA-256 ``digest``, or over what a function gives for the name of a SHA-2 digest.

    ``at``: instant for which the authority's certificate is judged; None means the token's own time, which is right
    while later evidence (a log, another timestamp) holds that time in place. ``nonce``: the one sent,
    when the answer to a request is judged. ``weak_binding``: a certificate bound with SHA-1 is enough; forging that
    needs a second preimage, which nobody can make, and the authorities of others still write it.
    """
    try:
        info, data = _read(token)
    except Refused as refusal:
        bad = failed("timestamp.readable", refusal.sentence("vi"), refusal.sentence("en"))
        return TimestampReport((bad,))
    checks = [_imprint(info, digest), *_nonce(info, nonce), *_signature(data, weak_binding)]
    if data.signer_certificate is not None:
        path = verify_certificate(
            data.signer_certificate,
            trust_roots,
            at or info.time,
            intermediates=data.certificates,
            purpose=TIMESTAMPING,
            revocation=revocation,
            require_revocation=require_revocation,
            policy=policy,
        )
        checks += path.checks
    return TimestampReport(tuple(checks), info)


def _imprint(info: TimestampInfo, digest: bytes | Callable[[str], bytes]) -> Check:
    when = to_text(info.time)
    if isinstance(digest, bytes):
        fits = info.imprint_algorithm == "sha256" and hmac.compare_digest(info.imprint, digest)
    else:
        fits = info.imprint_algorithm in HASHES and hmac.compare_digest(info.imprint, digest(info.imprint_algorithm))
    if fits:
        vi = f"Dấu thời gian {when} được cấp cho đúng nội dung này."
        return passed("timestamp.imprint", vi, f"The timestamp of {when} is for this content.")
    vi = "Dấu thời gian không được cấp cho nội dung này."
    return failed("timestamp.imprint", vi, "The timestamp is not for this content.")


def _nonce(info: TimestampInfo, nonce: int | None) -> list[Check]:
    if nonce is None or info.nonce == nonce:
        return []
    vi = "Dấu thời gian không trả lời đúng yêu cầu đã gửi (số nonce khác)."
    return [failed("timestamp.nonce", vi, "The timestamp does not answer the request that was sent (nonce differs).")]


def _signature(data: SignedData, weak_binding: bool) -> list[Check]:
    if data.signer_certificate is None:
        vi = "Dấu thời gian không kèm chứng thư số của bên cấp."
        return [indeterminate("timestamp.signature", vi, "The timestamp does not carry its signer's certificate.")]
    try:
        key = public_key_of(data.signer_certificate)
    except Refused as refusal:
        return [indeterminate("timestamp.signature", refusal.sentence("vi"), refusal.sentence("en"))]
    if not data.attributes_fit or not signature_is_valid(data, key):
        vi = "Chữ ký của bên cấp dấu thời gian không đúng."
        return [failed("timestamp.signature", vi, "The signature of the timestamp authority is wrong.")]
    if not data.certificate_named and not (weak_binding and data.weakly_named):
        vi = "Dấu thời gian không gắn chứng thư số của bên cấp bằng thuật toán băm đủ mạnh."
        en = "The timestamp does not bind its signer's certificate with a strong digest."
        return [indeterminate("timestamp.signature", vi, en)]
    vi = "Chữ ký của bên cấp dấu thời gian đúng."
    return [passed("timestamp.signature", vi, "The signature of the timestamp authority is right.")]


class Responder:
    """The pure heart of a local timestamp authority: a request, a serial number and a time in; an answer out.

    The clock and the rule that serial numbers never repeat are the caller's. Times are written in whole seconds, with
    an accuracy of ``accuracy_seconds``.
    """

    def __init__(
        self,
        signer: Signer,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
        policy_oid: str,
        accuracy_seconds: int = 1,
    ) -> None:
        self._signer = signer
        self._certificate = certificate
        self._carried = (certificate, *(item for item in chain if item != certificate))
        self._policy = policy_oid
        self._accuracy = accuracy_seconds
        subject = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)).subject
        self._name = asn1_x509.GeneralName(name="directory_name", value=subject)

    def respond(self, request_bytes: bytes, serial: int, now: datetime) -> bytes:
        """The answer to a request: a token, or a rejection that says why. Never an exception for bad input."""
        try:
            request = _read_request(request_bytes)
        except Refused:
            return _rejection("bad_data_format")
        imprint = request["message_imprint"]
        if imprint["hash_algorithm"]["algorithm"].native != "sha256":
            return _rejection("bad_alg")
        if len(imprint["hashed_message"].native) != 32:
            return _rejection("bad_data_format")
        if request["req_policy"].native is not None and request["req_policy"].dotted != self._policy:
            return _rejection("unaccepted_policy")
        if not isinstance(request["extensions"], core.Void) and len(request["extensions"]):
            return _rejection("unaccepted_extensions")
        content = self._content(request, serial, now)
        carried = self._carried if request["cert_req"].native else ()
        token = make_signed_data("tst_info", content, self._signer, self._certificate, carried)
        response = _Response({"status": {"status": "granted"}, "time_stamp_token": core.Any.load(token)})
        return bytes(response.dump())

    def _content(self, request: tsp.TimeStampReq, serial: int, now: datetime) -> bytes:
        content = {
            "version": "v1",
            "policy": self._policy,
            "message_imprint": request["message_imprint"],
            "serial_number": serial,
            "gen_time": now.astimezone(UTC).replace(microsecond=0),
            "accuracy": {"seconds": self._accuracy},
            "tsa": self._name,
        }
        if request["nonce"].native is not None:
            content["nonce"] = request["nonce"].native
        return bytes(tsp.TSTInfo(content).dump())


def _read_request(request: bytes) -> tsp.TimeStampReq:
    if len(request) > MAXIMUM_REQUEST_BYTES or not is_der(request):
        raise _malformed("request")
    try:
        parsed = tsp.TimeStampReq.load(request, strict=True)
        _ = parsed.native
        _ = (parsed["message_imprint"]["hash_algorithm"]["algorithm"].native, parsed["req_policy"].native)
    except _DECODING as error:
        raise _malformed("request") from error
    return parsed


def _rejection(reason: str) -> bytes:
    return bytes(_Response({"status": {"status": "rejection", "fail_info": {reason}}}).dump())


def _malformed(reason: str) -> Refused:
    return Refused(TIMESTAMP_MALFORMED, reason=one_line(reason, 80))
