"""Requests that lie about who asks, what they cover or where they go: refused, fail closed, nothing stored."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from axis_process import attachment, document, new_signer, system_row, text_of, wait_for
from faults_invariants import stored
from fixtures_axis import Town
from lienthong.trust import content_digest, jws
from lienthong.trust.timestamp import make_request
from lienthong.wire.acknowledgement import TYP as ACK_TYP
from raw_requests import Answer, ask, packet, require_clear, send, send_bytes, signed

LEASES = "/v1/inbox/leases"
QUESTION = json.dumps({"max": 1, "wait": 0}).encode()


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The axis must hold after the test exactly what it held before."""
    before = stored(town.axis)
    yield town
    wait_for(lambda: stored(town.axis) == before, "nothing is left behind", 5)


def test_a_request_without_a_whole_signature_is_refused(untouched: Town) -> None:
    first, *_ = untouched
    axis = untouched.axis
    good = signed(first.signer, "POST", LEASES, QUESTION)
    bare = {k: v for k, v in good.items() if not k.startswith("Signature")}
    require_clear(send(axis, "POST", LEASES, bare, QUESTION), "HTTP_SIGNATURE_MISSING")
    for gone in ("Signature", "Signature-Input"):
        left = {k: v for k, v in good.items() if k != gone}
        require_clear(send(axis, "POST", LEASES, left, QUESTION), "HTTP_SIGNATURE_MISSING", "HTTP_SIGNATURE_MALFORMED")
    for value in ("", "sig1", "sig1=()", "sig1=:!!:", "sig1=:AAAA", "x" * 20_000, 'sig1=("@method" "@method")'):
        for name in ("Signature", "Signature-Input"):
            require_clear(
                send(axis, "POST", LEASES, good | {name: value}, QUESTION),
                "HTTP_SIGNATURE_MALFORMED", "HTTP_SIGNATURE_MISSING", "HTTP_SIGNATURE_INCOMPLETE", "SIGNATURE_NOT_VALID",
            )  # fmt: skip


def test_a_signature_that_does_not_cover_what_is_used_is_refused(untouched: Town) -> None:
    first, *_ = untouched
    axis = untouched.axis
    for covered in ('"@path"', '"@method"', '"@query"', '"content-digest"'):
        good = signed(first.signer, "POST", LEASES, QUESTION)
        cut = good | {
            "Signature-Input": good["Signature-Input"]
            .replace(covered, "")
            .replace("  ", " ")
            .replace("( ", "(")
            .replace(" )", ")")
        }
        require_clear(send(axis, "POST", LEASES, cut, QUESTION), "HTTP_SIGNATURE_INCOMPLETE")
    without = signed(first.signer, "POST", LEASES)
    require_clear(
        send(axis, "POST", LEASES, without, QUESTION), "HTTP_SIGNATURE_INCOMPLETE", "CONTENT_DIGEST_MALFORMED"
    )


def test_a_request_changed_after_signing_is_refused(untouched: Town) -> None:
    first, *_ = untouched
    axis = untouched.axis
    other = json.dumps({"max": 100, "wait": 0}).encode()
    good = signed(first.signer, "POST", LEASES, QUESTION)
    require_clear(send(axis, "POST", LEASES, good, other), "CONTENT_DIGEST_MISMATCH")
    swapped = good | {"Content-Digest": content_digest.of(other)}
    require_clear(send(axis, "POST", LEASES, swapped, other), "SIGNATURE_NOT_VALID")
    moved = signed(first.signer, "GET", "/v1/outbox?agency=000.00.00.H29")
    require_clear(send(axis, "GET", "/v1/outbox?agency=000.00.00.H15", moved), "SIGNATURE_NOT_VALID")
    require_clear(send(axis, "GET", "/v1/trace?agency=000.00.00.H29", moved), "SIGNATURE_NOT_VALID")
    encoded = signed(first.signer, "GET", "/v1/outbox?agency=000.00.00.H29")
    require_clear(send(axis, "GET", "/v1/outbox?agency=000.00.00.H%32%39", encoded), "SIGNATURE_NOT_VALID")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha-256",
        "sha-256=:AAAA:",
        "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:",
        "sha-512=:AAAA:",
        "sha-256=AAAA",
        "sha-256=:" + "A" * 5000 + ":",
    ],
)
def test_a_content_digest_of_another_form_is_refused(untouched: Town, value: str) -> None:
    first, *_ = untouched
    headers = signed(first.signer, "POST", LEASES, QUESTION, digest=value or " ")
    require_clear(
        send(untouched.axis, "POST", LEASES, headers, QUESTION),
        "CONTENT_DIGEST_MALFORMED", "CONTENT_DIGEST_MISMATCH", "HTTP_SIGNATURE_INCOMPLETE", "SIGNATURE_NOT_VALID",
    )  # fmt: skip


