"""An agency's software over the connector's local REST: documents out, documents in, events, for a real axis."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from axis_process import wait_for
from fixtures_axis import Town
from lienthong.edxml.model import DocumentPacket
from local_face import SUBJECT, Local, serving

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40


@dataclass
class Pair:
    here: Local
    there: Local


@pytest.fixture(scope="module")
def pair(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two agencies with a connector each."""
    first, second, *_ = town
    root = tmp_path_factory.mktemp("local")
    with serving(town.axis, first, root / "1") as here, serving(town.axis, second, root / "2") as there:
        yield Pair(here, there)


def test_a_document_goes_through_the_local_rest_of_both_sides(pair: Pair) -> None:
    here, there = pair.here, pair.there
    sent = here.send([there.party.agency], [("Quyết định 12.pdf", PDF)], key="dms-1", urgency=1)
    assert sent.status_code == 202, sent.text
    job = sent.json()["id"]
    assert sent.headers["location"] == f"/v1/jobs/{job}"
    wait_for(lambda: here.get(f"/v1/jobs/{job}")["state"] == "sent", "the job was not sent", 30)
    receipt = here.ask("GET", f"/v1/jobs/{job}/receipt")
    assert receipt.content.count(b".") == 2

    wait_for(lambda: there.get("/v1/received?taken=no")["received"], "nothing arrived", 30)
    (row,) = there.get("/v1/received?taken=no")["received"]
    assert row["packet"]["subject"] == SUBJECT
    assert row["files"][0]["name"] == "Quyết định 12.pdf"
    file = f"/v1/received/{row['id']}/files/0"
    assert there.ask("GET", file).content == PDF
    piece = there.ask("GET", file, headers={"Range": "bytes=100-199"})
    assert (piece.status_code, piece.content) == (206, PDF[100:200])
    assert there.ask("GET", f"/v1/received/{row['id']}/packet").content.startswith(b"<")

    taken = there.ask("POST", f"/v1/received/{row['id']}/take")
    assert taken.json()["taken"]["by"].startswith("dms")
    assert there.get("/v1/received?taken=no")["received"] == []
    report = there.ask("POST", f"/v1/received/{row['id']}/status", json={"code": 3, "description": "đã vào sổ"})
    assert report.status_code == 202
    wait_for(lambda: here.get(f"/v1/jobs/{job}")["recipients"][0]["status"] == 3, "no status came back", 30)

    trace = here.get(f"/v1/trace?from={here.party.agency}&document_id={sent.json()['document_id']}")
    assert trace["recipients"][0]["state"] == "delivered"
    proof = here.ask("GET", f"/v1/proof?from={here.party.agency}&document_id={sent.json()['document_id']}")
    assert proof.content.startswith(b"PK")
    found = here.get(f"/v1/agencies?q={there.party.agency}")
    assert found["agencies"][0]["code"] == there.party.agency


def test_the_same_key_and_content_is_the_same_job_and_other_content_is_refused(pair: Pair) -> None:
    one = pair.here.send([pair.there.party.agency], [("a.pdf", PDF)], key="dms-twice", number="13/SM-VP")
    again = pair.here.send([pair.there.party.agency], [("a.pdf", PDF)], key="dms-twice", number="13/SM-VP")
    assert one.json()["id"] == again.json()["id"]
    other = pair.here.send([pair.there.party.agency], [("a.pdf", PDF + b"!")], key="dms-twice", number="13/SM-VP")
    assert (other.status_code, other.json()["code"]) == (409, "JOB_KEY_REUSED")


def test_every_problem_of_a_submission_is_told_at_once_in_both_languages(pair: Pair) -> None:
    before = len(pair.here.get("/v1/jobs?limit=500")["jobs"])
    bad = pair.here.send([], [("a.pdf", PDF)], number="", issued_on="31/02/2026", urgencey=1, urgency=9)
    assert bad.status_code == 400
    paths = {each["path"] for each in bad.json()["problems"]}
    assert paths == {"to", "number", "issued_on", "urgencey", "urgency"}
    assert any("«urgency»" in each["vi"] for each in bad.json()["problems"])
    assert all(each["vi"] and each["en"] for each in bad.json()["problems"])
    assert len(pair.here.get("/v1/jobs?limit=500")["jobs"]) == before


def test_events_are_numbered_without_gaps_and_a_poll_waits_for_the_next(pair: Pair) -> None:
    answer = pair.here.ask("GET", "/events?after=0&limit=1000")
    assert answer.headers["content-type"].startswith("application/cloudevents-batch+json")
    ids = [int(each["id"]) for each in answer.json()]
    assert ids == list(range(1, len(ids) + 1))
    assert {each["specversion"] for each in answer.json()} == {"1.0"}
    assert {"lienthong.job.queued", "lienthong.job.sent"} <= {each["type"] for each in answer.json()}
    timer = threading.Timer(1.0, lambda: pair.here.send([pair.there.party.agency], [("b.pdf", PDF)], number="14/SM-VP"))
    timer.start()
    at, answers, began = ids[-1], 0, time.monotonic()
    while True:
        woken = pair.here.get(f"/events?after={at}&wait=30")
        answers += 1
        assert [int(each["id"]) for each in woken] == list(range(at + 1, at + 1 + len(woken)))
        assert woken, "a poll that waits thirty seconds came back without anything"
        at += len(woken)
        if any(each["type"] == "lienthong.job.queued" for each in woken):
            break
    assert time.monotonic() - began < 25
    assert answers < 12, "the polls did not wait"
    timer.join()


