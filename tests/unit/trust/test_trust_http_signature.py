"""Signed requests: the RFC's own vectors, another implementation, and what an attacker may try."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import http_message_signatures as other
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.trust import content_digest, errors, http_signature
from lienthong.trust.http_signature import REQUIRED_WITH_CONTENT, REQUIRED_WITHOUT_CONTENT
from lienthong.trust.keys import DEFAULT_POLICY, Algorithm, Policy, Rule, load_public_key
from lienthong.trust.signer import MemorySigner
from lienthong.trust.structured_fields import (
    InnerList,
    Item,
    NotStructured,
    Token,
    parse_dictionary,
    serialize_inner_list,
)

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/rfc9421/vectors.json").read_text())
KEYS = {name: load_public_key(b64decode(text)) for name, text in VECTORS["keys"].items()}
SIGNER = MemorySigner(ec.generate_private_key(ec.SECP256R1()))
BODY = "Nội dung".encode()
DIGEST = content_digest.of(BODY)
NOW = 1_790_000_000


def resolve(key_id):
    return SIGNER.public_key if key_id == SIGNER.key_id else None


def headers_of(signed, **more):
    fields = {"Host": "truc.example", "Content-Digest": DIGEST} | more | signed
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]


def signed_request(target="/v1/envelopes?dry=1", digest=DIGEST, authority="truc.example", **more):
    return http_signature.sign_request("POST", target, authority, digest, SIGNER, NOW, "n-1", **more)


def check(
    headers, path=b"/v1/envelopes", query=b"dry=1", method="POST", required=REQUIRED_WITH_CONTENT, now=NOW, **more
):
    return http_signature.verify_request(method, path, query, headers, required, resolve, now, 300, **more)


def refused(code, *args, **more):
    with pytest.raises(Refused) as refusal:
        check(*args, **more)
    assert refusal.value.code is code


@pytest.mark.parametrize("message", VECTORS["messages"], ids=lambda message: message["name"])
def test_the_vectors_of_rfc_9421_verify(message):
    policy = Policy((*DEFAULT_POLICY.rules, Rule(Algorithm.EDDSA)))
    headers = [(name.encode(), value.encode()) for name, value in message["headers"].items()]
    algorithm = Algorithm(message["algorithm"]) if message["algorithm"] else None

    def verify(headers):
        return http_signature.verify_message(
            message["derived"],
            headers,
            ("content-type",),
            KEYS.get,
            1618884473 + 10,
            300,
            policy=policy,
            label=message["label"],
            algorithm=algorithm,
            require_nonce=False,
        )

    assert verify(headers).created == 1618884473
    changed = [(name, b"text/plain" if name == b"Content-Type" else value) for name, value in headers]
    with pytest.raises(Refused) as refusal:
        verify(changed)
    assert refusal.value.code is errors.SIGNATURE_NOT_VALID


def test_a_request_signed_here_verifies_here():
    signed = signed_request(extra={"Lienthong-Recipients": "000.00.00.H26"})
    verified = check(headers_of(signed, **{"Lienthong-Recipients": " 000.00.00.H26 "}))
    assert (verified.key_id, verified.nonce, verified.created) == (SIGNER.key_id, "n-1", NOW)
    assert verified.content_digest == DIGEST
    assert "lienthong-recipients" in verified.components
    assert set(signed) == {"Signature-Input", "Signature"}


def test_a_request_without_content_or_authority_verifies_behind_a_proxy_that_renames_the_host():
    signed = http_signature.sign_request("GET", "/v1/inbox", None, None, SIGNER, NOW, "n-2")
    headers = headers_of(signed, Host="127.0.0.1:8001")
    verified = check(headers, b"/v1/inbox", b"", "GET", REQUIRED_WITHOUT_CONTENT)
    assert verified.content_digest is None


class OtherRequest:
    """A request as the other implementation wants it."""

    def __init__(self, method, url, headers):
        self.method, self.url, self.headers = method, url, headers


class OtherKeys(other.HTTPSignatureKeyResolver):
    def __init__(self, key):
        self.key = key

    def resolve_public_key(self, key_id):
        return self.key.public_key()

    def resolve_private_key(self, key_id):
        return self.key


ALGORITHMS = [
    (ec.generate_private_key(ec.SECP256R1()), None, other.algorithms.ECDSA_P256_SHA256),
    (rsa.generate_private_key(65537, 2048), Algorithm.RS256, other.algorithms.RSA_V1_5_SHA256),
]


@pytest.mark.parametrize(("key", "algorithm", "name"), ALGORITHMS)
def test_another_implementation_accepts_what_we_sign(key, algorithm, name):
    signer, created = MemorySigner(key, algorithm), int(datetime.now(UTC).timestamp())
    signed = http_signature.sign_request("POST", "/a/b%20c?x=1&y=%2F", "truc.example", DIGEST, signer, created, "n")
    request = OtherRequest("POST", "https://truc.example/a/b%20c?x=1&y=%2F", {"Content-Digest": DIGEST, **signed})
    verifier = other.HTTPMessageVerifier(signature_algorithm=name, key_resolver=OtherKeys(key))
    results = verifier.verify(request, max_age=timedelta(days=1))
    assert results[0].parameters["keyid"] == signer.key_id


@pytest.mark.parametrize(("key", "algorithm", "name"), ALGORITHMS)
def test_we_accept_what_another_implementation_signs(key, algorithm, name):
    request = OtherRequest("POST", "https://truc.example/a?x=1", {"Content-Digest": DIGEST, "Host": "truc.example"})
    signer = other.HTTPMessageSigner(signature_algorithm=name, key_resolver=OtherKeys(key))
    components = ("@method", "@authority", "@path", "@query", "content-digest")
    signer.sign(
        request,
        key_id="k",
        covered_component_ids=components,
        nonce="n",
        label="sig1",
        use_existing_digest=True,
    )
    headers = [(field.encode(), value.encode()) for field, value in request.headers.items()]
    now = int(datetime.now(UTC).timestamp())
    verified = http_signature.verify_request(
        "POST", b"/a", b"x=1", headers, REQUIRED_WITH_CONTENT, lambda _: key.public_key(), now, 60
    )
    assert verified.key_id == "k"


def test_every_covered_part_counts():
    headers = headers_of(signed_request())
    refused(errors.SIGNATURE_NOT_VALID, headers, method="PUT")
    refused(errors.SIGNATURE_NOT_VALID, headers, path=b"/v1/envelopes/")
    refused(errors.SIGNATURE_NOT_VALID, headers, path=b"/v1/%65nvelopes")
    refused(errors.SIGNATURE_NOT_VALID, headers, query=b"")
    refused(errors.SIGNATURE_NOT_VALID, headers, query=b"dry=0")
    refused(errors.SIGNATURE_NOT_VALID, headers_of(signed_request(), Content_Digest=content_digest.of(b"x")))
    twice = [*headers, (b"content-digest", DIGEST.encode())]
    refused(errors.SIGNATURE_NOT_VALID, twice)
    other_host = [(name, b"evil.example" if name == b"Host" else value) for name, value in headers]
    refused(errors.SIGNATURE_NOT_VALID, other_host)


def test_a_signature_that_does_not_cover_what_is_required_is_refused():
    refused(errors.HTTP_SIGNATURE_INCOMPLETE, headers_of(signed_request(digest=None)))
    headers = [pair for pair in headers_of(signed_request()) if pair[0] != b"Content-Digest"]
    refused(errors.HTTP_SIGNATURE_INCOMPLETE, headers)


def test_a_signature_counts_within_its_time_only():
    headers = headers_of(signed_request())
    assert check(headers, now=NOW + 300)
    assert check(headers, now=NOW - 60)
    refused(errors.HTTP_SIGNATURE_OUT_OF_TIME, headers, now=NOW + 301)
    refused(errors.HTTP_SIGNATURE_OUT_OF_TIME, headers, now=NOW - 61)


def replaced(signed, old, new):
    return headers_of({name: value.replace(old, new) for name, value in signed.items()})


def test_what_the_signature_says_of_itself_cannot_be_changed():
    signed = signed_request()
    refused(errors.SIGNATURE_NOT_VALID, replaced(signed, f"created={NOW}", f"created={NOW + 1}"))
    refused(errors.SIGNATURE_NOT_VALID, replaced(signed, '"n-1"', '"n-2"'))
    refused(errors.SIGNATURE_NOT_VALID, replaced(signed, ' "@path" "@query"', ' "@query" "@path"'))
    refused(errors.SIGNER_NOT_KNOWN, replaced(signed, SIGNER.key_id, "stranger"))
    for name in ("hmac-sha256", "rsa-v1_5-sha256", "ecdsa-p384-sha384", "none", "ed25519"):
        refused(errors.ALGORITHM_NOT_ALLOWED, replaced(signed, "ecdsa-p256-sha256", name))
    refused(errors.SIGNATURE_NOT_VALID, headers_of(signed), policy=DEFAULT_POLICY, path=b"/other")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@path"', '"@path";req'),
        ('"@path"', '"@path" "@path"'),
        ('"@path"', '"@PATH"'),
        ('"@path"', '"@path\\""'),
        ('"@path"', "@path"),
        (";nonce", ";nonce=1;nonce"),
        ('nonce="n-1"', "nonce=n"),
        (';nonce="n-1"', ""),
        ("created=", "created=-"),
        (f"created={NOW}", 'created="x"'),
        (f";created={NOW}", ""),
        ("sig1=(", "sig1=("[:-1]),
        ("sig1=(", "sig1=(), sig1=("),
        ("=:", "=::"),
    ],
)
def test_a_malformed_signature_is_refused(old, new):
    with pytest.raises(Refused) as refusal:
        check(replaced(signed_request(), old, new))
    assert refusal.value.code in {errors.HTTP_SIGNATURE_MALFORMED, errors.HTTP_SIGNATURE_OUT_OF_TIME}


def test_a_missing_signature_is_said_to_be_missing():
    refused(errors.HTTP_SIGNATURE_MISSING, [(b"host", b"x")])
    signed = signed_request(label="other")
    refused(errors.HTTP_SIGNATURE_MISSING, headers_of(signed))
    refused(errors.HTTP_SIGNATURE_MISSING, headers_of({"Signature": signed["Signature"]}))


def test_another_signature_beside_ours_does_no_harm():
    ours, proxy = signed_request(), signed_request(label="proxy")
    assert check([*headers_of(proxy), *headers_of(ours)[2:]])


def test_a_value_that_could_start_a_line_of_its_own_is_refused():
    with pytest.raises(Refused):
        http_signature.sign_request('GET\n"@path": /x', "/", None, None, SIGNER, NOW, "n")
    refused(errors.HTTP_SIGNATURE_MALFORMED, headers_of(signed_request()), path=b'/a\n"@query": ?')


def test_an_rsa_request_that_does_not_name_its_algorithm_uses_the_agreed_one_only():
    signer = MemorySigner(ALGORITHMS[1][0], Algorithm.PS512)
    signed = http_signature.sign_request("POST", "/a", None, DIGEST, signer, NOW, "n")

    def verify(agreed):
        return http_signature.verify_request(
            "POST",
            b"/a",
            b"",
            headers_of(signed),
            REQUIRED_WITH_CONTENT,
            lambda _: signer.public_key,
            NOW,
            60,
            algorithm=agreed,
        )

    assert verify(None).algorithm is Algorithm.PS512
    with pytest.raises(Refused) as refusal:
        verify(Algorithm.RS256)
    assert refusal.value.code is errors.ALGORITHM_NOT_ALLOWED


def test_content_digest_declares_and_compares():
    assert content_digest.parse(DIGEST) == content_digest.parse(f"sha-512=:AAAA:, {DIGEST}, md5=:AA==:")
    assert content_digest.make(content_digest.parse(DIGEST)) == DIGEST
    # RFC 9530 appendix D: the SHA-256 of {"hello": "world"} and a line feed.
    published = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert content_digest.of(b'{"hello": "world"}\n') == published
    with pytest.raises(Refused) as refusal:
        content_digest.compare(DIGEST, b"\0" * 32)
    assert refusal.value.code is errors.CONTENT_DIGEST_MISMATCH
    for bad in (
        "",
        "sha-256",
        "sha-256=x",
        "sha-256=:AAAA:",
        "sha-512=:AAAA:",
        f"{DIGEST}, {DIGEST}",
        "sha-256=(:AA==:)",
    ):
        with pytest.raises(Refused) as refusal:
            content_digest.parse(bad)
        assert refusal.value.code is errors.CONTENT_DIGEST_MALFORMED


names = st.from_regex(r"[a-z*][a-z0-9_\-.*]{0,8}", fullmatch=True)
bare = st.one_of(
    st.booleans(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.binary(max_size=20),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12),
    st.from_regex(r"[A-Za-z*][A-Za-z0-9:/*]{0,8}", fullmatch=True).map(Token),
)
items = st.builds(Item, bare, st.dictionaries(names, bare, max_size=3))


@given(st.builds(InnerList, st.lists(items, max_size=4).map(tuple), st.dictionaries(names, bare, max_size=3)))
@settings(max_examples=100, deadline=None)
def test_an_inner_list_is_read_as_it_was_written(value):
    assert parse_dictionary(f"a={serialize_inner_list(value)}") == {"a": value}


@given(st.text(st.sampled_from('ab1=,;:()" \\?*-.\t\x00é'), max_size=40))
@settings(max_examples=200, deadline=None)
def test_noise_is_not_a_structured_field_or_has_one_written_form(text):
    try:
        members = parse_dictionary(text)
    except NotStructured:
        return
    for member in members.values():
        if isinstance(member, InnerList):
            again = parse_dictionary(f"a={serialize_inner_list(member)}")["a"]
            assert again == member


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=40))
@settings(max_examples=100, deadline=None)
def test_noise_in_headers_is_refused_with_a_code(first, second, path):
    with pytest.raises(Refused):
        check([(b"signature-input", b"sig1=" + first), (b"signature", second), (first, second)], path=path)


PIECES = st.sampled_from(
    ["sig1=", "sig2=", "(", ")", " ", '"@method"', '"@path"', '"content-digest"', '"a@b"', '"', ";", "=", ",",
     ";created=1790000000", ";created=0790000000", ";created=0", ";expires=-1", ';keyid="k"', ';nonce="n;1"', ';nonce=""',
     ';alg="ecdsa-p256-sha256"', ";nonce=token", ";tag", ":YWJj:", ":YWI=:", ":YWK=:", ":YWI:", "::"]
)  # fmt: skip


def usual_inputs():
    names = st.lists(st.sampled_from(['"@method"', '"@path"', '"@query"', '"content-digest"']), max_size=5).map(
        " ".join
    )
    parameters = st.lists(PIECES.filter(lambda piece: piece.startswith(";")), max_size=4).map("".join)
    return st.builds("sig1=({}){}".format, names, parameters)


@given(
    usual_inputs() | st.lists(PIECES, max_size=8).map("".join),
    st.sampled_from(["sig1=:YWJj:", "sig1=:YWI=:", "sig1=:YWK=:", "sig1=:YWI:", "sig1=:Y:", "sig1=::", "sig2=:YWJj:"])
    | st.lists(PIECES, max_size=3).map("".join),
)
@settings(max_examples=600)
def test_the_short_way_for_usual_spellings_reads_as_the_long_one(claimed, proof):
    def outcome():
        try:
            return http_signature.parse(claimed, proof)
        except Refused as refusal:
            return refusal.code.name

    short = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http_signature, "_parse_usual", lambda *_: None)
        assert outcome() == short


def test_our_own_requests_take_the_short_way():
    signed = signed_request()
    usual = http_signature._parse_usual(signed["Signature-Input"], signed["Signature"], "sig1")
    assert usual is not None
    assert usual == http_signature.parse(signed["Signature-Input"], signed["Signature"])