@pytest.mark.parametrize("off", [-86_400, -302, 310, 86_400, 10**10])
def test_a_request_signed_at_another_time_is_refused_and_told_the_difference(untouched: Town, off: int) -> None:
    first, *_ = untouched
    headers = signed(first.signer, "POST", LEASES, QUESTION, created=int(time.time()) + off)
    problem = require_clear(send(untouched.axis, "POST", LEASES, headers, QUESTION), "HTTP_SIGNATURE_OUT_OF_TIME")
    assert any(c.isdigit() for c in problem["title_en"])


def test_a_request_is_taken_once(untouched: Town) -> None:
    first, *_ = untouched
    headers = signed(first.signer, "POST", LEASES, QUESTION)
    assert send(untouched.axis, "POST", LEASES, headers, QUESTION).status == 200
    require_clear(send(untouched.axis, "POST", LEASES, headers, QUESTION), "NONCE_REPLAYED")
    long = signed(first.signer, "POST", LEASES, QUESTION, nonce="n" * 9000)
    assert send(untouched.axis, "POST", LEASES, long, QUESTION).status in {200, 400, 401, 431}


def test_the_algorithm_of_a_request_is_the_keys_and_not_the_messages(untouched: Town) -> None:
    first, *_ = untouched
    for name in ("hmac-sha256", "rsa-v1_5-sha256", "rsa-pss-sha512", "ed25519", "none", ""):
        good = signed(first.signer, "POST", LEASES, QUESTION)
        other = good | {"Signature-Input": good["Signature-Input"].replace("ecdsa-p256-sha256", name)}
        require_clear(
            send(untouched.axis, "POST", LEASES, other, QUESTION),
            "ALGORITHM_NOT_ALLOWED", "SIGNATURE_NOT_VALID", "HTTP_SIGNATURE_MALFORMED",
        )  # fmt: skip
    require_clear(ask(untouched.axis, new_signer(), "POST", LEASES, QUESTION), "SIGNER_NOT_KNOWN")


OPERATOR_TARGETS = ["/v1/operator/conservation", "/v1/operator/quarantine"]


@pytest.mark.parametrize("target", OPERATOR_TARGETS)
def test_no_spelling_of_an_operators_address_lets_an_agency_in(untouched: Town, target: str) -> None:
    """Decoding must not happen between the check of the right and the choice of the route."""
    operator = untouched.axis.operator.signer
    wait_for(lambda: ask(untouched.axis, operator, "GET", target).status == 200, "the operator is served", 10)
    first, *_ = untouched
    axis = untouched.axis
    last = target.rsplit("/", 1)[1]
    spellings = [
        target, target + "/", "/" + target, target.replace("/v1", "//v1"), target.upper(), target + ";a=b", target + "%00", target + "%20",
        f"/v1/outbox/../operator/{last}", f"/v1/outbox/%2e%2e/operator/{last}", f"/v1/outbox/%2e%2e%2foperator%2f{last}",
        f"/v1/outbox/..;/operator/{last}", f"/v1/outbox/%252e%252e/operator/{last}", f"/v1/./operator/{last}", f"/v1/%6fperator/{last}",
        f"/v1%2foperator%2f{last}", f"/v1\\operator\\{last}", f"/v1/operator/{last}?x=/v1/outbox", f"/log/tile/../../v1/operator/{last}",
    ]  # fmt: skip
    for spelling in spellings:
        answer = ask(axis, first.signer, "GET", spelling)
        assert answer.status in {400, 401, 403, 404, 405}, f"{spelling}: {answer.status} {answer.body[:100]!r}"
        anonymous = send(axis, "GET", spelling, {})
        assert anonymous.status in {400, 401, 404, 405}, f"{spelling}: {anonymous.status}"
        for name in (
            "X-Original-URL",
            "X-Rewrite-URL",
            "X-HTTP-Method-Override",
            "X-Forwarded-For",
            "X-Forwarded-Prefix",
        ):
            sly = signed(first.signer, "GET", "/health") | {name: target}
            assert b"accepted" not in send(axis, "GET", "/health", sly).body
    assert ask(axis, axis.operator.signer, "GET", target).status == 200