def test_a_recall_a_replacement_and_a_refusal_go_through_the_rest(pair: Pair) -> None:
    here, there = pair.here, pair.there
    sent = here.send([there.party.agency], [("c.pdf", PDF)], number="15/SM-VP").json()
    wait_for(lambda: here.get(f"/v1/jobs/{sent['id']}")["state"] == "sent", "not sent", 30)
    body = {"document_id": sent["document_id"], "reason": "gửi nhầm"}
    recalled = here.ask("POST", "/v1/recalls", json=body, headers={"Idempotency-Key": "recall-1"})
    assert recalled.status_code == 202, recalled.text
    assert recalled.json()["kind"] == "recall"
    other = here.send([there.party.agency], [("d.pdf", PDF)], number="16/SM-VP").json()
    wait_for(
        lambda: any(r["packet"].get("number") == "16/SM-VP" for r in there.get("/v1/received?limit=500")["received"]),
        "not received", 30,
    )  # fmt: skip
    row = next(r for r in there.get("/v1/received?limit=500")["received"] if r["packet"].get("number") == "16/SM-VP")
    refused = there.ask("POST", f"/v1/received/{row['id']}/refuse", json={"description": "không thuộc thẩm quyền"})
    assert refused.status_code == 202, refused.text
    wait_for(lambda: here.get(f"/v1/jobs/{other['id']}")["recipients"][0]["status"] == 2, "no status 02", 30)


def test_a_finished_packet_is_posted_as_it_is(pair: Pair) -> None:
    view = pair.there.courier.received(limit=1)[0]
    assert isinstance(view.packet, DocumentPacket)
    nonsense = pair.here.ask(
        "POST", "/v1/documents", content=b"<nonsense/>", headers={"Content-Type": "application/edxml+xml"}
    )
    assert nonsense.status_code in {400, 422}
    assert nonsense.json()["title_vi"]


def test_a_token_that_may_read_sends_nothing_and_a_revoked_one_not_even_that(pair: Pair) -> None:
    here = pair.here
    assert here.ask("GET", "/v1/jobs", token="reader").status_code == 200
    refused = here.ask("POST", "/v1/recalls", token="reader", json={"document_id": "x", "reason": "y"})
    assert (refused.status_code, refused.json()["code"]) == (403, "LOCAL_TOKEN_READS_ONLY")
    for token in (None, "ltk_" + "A" * 43, "x", "ltk_" + "ế" * 3):
        nobody = here.ask(
            "GET",
            "/v1/jobs",
            token=None,
            headers={} if token is None else {b"Authorization": f"Bearer {token}".encode()},
        )
        assert (nobody.status_code, nobody.json()["code"]) == (401, "LOCAL_TOKEN_NEEDED")
    text = here.face.desk.tokens.create("ngắn ngày", write=True)
    assert here.ask("GET", "/v1/health", token=text).status_code == 200
    here.face.desk.tokens.revoke("ngắn ngày")
    assert here.ask("GET", "/v1/health", token=text).status_code == 401
    kept = b"".join(
        p.read_bytes() for p in here.face.desk.spool.rglob("*") if p.is_file() and p.stat().st_size < 1 << 20
    )
    assert here.writer.encode() not in kept
    assert here.writer.removeprefix("ltk_").encode() not in kept


def test_the_description_covers_every_route_for_programs_and_nothing_else_is_open(pair: Pair) -> None:
    described = pair.here.get("/v1/openapi.json", token=None)
    assert described["openapi"] == "3.1.0"
    for path, operations in described["paths"].items():
        for method in operations:
            real = (
                path.replace("{job}", "x").replace("{received}", "x").replace("{file}", "0").replace("{webhook}", "x")
            )
            assert pair.here.ask(method.upper(), real, token=None).status_code == 401, (method, path)
    assert "/v1/documents" in described["paths"]
    for path in ("/", "/out", "/in", "/system", "/api"):
        assert pair.here.ask("GET", path, token=None).headers["location"].startswith("/login")


def test_a_large_file_streams_through_in_bounded_memory(pair: Pair, tmp_path: Path) -> None:
    import resource

    size = 60 * 2**20
    big = tmp_path / "big.bin"
    with big.open("wb") as into:
        for _ in range(60):
            into.write(b"x" * 2**20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    document = {"number": "17/SM-VP", "subject": "tệp lớn", "to": [pair.there.party.agency], "issued_on": "2026-11-25"}
    with big.open("rb") as content:
        parts = [
            ("document", (None, io.BytesIO(json.dumps(document).encode()), "application/json")),
            ("file", ("big.bin", content, "application/octet-stream")),
        ]
        sent = pair.here.ask("POST", "/v1/documents", files=parts)
    assert sent.status_code == 202, sent.text
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < size / 2
    pair.here.ask("POST", f"/v1/jobs/{sent.json()['id']}/cancel")
    assert list((pair.here.face.desk.spool / "local" / "uploads").iterdir()) == []
