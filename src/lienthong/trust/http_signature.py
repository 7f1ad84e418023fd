"""Signed HTTP messages: which system made this request, and that nobody changed what it says.

Source: RFC 9421 (clauses 2.2, 2.3, 2.5, 3.1, 3.2, 3.3). A profile of it: one signature with a known label, component
identifiers without parameters, method, path, query and content digest always covered when the caller requires them.
The authority may be covered but is not required, because reverse proxies rewrite it. A valid signature asserts that
a key signed; who owns the key, whether the nonce is fresh and whether the content fits the digest are the caller's
questions.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.errors import (
    ALGORITHM_NOT_ALLOWED,
    HTTP_SIGNATURE_INCOMPLETE,
    HTTP_SIGNATURE_MALFORMED,
    HTTP_SIGNATURE_MISSING,
    HTTP_SIGNATURE_OUT_OF_TIME,
    SIGNATURE_NOT_VALID,
    SIGNER_NOT_KNOWN,
)
from lienthong.trust.keys import DEFAULT_POLICY, Algorithm, Policy, PublicKey, usual_algorithm
from lienthong.trust.signer import Signer, is_valid
from lienthong.trust.structured_fields import (
    MAXIMUM_FIELD,
    Bare,
    InnerList,
    Item,
    NotStructured,
    parse_dictionary,
    serialize_inner_list,
)

LABEL = "sig1"
MAXIMUM_COMPONENTS = 32
REQUIRED_WITH_CONTENT = ("@method", "@path", "@query", "content-digest")
REQUIRED_WITHOUT_CONTENT = ("@method", "@path", "@query")
SKEW_SECONDS = 60
"""How far in the future a signature may lie: clocks of honest systems differ."""

_NAMES = {
    Algorithm.ES256: "ecdsa-p256-sha256",
    Algorithm.ES384: "ecdsa-p384-sha384",
    Algorithm.RS256: "rsa-v1_5-sha256",
    Algorithm.PS512: "rsa-pss-sha512",
    Algorithm.EDDSA: "ed25519",
}
_ALGORITHMS = {name: algorithm for algorithm, name in _NAMES.items()}
_USUAL_INPUT = re.compile(
    r'\(("@?[a-z0-9-]+"(?: "@?[a-z0-9-]+")*)\)'
    r'((?:;(?:created|expires)=[1-9][0-9]{0,14}|;(?:keyid|alg|nonce)="[A-Za-z0-9+/=_.:-]*")+)'
)
_USUAL_PARAMETER = re.compile(r';([a-z]+)=(?:([0-9]+)|"([^"]*)")')
_USUAL_SIGNATURE = re.compile(r":((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):")
_FIELD_NAME = re.compile(r"[a-z0-9!#$%&'*+\-.^_`|~]+")
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_FIELD_VALUE = re.compile(r"[\x20-\x7e\t]*")

Headers = Sequence[tuple[bytes, bytes]]
ResolveKey = Callable[[str], PublicKey | None]


@dataclass(frozen=True, slots=True)
class ParsedSignature:
    """A signature as it stands in the message, before any trust in it.

    ``components``: what it covers, in order. ``parameters``: created, keyid, alg, nonce and so on.
    ``covered``: text of the ``@signature-params`` line.
    """

    components: tuple[str, ...]
    parameters: Mapping[str, Bare]
    covered: str
    signature: bytes

    def text(self, name: str) -> str | None:
        """A parameter that must be a string when it is there."""
        value = self.parameters.get(name)
        if value is not None and type(value) is not str:
            raise _malformed(name)
        return value

    def seconds(self, name: str) -> int | None:
        """A parameter that must be an integer of Unix seconds when it is there."""
        value = self.parameters.get(name)
        if value is None:
            return None
        if type(value) is not int:
            raise _malformed(name)
        return value


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """What a valid signature says.

    ``created``: Unix seconds. ``components``: everything covered. ``content_digest``: the covered header's value,
    still to be compared with the content. ``nonce``: empty only when the caller did not require one.
    """

    key_id: str
    nonce: str
    created: int
    algorithm: Algorithm
    components: tuple[str, ...]
    content_digest: str | None


def sign_request(
    method: str,
    target: str,
    authority: str | None,
    content_digest: str | None,
    signer: Signer,
    created: int,
    nonce: str,
    extra: Mapping[str, str] | None = None,
    label: str = LABEL,
) -> dict[str, str]:
    """The two headers ``Signature-Input`` and ``Signature`` for a request.

    ``target``: path with its query exactly as it goes on the wire. ``authority``: host and port, or None not to cover
    it. ``content_digest``: value of the Content-Digest header that is sent too. ``extra``: further header fields to
    cover. ``created``: Unix seconds. ``nonce``: never used before with this key.
    """
    path, _, query = target.partition("?")
    values = {"@method": method}
    if authority is not None:
        values["@authority"] = _authority(authority)
    values |= {"@path": path or "/", "@query": "?" + query}
    fields = {"content-digest": content_digest} if content_digest is not None else {}
    fields |= {name.lower(): value.strip() for name, value in (extra or {}).items()}
    return sign_components(values | fields, signer, created, nonce, label)


def sign_components(
    values: Mapping[str, str], signer: Signer, created: int, nonce: str, label: str = LABEL
) -> dict[str, str]:
    """The two headers for any message, request or answer, whose components and values are given in order."""
    name = _NAMES.get(signer.algorithm)
    if name is None:
        raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=signer.algorithm.value)
    parameters: dict[str, Bare] = {"created": created, "keyid": signer.key_id, "alg": name, "nonce": nonce}
    covered = serialize_inner_list(InnerList(tuple(map(Item, values)), parameters))
    base = _signature_base(list(values.items()), covered)
    signature = serialize_inner_list(InnerList((Item(signer.sign(base)),)))[1:-1]
    return {"Signature-Input": f"{label}={covered}", "Signature": f"{label}={signature}"}


def parse(signature_input: str, signature: str, label: str = LABEL) -> ParsedSignature:
    """Read both headers, each with its lines already joined by commas.

    Refuses: HTTP_SIGNATURE_MISSING, HTTP_SIGNATURE_MALFORMED.
    """
    usual = _parse_usual(signature_input, signature, label)
    if usual is not None:
        return usual
    try:
        claimed, proof = parse_dictionary(signature_input).get(label), parse_dictionary(signature).get(label)
    except NotStructured as error:
        raise _malformed(str(error)) from error
    if claimed is None and proof is None:
        raise Refused(HTTP_SIGNATURE_MISSING)
    if not isinstance(claimed, InnerList) or not isinstance(proof, Item) or not isinstance(proof.value, bytes):
        raise _malformed(label)
    if proof.parameters or len(claimed.items) > MAXIMUM_COMPONENTS:
        raise _malformed("parameters or too many components")
    components = tuple(map(_component, claimed.items))
    if len(set(components)) != len(components):
        raise _malformed("a component is covered twice")
    return ParsedSignature(components, claimed.parameters, serialize_inner_list(claimed), proof.value)


def verify_request(
    method: str,
    raw_path: bytes,
    query: bytes,
    headers: Headers,
    required: Sequence[str],
    resolve_key: ResolveKey,
    now: int,
    max_age: int,
    *,
    policy: Policy = DEFAULT_POLICY,
    label: str = LABEL,
    algorithm: Algorithm | None = None,
    require_nonce: bool = True,
    skew: int = SKEW_SECONDS,
) -> VerifiedRequest:
    """Check the signature of a request as it came from the wire.

    ``raw_path``/``query``: percent-encoding untouched, without the question mark. ``headers``: as received, any case.
    ``required``: components that must be covered. ``now``: Unix seconds; ``max_age``: seconds.
    ``skew``: seconds that ``created`` may lie in the future.
    ``algorithm``: the one agreed for RSA keys whose requests do not name it.
    Refuses: HTTP_SIGNATURE_MISSING, _MALFORMED, _INCOMPLETE, _OUT_OF_TIME, SIGNER_NOT_KNOWN, ALGORITHM_NOT_ALLOWED,
    SIGNATURE_NOT_VALID.
    """
    derived = {
        "@method": method,
        "@path": raw_path.decode("latin-1") or "/",
        "@query": "?" + query.decode("latin-1"),
    }
    return verify_message(
        derived,
        headers,
        required,
        resolve_key,
        now,
        max_age,
        policy=policy,
        label=label,
        algorithm=algorithm,
        require_nonce=require_nonce,
        skew=skew,
    )


def verify_message(
    derived: Mapping[str, str],
    headers: Headers,
    required: Sequence[str],
    resolve_key: ResolveKey,
    now: int,
    max_age: int,
    *,
    policy: Policy = DEFAULT_POLICY,
    label: str = LABEL,
    algorithm: Algorithm | None = None,
    require_nonce: bool = True,
    skew: int = SKEW_SECONDS,
) -> VerifiedRequest:
    """As :func:`verify_request`, for any message: ``derived`` gives the values of its components with an ``@``."""
    fields = _combine(headers)
    if "signature-input" not in fields or "signature" not in fields:
        raise Refused(HTTP_SIGNATURE_MISSING)
    claimed = parse(fields["signature-input"], fields["signature"], label)
    missing = [name for name in required if name not in claimed.components]
    if missing:
        raise Refused(HTTP_SIGNATURE_INCOMPLETE, missing=", ".join(missing))
    created = _check_time(claimed, now, max_age, skew)
    key_id, nonce = claimed.text("keyid"), claimed.text("nonce")
    if key_id is None or (require_nonce and not nonce):
        raise _malformed("keyid and nonce are needed")
    key = resolve_key(key_id)
    if key is None:
        raise Refused(SIGNER_NOT_KNOWN, key_id=one_line(key_id, 128))
    chosen = _choose_algorithm(claimed.text("alg"), key, algorithm)
    policy.require(chosen, key, datetime.fromtimestamp(created, UTC))
    lines = [(name, _value(name, derived, fields)) for name in claimed.components]
    if not is_valid(key, chosen, claimed.signature, _signature_base(lines, claimed.covered)):
        raise Refused(SIGNATURE_NOT_VALID)
    digest = fields["content-digest"] if "content-digest" in claimed.components else None
    return VerifiedRequest(key_id, nonce or "", created, chosen, claimed.components, digest)


def _parse_usual(signature_input: str, signature: str, label: str) -> ParsedSignature | None:
    """What :func:`parse` says of one signature in the spelling that nearly all software uses; None for any other.

    The text is its own serialisation then. Each request is read here, and this takes a quarter of the time.
    """
    before = f"{label}="
    if len(signature_input) > MAXIMUM_FIELD or len(signature) > MAXIMUM_FIELD:
        return None
    if not (signature_input.startswith(before) and signature.startswith(before)):
        return None
    covered = signature_input[len(before) :]
    found, proof = _USUAL_INPUT.fullmatch(covered), _USUAL_SIGNATURE.fullmatch(signature, len(before))
    if found is None or proof is None:
        return None
    components = tuple(found[1][1:-1].split('" "'))
    given = _USUAL_PARAMETER.findall(found[2])
    parameters: dict[str, Bare] = {name: int(number) if number else text for name, number, text in given}
    raw = binascii.a2b_base64(proof[1])
    unique = len(parameters) == len(given) and len(set(components)) == len(components) <= MAXIMUM_COMPONENTS
    if not unique or b64encode(raw).decode("ascii") != proof[1]:
        return None
    return ParsedSignature(components, parameters, covered, raw)


def _component(item: Item) -> str:
    """A component's name. Parameters (``;sf``, ``;key``, ``;bs``, ``;req``, ``;tr``) are outside the profile."""
    name = item.value
    if type(name) is not str or item.parameters:
        raise _malformed("a component with parameters")
    if not _FIELD_NAME.fullmatch(name.removeprefix("@")):
        raise _malformed("name of a component")
    return name