@pytest.mark.parametrize(
    "place",
    ["../../keys/receipt.key.pem", "%2e%2e/%2e%2e/keys/receipt.key.pem", "..%2f..%2fkeys%2freceipt.key.pem", "0/%2e%2e/checkpoint", "0/000/../../x",
     "....//....//keys/note.key.pem", "/etc/passwd", "%00", "0/x999", "0/1.p/999", "-1/000", "99/000", "0/000.p/0", "0/000.p/257", "0/" + "x000/" * 500 + "000"],
)  # fmt: skip
def test_the_static_log_gives_nothing_but_tiles(untouched: Town, place: str) -> None:
    answer = send(untouched.axis, "GET", f"/log/tile/{place}", {})
    assert answer.status in {400, 404, 414, 431}, answer.body[:200]
    assert b"PRIVATE KEY" not in answer.body
    assert b"root:" not in answer.body


def test_requests_made_to_confuse_two_readers_are_refused(untouched: Town) -> None:
    axis = untouched.axis
    raw = [
        b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/operator/conservation HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd",
        b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nContent-Length: 0x4\r\n\r\nabcd",
        b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET http://elsewhere.example/v1/operator/conservation HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 100 + b"\r\n\r\n",
        b"GET /" + b"A" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(20_000)) + b"\r\n",
    ]
    for data in raw:
        got = send_bytes(axis, data, seconds=3)
        assert b'"holds"' not in got, data[:80]
        lines = [line for line in got.split(b"\r\n") if line.startswith(b"HTTP/1.")]
        assert all(line[9:12] != b"201" for line in lines), data[:80]
        assert b"Traceback" not in got
    assert send(axis, "GET", "/health", {}).status == 200


def test_no_change_of_an_honest_request_makes_the_axis_stumble_or_open(untouched: Town) -> None:
    """Bytes changed, dropped, doubled and cut at places of chance: answered with a refusal or a closed line.

    The seed is fixed, so that what is found once is found again.
    """
    chance = random.Random(28)
    axis, stranger = untouched.axis, new_signer()
    honest = [
        _as_sent("POST", LEASES, signed(stranger, "POST", LEASES, QUESTION), QUESTION),
        _as_sent("GET", OPERATOR_TARGETS[0], signed(stranger, "GET", OPERATOR_TARGETS[0]), b""),
        _as_sent("POST", "/log/add-checkpoint", {}, b"old 0\n\naxis\n1\nAAAA\n"),
        _as_sent("POST", "/v1/uploads", signed(stranger, "POST", "/v1/uploads", b"{}"), b"{}"),
    ]
    for _ in range(150):
        data = bytearray(chance.choice(honest))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            piece = bytes(chance.randrange(256) for _ in range(chance.randint(0, 4)))
            data[at : at + chance.choice((0, 1, 1, 8))] = chance.choice((piece, data[at : at + 20] * 2))
        got = send_bytes(axis, bytes(data), seconds=0.3)
        status = got[9:12]
        assert got == b"" or got.startswith(b"HTTP/1.1 4"), (bytes(data), got[:200])
        assert status != b"500"
        assert b"Traceback" not in got
    assert send(axis, "GET", "/health", {}).status == 200


