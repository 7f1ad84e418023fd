"""Every refusal of the REST façade: its number, its status, nothing stored, and no secret in any answer."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from axis_process import Installation, agency_row, attachment, document, wait_for
from faults_invariants import stored
from fixtures_axis import Town
from lgsp_client import BOUNDARY, Gateway, form, form_headers, gateway, ok, refused
from lienthong.wire.lgsp.tokens import issue
from raw_requests import send
from vxp_client import add_connection, operate
from vxp_world import document_packet, edxml, status

GATE, NATIVE, OTHER, LOCKED = "000.00.00.H29", "000.00.00.H15", "000.00.00.H26", "000.00.00.H41"
UNKNOWN = "000.00.00.G99"


@dataclass
class Place:
    town: Town
    gate: Gateway
    other: Gateway

    @property
    def axis(self) -> Installation:
        return self.town.axis


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Place]:
    made = Place(
        town, gateway(town.axis, "gate.h29", agencies=[GATE]), gateway(town.axis, "gate.h26", agencies=[OTHER])
    )
    town.axis.change_directory([agency_row(LOCKED, "Cơ quan đang bị khóa") | {"status": "locked"}])
    # A new file each time: one that was taken before the lock is known keeps its answer.
    wait_for(lambda: made.gate.post_file(edxml(document_packet(GATE, [LOCKED]))).json()["errorCode"] == 23, "locked")
    yield made


@pytest.fixture
def untouched(place: Place) -> Iterator[Place]:
    """The axis must hold after the test exactly what it held before."""
    before = stored(place.axis)
    yield place
    wait_for(lambda: stored(place.axis) == before, "nothing is left behind", 5)


# --- who calls --------------------------------------------------------------------------------------------------------

CREDENTIALS = [("username", "password"), ("systemId", "secretKey"), ("systemid", "secret")]


@pytest.mark.parametrize("names", CREDENTIALS)
def test_every_spelling_of_the_credentials_gets_a_token_in_every_place(place: Place, names: tuple[str, str]) -> None:
    gate = place.gate
    found = ok(gate.http.post("/auth/login", json=dict(zip(names, (gate.system, gate.secret), strict=True))))
    token = found["data"]["token"]
    for members in (found, found["data"]):
        assert {members[name] for name in ("token", "accessToken", "access_token")} == {token}
        assert (members["tokenType"], members["expiresIn"]) == ("Bearer", 1800)


def test_the_headers_of_document_calls_log_in_as_well(place: Place) -> None:
    headers = {"X-SystemId": place.gate.system, "X-SecretKey": place.gate.secret}
    assert ok(place.gate.http.post("/auth/login", headers=headers))["accessToken"]


@pytest.mark.parametrize(
    ("system", "secret"),
    [("gate.h29", "wrong"), ("nobody", "bad-guess"), (f"sys-{GATE}", "wrong"), ("gate.h29", "bí-mật-đoán-mò")],
)
def test_a_login_with_a_wrong_secret_or_an_unknown_system_gets_the_same_answer(
    untouched: Place, system: str, secret: str
) -> None:
    answer = untouched.gate.http.post("/auth/login", json={"username": system, "password": secret})
    found = refused(answer, 15, "CREDENTIALS_WRONG", 401)
    assert secret not in found["message"]
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"username":"gate.h29"}', b'{"username":1,"password":2}', b"\xff", b""]
)
def test_a_login_that_is_none_is_refused(untouched: Place, body: bytes) -> None:
    refused(untouched.gate.http.post("/auth/login", content=body), 100, "REQUEST_MALFORMED", 400)


def _calls(gate: Gateway, headers: dict[str, str]) -> list[httpx.Response]:
    """Every operation that needs a token, with these headers."""
    raw = edxml(document_packet(GATE, [NATIVE]))
    return [
        gate.http.post("/sendEdoc", files={"edocFile": raw}, data={"messageType": "edoc"}, headers=headers),
        gate.http.get("/syncReceivedEdocList", params={"messageType": "edoc"}, headers=headers),
        gate.http.get("/getEdoc", params={"docId": "x"}, headers=headers),
        gate.http.post("/updateStatus", json={"docId": "x", "status": "done"}, headers=headers),
        gate.http.get("/getAgenciesList", headers=headers),
    ]


def _changed(token: str) -> str:
    return token[:-2] + ("AA" if token[-2:] != "AA" else "BB")


def test_a_token_that_is_missing_forged_or_of_another_system_is_refused_by_every_operation(untouched: Place) -> None:
    gate, other = untouched.gate, untouched.other
    until = int((datetime.now(UTC) + timedelta(days=365)).timestamp())
    longer = gate.token.replace(gate.token.split(".")[2], str(until))
    for authorization in (
        "", "Bearer", "Bearer x", "Basic Z2F0ZTp4", f"Bearer {_changed(gate.token)}", f"Bearer {longer}",
        f"Bearer {other.token}", f"Bearer {gate.token} {gate.token}", f"Bearer {issue(gate.system, b'guess', datetime.now(UTC))}",
    ):  # fmt: skip
        for answer in _calls(gate, {**gate.headers, "Authorization": authorization}):
            refused(answer, 15, "LGSP_TOKEN_WRONG", 401)


def test_a_token_made_to_live_longer_than_any_is_refused_even_when_its_maker_knows_the_secret(untouched: Place) -> None:
    gate = untouched.gate
    token = issue(gate.system, gate.secret.encode(), datetime.now(UTC) + timedelta(days=1))
    for answer in _calls(gate, {**gate.headers, "Authorization": f"Bearer {token}"}):
        refused(answer, 15, "LGSP_TOKEN_WRONG", 401)


def test_an_expired_token_says_so_and_a_new_login_helps(untouched: Place) -> None:
    gate = untouched.gate
    token = issue(gate.system, gate.secret.encode(), datetime.now(UTC) - timedelta(minutes=31))
    for answer in _calls(gate, {**gate.headers, "Authorization": f"Bearer {token}"}):
        refused(answer, 15, "LGSP_TOKEN_EXPIRED", 401)
    gate.log_in()
    assert gate.listed() == []


def test_the_own_headers_must_be_there_and_right_beside_the_token(untouched: Place) -> None:
    gate, other = untouched.gate, untouched.other
    bearer = {"Authorization": f"Bearer {gate.token}"}
    for headers in (
        bearer | {"X-SystemId": gate.system, "X-SecretKey": "wrong"},
        bearer | {"X-SystemId": other.system, "X-SecretKey": gate.secret},
        bearer | {"X-SystemId": gate.system},
        bearer | {"X-SecretKey": gate.secret},
    ):
        for answer in _calls(gate, headers):
            refused(answer, 15, "CREDENTIALS_WRONG", 401)
    for answer in _calls(gate, bearer)[:-1]:
        refused(answer, 15, "CREDENTIALS_WRONG", 401)


def test_a_system_of_the_other_face_has_no_business_here(untouched: Place) -> None:
    axis = untouched.axis
    secret = add_connection(axis, "vxp.only", agencies=[NATIVE])
    answer = untouched.gate.http.post("/auth/login", json={"username": "vxp.only", "password": secret})
    refused(answer, 15, "CREDENTIALS_WRONG", 401)
    operate(axis, "vxp.only/revoke")


def test_a_revoked_connection_and_its_token_die_at_once(place: Place) -> None:
    gone = gateway(place.axis, "gate.gone", agencies=[NATIVE])
    gone.listed()
    operate(place.axis, "gate.gone/revoke")
    for answer in _calls(gone, gone.headers):
        refused(answer, 15, "CREDENTIALS_WRONG", 401)
    answer = gone.http.get("/getAgenciesList", headers={"Authorization": f"Bearer {gone.token}"})
    refused(answer, 15, "CREDENTIALS_WRONG", 401)


def test_a_new_secret_counts_at_once_and_the_old_one_with_its_tokens_until_it_ends(place: Place) -> None:
    old = gateway(place.axis, "gate.turn", agencies=[NATIVE])
    new = replace(old, secret=operate(place.axis, "gate.turn/rotate")["secret"])
    new.log_in()
    old.listed()
    new.listed()
    # A gateway whose configuration was changed between login and call: both secrets are its own.
    mixed = {**new.headers, "Authorization": f"Bearer {old.token}"}
    ok(old.http.get("/syncReceivedEdocList", params={"messageType": "edoc"}, headers=mixed))
    moment = (datetime.now(UTC) + timedelta(seconds=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    newest = replace(new, secret=operate(place.axis, "gate.turn/rotate", {"old_until": moment})["secret"])
    refused(old.ask(), 15, "CREDENTIALS_WRONG", 401)
    newest.log_in()
    wait_for(lambda: new.ask().status_code == 401, "the second secret has ended", 5)
    newest.listed()
    operate(place.axis, "gate.turn/revoke")


def test_a_call_from_a_network_that_is_not_allowed_is_refused(place: Place) -> None:
    far = Gateway(place.axis, "gate.far", add_connection(place.axis, "gate.far", face="lgsp", agencies=[NATIVE], allow=["10.0.0.0/8"]))  # fmt: skip
    answer = far.http.post("/auth/login", json={"username": far.system, "password": far.secret})
    refused(answer, 15, "NETWORK_NOT_ALLOWED", 403)
    operate(place.axis, "gate.far/revoke")


# --- what is sent -----------------------------------------------------------------------------------------------------


def _without_subject(raw: bytes) -> bytes:
    start, end = raw.index(b"<edXML:Subject>"), raw.index(b"</edXML:Subject>") + len(b"</edXML:Subject>")
    return raw[:start] + raw[end:]


def _bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * (300 * 1024 * 1024))
    return held.getvalue()


def _cut_base64(raw: bytes) -> bytes:
    return raw.replace(base64.b64encode(b"%PDF-1.7\n")[:8], b"!!!!!!!!")


FILES: list[tuple[str, Callable[[], bytes], int, str]] = [
    ("not XML", lambda: b"%PDF-1.7 not a packet", 10, "EDXML_NOT_XML"),
    ("empty", lambda: b"", 10, "EDXML_NOT_XML"),
    ("other XML", lambda: b"<html/>", 10, "EDXML_NOT_EDXML"),
    ("no subject", lambda: _without_subject(edxml(document_packet(GATE, [NATIVE]))), 22, "EDXML_INVALID"),
    ("a status as a document", lambda: status(GATE, document_packet(NATIVE, [GATE]), 3), 22, "HEADER_DISAGREES"),
    ("broken Base64", lambda: _cut_base64(edxml(document_packet(GATE, [NATIVE]))), 21, "EDXML_BASE64"),
    ("cut", lambda: edxml(document_packet(GATE, [NATIVE]))[:-900], 10, "EDXML_NOT_XML"),
    ("zip bomb", lambda: edxml(document_packet(GATE, [NATIVE]), [_bomb()]), 21, "EDXML_ZIP_BOMB"),
    ("doctype", lambda: edxml(document_packet(GATE, [NATIVE])).replace(b"?>", b"?><!DOCTYPE x>", 1), 21, "EDXML_DOCTYPE"),
    ("unknown receiver", lambda: edxml(document_packet(GATE, [NATIVE, UNKNOWN])), 18, "RECIPIENTS_REFUSED"),
    ("locked receiver", lambda: edxml(document_packet(GATE, [LOCKED])), 23, "RECIPIENTS_REFUSED"),
    ("unknown and locked", lambda: edxml(document_packet(GATE, [LOCKED, UNKNOWN])), 18, "RECIPIENTS_REFUSED"),
    ("somebody else's code in From", lambda: edxml(document_packet(NATIVE, [GATE])), 19, "SENDER_NOT_ALLOWED"),
    ("unknown code in From", lambda: edxml(document_packet(UNKNOWN, [GATE])), 19, "SENDER_NOT_ALLOWED"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "number", "error"), [each[1:] for each in FILES], ids=[each[0] for each in FILES])
def test_a_file_that_cannot_be_taken_is_refused_with_its_number(
    untouched: Place, made: Callable[[], bytes], number: int, error: str
) -> None:
    answer = untouched.gate.post_file(made())
    found = refused(answer, number, error, answer.status_code)
    assert 400 <= answer.status_code < 500
    assert found["data"] == ""


def test_a_form_without_its_parts_or_with_a_wrong_kind_is_refused(untouched: Place) -> None:
    gate, raw = untouched.gate, edxml(document_packet(GATE, [NATIVE]))
    refused(gate.post_file(raw, part="file"), 10, "REQUEST_MALFORMED", 400)
    refused(gate.post_file(raw, None), 100, "REQUEST_MALFORMED", 400)
    refused(gate.post_file(raw, "letter"), 100, "REQUEST_MALFORMED", 400)
    headers = {**gate.headers, "Content-Type": "application/octet-stream"}
    refused(gate.http.post("/sendEdoc", content=raw, headers=headers), 10, "REQUEST_MALFORMED", 400)
    for cut in (form(raw)[:-40], form(raw)[:200], form(raw) .replace(BOUNDARY.encode(), b"other"), b"nothing"):  # fmt: skip
        refused(gate.http.post("/sendEdoc", content=cut, headers=form_headers(gate)), 10, "REQUEST_MALFORMED", 400)
    twice = form(raw)[: -len(f"--{BOUNDARY}--\r\n")] + form(raw)
    refused(gate.http.post("/sendEdoc", content=twice, headers=form_headers(gate)), 10, "REQUEST_MALFORMED", 400)


def test_a_document_announced_as_a_status_is_refused_small_and_large(untouched: Place) -> None:
    gate = untouched.gate
    small = edxml(document_packet(GATE, [NATIVE]))
    large = edxml(document_packet(GATE, [NATIVE]), [b"%PDF-1.7\n" + b"x" * 600_000])
    assert gate.post_file(small, "status").json()["success"] is False
    for file_first in (True, False):
        body = form(large, "status", file_first=file_first)
        answer = gate.http.post("/sendEdoc", content=body, headers=form_headers(gate))
        refused(answer, 10, "PART_TOO_LARGE", answer.status_code)


def test_a_body_of_unknown_or_enormous_size_is_refused_before_it_comes(untouched: Place) -> None:
    headers = form_headers(untouched.gate)
    unknown = send(
        untouched.axis, "POST", "/lgsp/v1/sendEdoc", {**headers, "Transfer-Encoding": "chunked"}, b"0\r\n\r\n"
    )
    assert (unknown.status, unknown.problem["errorCode"], unknown.problem["error"]) == (411, 10, "LENGTH_REQUIRED")
    none = send(untouched.axis, "POST", "/lgsp/v1/sendEdoc", headers)
    assert (none.status, none.problem["errorCode"]) == (411, 10)
    huge = send(untouched.axis, "POST", "/lgsp/v1/sendEdoc", {**headers, "Content-Length": str(1 << 30)}, b"")
    assert (huge.status, huge.problem["errorCode"], huge.problem["error"]) == (413, 10, "BODY_TOO_LARGE")


def test_other_content_under_the_identifier_of_a_sent_document_is_refused(place: Place) -> None:
    packet = document_packet(GATE, [NATIVE])
    place.gate.send(edxml(packet))
    before = stored(place.axis)
    refused(place.gate.post_file(edxml(packet)), 100, "DOCUMENT_ID_REUSED", 409)
    assert stored(place.axis)[0] == before[0]


# --- what is asked for ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        {"messageType": ""}, {"messageType": "letter"},
        {"messageType": "edoc", "fromDate": "20/11/2026"}, {"messageType": "edoc", "fromDate": "2026-11-20"},
        {"messageType": "edoc", "toDate": "2026/02/30"}, {"messageType": "edoc", "toDate": "2026/1/1"},
        {"messageType": "edoc", "fromDate": "2026/11/21", "toDate": "2026/11/20"},
    ],
)  # fmt: skip
def test_a_list_with_a_wrong_kind_or_a_date_in_another_form_is_refused(untouched: Place, query: dict[str, str]) -> None:
    answer = untouched.gate.http.get("/syncReceivedEdocList", params=query, headers=untouched.gate.headers)
    assert refused(answer, 100, "REQUEST_MALFORMED", 400)["data"] == []


def test_a_name_that_is_none_or_belongs_to_another_system_is_unknown(place: Place) -> None:
    place.town.parties[NATIVE].client.send(document([OTHER]), [attachment(size=500)])
    [row] = place.other.listed()
    for name in ("", "x", "0190aaaa-0000-7000-8000-000000000000", row["docId"], row["docId"][:-1] + "0"):
        refused(place.gate.fetch(name), 100, "DELIVERY_UNKNOWN", 404)
        refused(place.gate.update(name, "done"), 100, "DELIVERY_UNKNOWN", 404)
    refused(place.other.update(row["docId"], "done"), 100, "NOT_FETCHED", 409)
    assert [each["status"] for each in place.other.listed()] == ["initial"]
    place.other.get(row["docId"])
    refused(place.other.update(row["docId"], "finished"), 100, "REQUEST_MALFORMED", 400)
    place.other.confirm(row["docId"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"docId":"x"}', b'{"docId":1,"status":"done"}'])
def test_a_status_report_that_is_none_is_refused(untouched: Place, body: bytes) -> None:
    answer = untouched.gate.http.post("/updateStatus", content=body, headers=untouched.gate.headers)
    refused(answer, 100, "REQUEST_MALFORMED", 400)


def test_operations_that_do_not_exist_are_refused_in_the_words_of_the_face(untouched: Place) -> None:
    gate = untouched.gate
    assert gate.http.get("/nothing", headers=gate.headers).json()["error"] == "NOT_FOUND"
    assert gate.http.get("/sendEdoc", headers=gate.headers).json()["error"] == "METHOD_NOT_ALLOWED"


def test_a_suspended_system_is_refused(place: Place) -> None:
    gate = gateway(place.axis, "gate.stop", agencies=[NATIVE])
    with place.axis.operator as operator:
        row = operator.get_json("/v1/directory/systems/gate.stop")["system"]
    place.axis.change_directory([{**row, "status": "suspended"}])
    wait_for(lambda: gate.ask().status_code != 200, "the suspension is known")
    refused(gate.ask(), 15, "SYSTEM_SUSPENDED", 403)
    operate(place.axis, "gate.stop/revoke")


def test_no_secret_and_no_token_came_into_the_log(place: Place) -> None:
    said = place.axis.processes["axis"].log.read_text("utf-8", "replace")
    assert "request.refused" in said
    for gate in (place.gate, place.other):
        assert gate.secret not in said
        assert gate.token not in said


# --- what passes by itself --------------------------------------------------------------------------------------------


def test_what_passes_by_itself_has_number_20_and_may_be_sent_again(axis: Installation) -> None:
    axis.bootstrap()
    axis.start("axis", quota_per_second=1, quota_burst=3)
    gate = Gateway(axis, "gate.busy", add_connection(axis, "gate.busy", face="lgsp", agencies=[GATE]))
    gate.log_in()
    answers = [gate.ask() for _ in range(6)]
    busy = [each for each in answers if each.status_code != 200]
    assert busy
    for answer in busy:
        assert refused(answer, 20, "TOO_MANY_REQUESTS", 429)["retry"] is True
        assert int(answer.headers["retry-after"]) >= 1
    axis.stop()
    axis.start("axis", spare_disk="900 TB")
    before = stored(axis)
    answer = gate.post_file(edxml(document_packet(GATE, [NATIVE])))
    assert refused(answer, 20, "STORAGE_FULL", answer.status_code)["retry"] is True
    assert stored(axis) == before