def _check_time(claimed: ParsedSignature, now: int, max_age: int, skew: int) -> int:
    created, expires = claimed.seconds("created"), claimed.seconds("expires")
    if created is None:
        raise _malformed("created is needed")
    if created > now + skew:
        raise Refused(HTTP_SIGNATURE_OUT_OF_TIME, reason="created in the future")
    if created < now - max_age:
        raise Refused(HTTP_SIGNATURE_OUT_OF_TIME, reason="too old")
    if expires is not None and expires < now:
        raise Refused(HTTP_SIGNATURE_OUT_OF_TIME, reason="expired")
    return created


def _choose_algorithm(named: str | None, key: PublicKey, agreed: Algorithm | None) -> Algorithm:
    """The key decides; the message may only confirm it, or choose between the two forms of RSA."""
    if named is None:
        chosen = agreed or usual_algorithm(key)
    else:
        found = _ALGORITHMS.get(named)
        if found is None or (agreed is not None and found is not agreed):
            raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=one_line(named, 40))
        chosen = found
    if chosen not in _NAMES:
        raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=chosen.value)
    return chosen


def _combine(headers: Headers) -> dict[str, str]:
    """Field values by lower-case name, several lines joined in their order (RFC 9421 clause 2.1)."""
    fields: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _value(name: str, derived: Mapping[str, str], fields: Mapping[str, str]) -> str:
    """Value of a covered component; one that the message lacks cannot have been signed."""
    if name == "@authority" and name not in derived:
        value = fields.get("host")
        value = None if value is None else _authority(value)
    else:
        value = (derived if name.startswith("@") else fields).get(name)
    if value is None:
        raise Refused(HTTP_SIGNATURE_INCOMPLETE, missing=one_line(name, 60))
    return value


def _signature_base(lines: Sequence[tuple[str, str]], covered: str) -> bytes:
    """The text that is signed (RFC 9421 clause 2.5). Values that could start a line of their own are refused."""
    for name, value in lines:
        if not (_VISIBLE if name.startswith("@") else _FIELD_VALUE).fullmatch(value):
            raise _malformed(one_line(name, 60))
    text = "".join(f'"{name}": {value}\n' for name, value in lines)
    return f'{text}"@signature-params": {covered}'.encode("ascii")


def _authority(text: str) -> str:
    """Host and port as signed: lower case, HTTPS's own port left out (RFC 9421 clause 2.2.3)."""
    return text.strip().lower().removesuffix(":443")


def _malformed(reason: str) -> Refused:
    return Refused(HTTP_SIGNATURE_MALFORMED, reason=one_line(reason, 80))