def _as_sent(method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("began", "ended"), [(1, None), (-3, -1), (-3, -0.001)], ids=["tomorrow", "until yesterday", "until just now"]
)
def test_a_key_counts_only_in_its_time(town: Town, began: float, ended: float | None) -> None:
    """Not yet valid and expired, as a certificate would be; earlier or later signatures are another matter."""
    signer, now = new_signer(), datetime.now(UTC)
    row = system_row(f"sys-{uuid.uuid4().hex[:8]}", [next(iter(town.parties))], signer)
    row["keys"][0]["valid_from"] = text_of(now + timedelta(days=began))
    row["keys"][0]["valid_to"] = None if ended is None else text_of(now + timedelta(days=ended))
    town.axis.change_directory([row])

    def answer() -> Answer:
        return ask(town.axis, signer, "POST", LEASES, QUESTION)

    wait_for(lambda: answer().code == "KEY_REVOKED", "the axis knows", 10)
    before = stored(town.axis)
    require_clear(answer(), "KEY_REVOKED")
    assert stored(town.axis) == before


def test_a_host_name_and_other_headers_are_never_reflected(untouched: Town) -> None:
    evil = "evil.example<script>"
    for target in ("/", "/health", "/v1/openapi.json", "/nowhere", "/nowhere?x=<script>alert(1)</script>"):
        answer = send(
            untouched.axis,
            "GET",
            target,
            {"Host": evil, "Referer": evil, "X-Forwarded-Host": evil, "Origin": "https://evil.example"},
        )
        assert b"evil.example" not in answer.body
        assert b"<script>alert" not in answer.body
        assert "evil.example" not in json.dumps(dict(answer.headers))
        assert answer.headers.get("access-control-allow-origin") is None
    page = send(untouched.axis, "GET", "/", {})
    assert (
        "default-src 'none'" in page.headers["content-security-policy"]
        or "default-src 'self'" in page.headers["content-security-policy"]
    )


def test_an_unknown_address_or_method_is_answered_with_a_clear_problem(untouched: Town) -> None:
    first, *_ = untouched
    require_clear(ask(untouched.axis, first.signer, "GET", "/v1/nothing"), "NOT_FOUND")
    require_clear(ask(untouched.axis, first.signer, "DELETE", "/v1/envelopes"), "METHOD_NOT_ALLOWED")
    require_clear(ask(untouched.axis, first.signer, "GET", "/v1/envelopes"), "METHOD_NOT_ALLOWED")


BODIES: list[Any] = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"\xff\xfe",
    b"\x80\x04K\x01.",
    b"!!python/object/apply:os.system [true]",
    b"[" * 50_000,
]


@pytest.mark.parametrize("target", [LEASES, "/v1/inbox/acknowledgements", "/v1/uploads"])
def test_a_body_of_another_form_is_refused(untouched: Town, target: str) -> None:
    first, *_ = untouched
    for body in BODIES:
        if not body and target == LEASES:
            continue  # every member of this question has a default
        answer = ask(untouched.axis, first.signer, "POST", target, body or None)
        require_clear(answer, "REQUEST_MALFORMED", "LENGTH_REQUIRED", "HTTP_SIGNATURE_INCOMPLETE")


@pytest.mark.parametrize(
    "question",
    [
        {"max": 0, "wait": 0}, {"max": -1, "wait": 0}, {"max": 10**9, "wait": 0}, {"max": "all", "wait": 0}, {"max": 1, "wait": 10**9},
        {"max": 1, "wait": -1}, {"max": 1, "wait": 0, "lease_seconds": 1}, {"max": 1, "wait": 0, "lease_seconds": 10**9},
        {"max": 1, "wait": 0, "agencies": "000.00.00.H29"}, {"max": 1, "wait": 0, "agencies": [1]}, {"max": 1, "wait": 0, "agencies": ["x"] * 100_000},
        {"max": 1, "wait": 0, "agencies": ["000.00.00.H15"]}, {"max": 1, "wait": 0, "agencies": ["' OR 1=1 --"]}, {"max": True, "wait": 0},
    ],
)  # fmt: skip
def test_a_question_for_deliveries_with_impossible_values_is_refused(untouched: Town, question: dict[str, Any]) -> None:
    first, *_ = untouched
    answer = ask(untouched.axis, first.signer, "POST", LEASES, json.dumps(question).encode())
    require_clear(answer, "REQUEST_MALFORMED", "AGENCY_NOT_SERVED")


