"""What strangers, other pages, broken and hostile programs get from the connector's local face: a refusal, nothing kept."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from axis_process import wait_for
from fixtures_axis import Town
from lienthong.infra.http_limits import HttpLimits
from local_face import Local, serving

LIMITS = HttpLimits(
    head_seconds=2.0, body_rate=1000.0, body_grace=1.0, body_pause=1.5, concurrency=100, stop_seconds=2.0
)
MULTIPART = "multipart/form-data; boundary=XX"
PDF = b"%PDF-1.4 x"


@pytest.fixture(scope="module")
def local(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """A connector that takes jobs and sends none."""
    first, *_ = town
    root = tmp_path_factory.mktemp("bad")
    with serving(town.axis, first, root, running=False, limits=LIMITS, max_upload=200_000) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_is_kept(local: Local) -> Iterator[None]:
    """No test of this module leaves a job or an upload behind."""
    yield
    assert local.courier.jobs() == []
    assert list((local.face.desk.spool / "local" / "uploads").iterdir()) == []


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(body[name] for name in ("title_vi", "title_en", "advice_vi", "advice_en"))
    assert "Traceback" not in answer.text
    return dict(body)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8091", "127.0.0.1.evil.example", "", "127.0.0.2", "localhost@evil.example"]
)
def test_a_foreign_host_name_is_refused_even_with_a_good_token(local: Local, host: str) -> None:
    for path in ("/v1/jobs", "/", "/login", "/v1/openapi.json"):
        answer = local.ask("GET", path, headers={"Host": host})
        assert answer.status_code in {400, 421}, path
        assert "evil" not in answer.text


def test_a_host_name_of_the_configuration_and_the_usual_ones_are_served(
    local: Local, town: Town, tmp_path: Path
) -> None:
    for host in ("localhost", "LOCALHOST:1234", f"127.0.0.1:{local.port}", "[::1]:8091"):
        assert local.ask("GET", "/v1/health", headers={"Host": host}).status_code == 200
    _, second, *_ = town
    with serving(town.axis, second, tmp_path, running=False, hosts=["Connector.Example"]) as other:
        assert other.ask("GET", "/v1/health", headers={"Host": "connector.example"}).status_code == 200


def test_no_answer_allows_another_origin(local: Local) -> None:
    for method in ("OPTIONS", "GET", "POST"):
        answer = local.ask(
            method, "/v1/jobs", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        )
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_program_cannot_use_a_cookie_and_a_page_cannot_use_a_token(local: Local) -> None:
    cookie = signed_in(local)
    refused(httpx.get(local.url + "/v1/jobs", cookies=cookie), 401, "LOCAL_TOKEN_NEEDED")
    assert local.ask("GET", "/out").status_code == 303


def signed_in(local: Local) -> dict[str, str]:
    answer = httpx.post(local.url + "/login", data={"token": local.writer, "next": "/"})
    assert answer.status_code == 303
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    return {"lienthong_local": answer.cookies["lienthong_local"]}


def test_a_form_without_the_word_of_its_page_or_from_elsewhere_does_nothing(local: Local) -> None:
    cookie = signed_in(local)
    word = httpx.get(local.url + "/system", cookies=cookie).text
    hook = local.ask("POST", "/v1/webhooks", json={"url": "http://127.0.0.1:9/x"}).json()["id"]
    path = f"{local.url}/system/webhooks/{hook}"
    assert "logout" in word
    for form in ({}, {"word": ""}, {"word": "x" * 32}):
        answer = httpx.post(path, data=form, cookies=cookie)
        assert answer.status_code == 403
        assert "LOCAL_PAGE_EXPIRED" in answer.text
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert httpx.post(local.url + "/login", data={"token": local.writer}, headers=headers).status_code == 403
        assert httpx.post(path, data={"word": "x"}, cookies=cookie, headers=headers).status_code == 403
    local.ask("DELETE", f"/v1/webhooks/{hook}")


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil", "\\\\evil"],
)
def test_signing_in_leads_nowhere_else(local: Local, wanted: str) -> None:
    answer = httpx.post(local.url + "/login", data={"token": local.writer, "next": wanted})
    assert answer.headers["location"] == "/"


PATHS = [
    "/v1/received/../../tokens.json", "/v1/received/%2e%2e%2f%2e%2e%2flocal%2ftokens.json/packet",
    "/v1/received/..%252f..%252ftokens.json", "/v1/received/ffffffff-ffff-ffff-ffff-ffffffffffff",
    "/v1/received/00000000-0000-0000-0000-000000000000/files/0", "/v1/jobs/..%2f..%2f", "/v1/jobs/%00",
    "/v1/jobs/ffffffff-ffff-ffff-ffff-ffffffffffff/receipt", "/look/..%2ftokens.css", "/look/tokens.css", "/v1/webhooks/..%2ftokens",
    "/v1/jobs/" + "a" * 5000, "/v1//jobs", "/V1/jobs", "/v1/jobs;a=b",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_an_address_that_leads_out_of_the_spool_or_nowhere_is_not_found(local: Local, path: str) -> None:
    answer = local.ask("GET", path)
    assert answer.status_code == 404, answer.text
    assert "sha256" not in answer.text


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=" + "9" * 30, "limit=0", "limit=100000", "wait=56", "after=٣"]
)
def test_a_number_out_of_bounds_is_named(local: Local, query: str) -> None:
    assert refused(local.ask("GET", "/events?" + query), 400, "REQUEST_MALFORMED")["title_vi"].count(
        query.split("=", maxsplit=1)[0]
    )


def test_a_cursor_that_is_no_identifier_gives_an_empty_or_whole_list_and_never_a_fault(local: Local) -> None:
    for after in ("x", "../..", "ffffffff-ffff-ffff-ffff-ffffffffffff", "%00", "zzz"):
        assert local.ask("GET", f"/v1/jobs?after={after}").status_code in {200, 400}
        assert local.ask("GET", f"/v1/received?after={after}").status_code in {200, 400}


def posted(local: Local, body: bytes, kind: str = MULTIPART, **headers: str) -> httpx.Response:
    return local.ask("POST", "/v1/documents", content=body, headers={"Content-Type": kind, **headers})


def part(name: str, body: bytes, filename: str | None = None) -> bytes:
    said = f'; filename="{filename}"' if filename is not None else ""
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"{said}\r\n\r\n'.encode() + body + b"\r\n"


DOCUMENT = json.dumps({"number": "1/A-B", "subject": "x", "to": ["000.00.00.H15"], "issued_on": "2026-11-25"}).encode()
END = b"--XX--\r\n"
FORMS = [
    b"", b"--XX", END, part("document", DOCUMENT), part("document", DOCUMENT) + part("file", PDF, "a.pdf"),
    part("document", b"{") + END, part("document", b"[]") + END, part("document", b"null") + END, part("document", b"\xff\xfe") + END,
    part("document", b'{"number":1,"number":2}') + END, part("document", b"[" * 100_000) + END,
    part("document", DOCUMENT) + part("document", DOCUMENT) + END, part("document", DOCUMENT) + part("other", b"x") + END,
    part("document", DOCUMENT) + part("file", b"", "a.pdf") + END, part("document", DOCUMENT) + part("wrong", PDF, "a.pdf") + END,
    part("file", PDF, "a.pdf") + END, part("packet", b"<a/>", "p.edxml") + part("file", PDF, "a.pdf") + END,
    part("packet", b"<a/>", "p.edxml") + END, part("packet", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "p") + END,
    b"--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, b"--XX\r\n" + b"A" * 20_000 + b": x\r\n\r\n\r\n" + END,
    b"--XX\r\n\r\nx\r\n" + END, b"garbage", part("x", b"y") * 250 + END,
]  # fmt: skip


@pytest.mark.parametrize("body", FORMS, ids=range(len(FORMS)))
def test_a_form_that_is_not_whole_or_not_right_is_refused_and_nothing_is_stored(local: Local, body: bytes) -> None:
    answer = posted(local, body)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["title_vi"]


def test_a_body_that_is_too_large_or_of_no_known_kind_is_refused_before_it_is_read(local: Local) -> None:
    refused(posted(local, b"x" * 200_001), 413, "BODY_TOO_LARGE")
    refused(posted(local, b"x", "text/plain"), 400, "LOCAL_FORM_NOT_USABLE")
    refused(posted(local, b"x", "multipart/form-data"), 400, "LOCAL_FORM_NOT_USABLE")
    refused(local.ask("POST", "/v1/recalls", content=b"x" * 2_000_000), 413, "BODY_TOO_LARGE")
    chunked = local.ask("POST", "/v1/documents", content=iter([b"x"]), headers={"Content-Type": MULTIPART})
    refused(chunked, 411, "LENGTH_REQUIRED")


def test_a_form_with_a_thousand_fields_is_refused_and_a_program_may_send_json_as_curl_does(local: Local) -> None:
    assert httpx.post(local.url + "/login", data={f"f{n}": "x" for n in range(1000)}).status_code == 400
    answer = local.ask("POST", "/v1/recalls", content=b'{"document_id":"x","reason":"' + b"a&b=" * 100 + b'"}',
                       headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    assert answer.json()["code"] == "DOCUMENT_UNKNOWN_HERE"


def test_a_key_that_is_no_plain_text_is_refused(local: Local) -> None:
    for key in ("", "a b", "x" * 201):
        answer = posted(local, part("document", DOCUMENT) + END, **{"Idempotency-Key": key})
        refused(answer, 400, "REQUEST_MALFORMED")


def raw(local: Local, data: bytes, wait: float) -> bytes:
    """Send bytes slowly or not whole, and read what comes within a time."""
    with socket.create_connection(("127.0.0.1", local.port)) as line:
        line.sendall(data)
        line.settimeout(wait)
        got = b""
        try:
            while piece := line.recv(65536):
                got += piece
        except TimeoutError:
            pass
        return got


def test_a_client_that_never_ends_its_request_is_cut_off(local: Local) -> None:
    head = f"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {local.writer}\r\nContent-Type: {MULTIPART}\r\nContent-Length: 1000\r\n"
    began = time.monotonic()
    assert b" 408 " in raw(local, head.encode(), 8).split(b"\r\n")[0]
    assert b" 408 " in raw(local, head.encode() + b"\r\n" + part("document", DOCUMENT), 8).split(b"\r\n")[0]
    assert time.monotonic() - began < 12


def test_a_client_that_leaves_in_the_middle_leaves_nothing(local: Local) -> None:
    head = f"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {local.writer}\r\nContent-Type: {MULTIPART}\r\nContent-Length: 100000\r\n\r\n"
    uploads = local.face.desk.spool / "local" / "uploads"
    with socket.create_connection(("127.0.0.1", local.port)) as line:
        line.sendall(head.encode() + part("document", DOCUMENT) + part("file", PDF * 100, "a.pdf"))
        wait_for(lambda: any(uploads.iterdir()), "the upload has begun", 10)
    wait_for(lambda: not any(uploads.iterdir()), "nothing of it is left", 10)


def test_two_hosts_or_none_are_refused(local: Local) -> None:
    for hosts in (b"", b"Host: localhost\r\nHost: localhost\r\n"):
        got = raw(local, b"GET /v1/health HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n", 5)
        assert got.split(b"\r\n")[0].split()[1] in {b"400", b"421"}


def test_the_spool_of_the_local_face_is_for_its_own_account_only(local: Local) -> None:
    folder = local.face.desk.spool / "local"
    for path in (folder, *folder.rglob("*")):
        assert os.stat(path).st_mode & 0o077 == 0, path