def test_nobody_reads_what_is_not_his(town: Town) -> None:
    """An envelope of others is not there for an agency that is no party, by whatever name it asks."""
    first, second, third, fourth = town
    sent = first.client.send(document([second.agency]), [attachment()])
    lease = next(x for x in second.client.lease(50) if x.envelope.id == sent.envelope.id)
    axis, number, fence = town.axis, lease.delivery, lease.fence
    for stranger in (third, fourth):
        for target in (
            f"/v1/deliveries/{number}/packet?fence={fence}", f"/v1/deliveries/{number}/parts/0?fence={fence}",
            f"/v1/deliveries/{number}/parts/1?fence={fence}", f"/v1/trace?from={first.agency}&id={sent.envelope.id}",
            f"/v1/proof?from={first.agency}&id={sent.envelope.id}&content=1", f"/v1/outbox?agency={first.agency}",
        ):  # fmt: skip
            answer = ask(axis, stranger.signer, "GET", target)
            require_clear(
                answer, "NOT_FOUND", "DELIVERY_UNKNOWN", "AGENCY_NOT_SERVED", "SENDER_NOT_ALLOWED", "TRACE_UNKNOWN"
            )
    for target in (
        f"/v1/deliveries/{number}/parts/9?fence={fence}", f"/v1/deliveries/{number}/parts/-1?fence={fence}", f"/v1/deliveries/{number}/parts/0",
        f"/v1/deliveries/{number}/parts/0?fence=x", f"/v1/deliveries/{number}/parts/0?fence={fence + 1}", f"/v1/deliveries/{10**30}/packet?fence=1",
        "/v1/deliveries/abc/packet?fence=1", f"/v1/deliveries/{number}/packet?fence={10**30}",
    ):  # fmt: skip
        answer = ask(axis, second.signer, "GET", target)
        require_clear(answer, "PART_UNKNOWN", "LEASE_LOST", "REQUEST_MALFORMED", "DELIVERY_UNKNOWN", "NOT_FOUND")
    for value in ("bytes=99999999-", "bytes=5-1", "bytes=-0"):
        target = f"/v1/deliveries/{number}/parts/1?fence={fence}"
        answer = send(axis, "GET", target, signed(second.signer, "GET", target) | {"Range": value})
        assert answer.status in {200, 416}, f"{value}: {answer.status}"
    second.client.take(second.client.inbox.store(second.client.connection, lease))


def test_an_acknowledgement_that_is_not_the_recipients_is_refused(town: Town) -> None:
    first, second, third, _ = town
    sent = first.client.send(document([second.agency]), [attachment()])
    lease = next(x for x in second.client.lease(50) if x.envelope.id == sent.envelope.id)
    right = {
        "v": 1, "delivery": lease.delivery, "fence": lease.fence, "agency": lease.agency, "envelope": str(lease.envelope.id),
        "from": lease.envelope.sender, "digest": lease.digest.hex(), "outcome": "taken", "at": text_of(lease.envelope.created_at),
    }  # fmt: skip

    def answer(token: bytes, asker: Any = second) -> dict[str, Any]:
        body = json.dumps({"acknowledgements": [token.decode("latin-1")]}).encode()
        got = ask(town.axis, asker.signer, "POST", "/v1/inbox/acknowledgements", body)
        if got.status >= 400:
            return got.problem
        return dict(json.loads(got.body)["results"][0].get("error", {}))

    def token(signer: Any = second.signer, typ: str = ACK_TYP, **change: Any) -> bytes:
        members = {k: v for k, v in (right | change).items() if v is not None}
        return jws.sign(
            json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(), signer, typ
        )

    expected = {
        "JWS_MALFORMED", "SIGNATURE_NOT_VALID", "SIGNER_NOT_KNOWN", "ACKNOWLEDGEMENT_NOT_YOURS", "ACKNOWLEDGEMENT_MISMATCH", "ACKNOWLEDGEMENT_MALFORMED",
        "LEASE_LOST", "DELIVERY_UNKNOWN", "SIGNER_MISMATCH", "REQUEST_MALFORMED",
    }  # fmt: skip
    forged = [
        token(third.signer), token(new_signer()), token(first.signer), token(typ="lt-envelope"), token(digest="0" * 64), token(fence=lease.fence + 1),
        token(fence=0), token(agency=third.agency), token(envelope=str(uuid.uuid4())), token(**{"from": third.agency}), token(outcome="maybe"),
        token(outcome="refused"), token(delivery=lease.delivery + 10**6), token(delivery=-1), token(v=2), token(extra=1), token(at=None),
        b"", b"x", b"a.b.c", token()[:-4] + b"AAAA", token() + b".x", b"A" * 50_000,
    ]  # fmt: skip
    for each in forged:
        got = answer(each)
        assert got.get("code") in expected, (each[:60], got)
        assert got["title_vi"]
        assert got["advice_vi"]
    assert answer(token(third.signer), third).get("code") in expected
    state = second.client.trace(first.agency, envelope_id=str(sent.envelope.id))
    assert "ContentHandover" not in json.dumps(state)
    second.client.take(second.client.inbox.store(second.client.connection, lease))


def test_uploads_that_break_the_rules_are_refused_and_nobody_gets_content_by_naming_its_digest(town: Town) -> None:
    first, second, third, _ = town
    axis = town.axis
    content = secrets.token_bytes(3000)
    digest = hashlib.sha256(content).hexdigest()

    def begin(who: Any, **members: Any) -> Any:
        return ask(axis, who.signer, "POST", "/v1/uploads", json.dumps(members).encode())

    for members in (
        {"sha256": digest}, {"size": 1}, {"sha256": digest, "size": -1}, {"sha256": digest, "size": 1 << 41}, {"sha256": digest.upper(), "size": 3000},
        {"sha256": "../" + digest[3:], "size": 3000}, {"sha256": digest, "size": "3000"}, {"sha256": digest, "size": 1.5}, {"sha256": [digest], "size": 3000},
    ):  # fmt: skip
        require_clear(
            begin(first, **members),
            "REQUEST_MALFORMED",
            "DOCUMENT_TOO_LARGE",
            "BLOB_TOO_LARGE",
            "PART_TOO_LARGE",
            "BODY_TOO_LARGE",
        )
    made = json.loads(begin(first, sha256=digest, size=3000).body)
    target = f"/v1/uploads/{made['id']}"

    def patch(who: Any, piece: bytes, offset: str, at: str = target) -> Any:
        headers = signed(who.signer, "PATCH", at, piece, media_type="application/octet-stream") | {
            "Upload-Offset": offset
        }
        return send(axis, "PATCH", at, headers, piece)

    require_clear(patch(second, content, "0"), "NOT_FOUND", "UPLOAD_UNKNOWN")
    require_clear(ask(axis, second.signer, "GET", target), "NOT_FOUND", "UPLOAD_UNKNOWN")
    problem = require_clear(patch(first, content, "100"), "UPLOAD_OFFSET")
    assert problem["offset"] == 0
    for offset in ("-1", "x", "", str(10**30)):
        require_clear(patch(first, content, offset), "REQUEST_MALFORMED", "UPLOAD_OFFSET")
    require_clear(
        patch(first, content + b"more", "0"),
        "UPLOAD_DIGEST",
        "BLOB_TOO_LARGE",
        "REQUEST_MALFORMED",
        "BODY_TOO_LARGE",
        "UPLOAD_OFFSET",
    )
    require_clear(
        patch(first, content, "0", "/v1/uploads/../../etc/passwd"),
        "NOT_FOUND",
        "METHOD_NOT_ALLOWED",
        "UPLOAD_UNKNOWN",
        "REQUEST_MALFORMED",
    )
    require_clear(patch(first, content, "0", f"/v1/uploads/{uuid.uuid4()}"), "NOT_FOUND", "UPLOAD_UNKNOWN")
    wrong = patch(first, secrets.token_bytes(3000), "0")
    require_clear(wrong, "UPLOAD_DIGEST")
    again = json.loads(begin(first, sha256=digest, size=3000).body)
    target = f"/v1/uploads/{again['id']}"
    assert patch(first, content, "0", target).status == 200
    # The same bytes are stored now; another system that only knows their digest may not send them.
    from lienthong.connector.compose import Attachment

    stealing = packet(second, [third.agency], attachments=[Attachment("x.bin", content)])
    pieces = stealing.pieces()
    require_clear(stealing.post(axis, body=b"".join([*pieces[:3], pieces[-1]])), "PART_MISSING")


def test_an_agency_cannot_change_the_directory(untouched: Town) -> None:
    first, *_ = untouched
    row = json.dumps(
        {"type": "agency", "code": "H99.99", "name": "Cơ quan giả", "level": 1, "status": "active"}
    ).encode()
    require_clear(ask(untouched.axis, first.signer, "POST", "/v1/directory/rows", row), "OPERATOR_ONLY")
    assert send(untouched.axis, "POST", "/v1/directory/rows", {}, row).status == 401


def test_the_operators_wrong_rows_change_nothing(untouched: Town) -> None:
    axis = untouched.axis
    good = json.dumps({"type": "agency", "code": "H88.88", "name": "Cơ quan tốt", "level": 1, "status": "active"})
    for bad in (
        "{",
        '{"type":"agency"}',
        '{"type":"virus"}',
        "[]",
        "null",
        '{"type":"agency","code":"","name":"x","level":1,"status":"active"}',
        "\x00",
    ):
        answer = ask(axis, axis.operator.signer, "POST", "/v1/directory/rows", f"{good}\n{bad}\n".encode())
        problem = require_clear(answer, "DIRECTORY_ROWS_REFUSED", "REQUEST_MALFORMED")
        assert problem["problems"], bad
    found = ask(axis, axis.operator.signer, "GET", "/v1/directory/agencies?q=co+quan+tot")
    assert b"H88.88" not in found.body


def test_the_time_stamper_refuses_what_is_no_request(untouched: Town) -> None:
    good = make_request(b"\x01" * 32, 7)
    for body in (
        b"",
        b"x",
        good[:-1],
        good + b"\0",
        b"\x30\x84\xff\xff\xff\xff",
        good.replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040299")),
    ):
        answer = send(untouched.axis, "POST", "/tsa", {"Content-Type": "application/timestamp-query"}, body)
        assert answer.status in {200, 400, 411, 422}
        if answer.status == 200:
            assert len(answer.body) < 200, "a token was given for a request that is none"


def test_the_witness_refuses_what_is_no_growing_log(untouched: Town) -> None:
    for body in (
        b"",
        b"old 0\n\nx\n",
        b"old -1\n\n",
        b"old 999999999999999999999\n\n",
        b"\xff" * 1000,
        b"old 0\n" + b"A" * 44 + b"\n" * 5000,
    ):
        answer = send(untouched.axis, "POST", "/log/add-checkpoint", {"Content-Type": "text/plain"}, body)
        assert 400 <= answer.status < 500, answer.status
        assert "Traceback" not in answer.body.decode("utf-8", "replace")


def test_figures_and_logs_say_nothing_of_the_content(town: Town) -> None:
    first, second, *_ = town
    secret = "Kế hoạch " + secrets.token_hex(8)
    name = secrets.token_hex(8) + ".pdf"
    sent = first.client.send(document([second.agency], subject=secret), [attachment(name)])
    first.client.trace(first.agency, document_id=sent.envelope.document_id)
    packet(first, [second.agency], header=lambda x: x[:-30], subject=secret).post(town.axis)
    figures = send(town.axis, "GET", "/metrics", {}).body.decode()
    said = "".join(p.log.read_text("utf-8", "replace") for p in town.axis.processes.values())
    for text in (figures, said):
        assert secret not in text
        assert name not in text
        assert "PRIVATE KEY" not in text
    assert sent.envelope.document_id not in figures
