"""The programming interface: the rights of a token's owner, the same refusals, and a description that is true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lienthong.infra.http_limits import RateLimiter
from lienthong.office import urls
from lienthong.office.api import keeping
from lienthong.office.api.describing import PATHS, SCHEMAS
from lienthong.office.models import Arrival, Document
from lienthong.office.states import ArrivalState
from lienthong.webkit.administration import tokens
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, visit_as

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
FIELDS = {"kind": "Công văn", "number": "12", "symbol": "UBND-VX", "issuer_name": "UBND tỉnh Mẫu Sơn",
          "abstract": "Về việc thử giao diện lập trình", "issued_date": "2026-11-02"}  # fmt: skip


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


class Program:
    """A program with a token of the person with a duty."""

    def __init__(self, made: OfficeAgency, duty: Duty, *, may_write: bool = True) -> None:
        with acting_for(made.agency.pk):
            visit = visit_as(made, duty)
            self.token = tokens.make_token(visit, "phần mềm thử", 30, may_write=may_write)
        self.client = Client()

    def get(self, where: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{where}", HTTP_AUTHORIZATION=f"Bearer {self.token}", headers=headers)

    def post(self, where: str, members: Any, **headers: str) -> Any:
        return self.client.post(
            f"/api/v1/{where}", json.dumps(members), "application/json", HTTP_AUTHORIZATION=f"Bearer {self.token}",
            headers=headers,
        )  # fmt: skip

    def hand_in(self, reference: str, content: bytes = PDF, name: str = "van-ban.pdf") -> Any:
        parts = {
            "members": json.dumps({"title": "Bản quét số 1", "reference": reference}),
            "file": SimpleUploadedFile(name, content),
        }
        return self.client.post("/api/v1/arrivals", parts, HTTP_AUTHORIZATION=f"Bearer {self.token}")


def registered(made: OfficeAgency, program: Program, reference: str = "quet-1") -> dict[str, Any]:
    handed = program.hand_in(reference).json()
    with acting_for(made.agency.pk):
        Arrival.objects.filter(pk=handed["id"]).update(state=ArrivalState.WAITING.value)
    answer = program.post(f"arrivals/{handed['id']}/register", FIELDS)
    assert answer.status_code == 201, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def test_a_scan_is_handed_in_once_registered_once_and_read_back(made: OfficeAgency) -> None:
    program = Program(made, Duty.REGISTRAR)
    document = registered(made, program)
    assert (document["arrival_number"], document["number"], document["symbol"]) == (1, "12", "UBND-VX")
    assert program.hand_in("quet-1").json()["document"] == document["id"]
    assert (
        program.post(f"arrivals/{program.hand_in('quet-1').json()['id']}/register", FIELDS).json()["id"]
        == document["id"]
    )
    assert [each["id"] for each in program.get("documents?direction=incoming").json()["documents"]] == [document["id"]]
    bytes_ = b"".join(program.get(f"files/{document['files'][0]['id']}").streaming_content)
    assert bytes_ == PDF
    with acting_for(made.agency.pk):
        assert Document.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"abstract": ""}, "chỗ cần sửa"), ({"kind": "Không có loại này"}, "không rõ loại"), ({"issued_date": "2.11.26"}, "issued_date"),
     ({"secret": True}, "dấu mật"), ({"pages": "ba"}, "pages"), ({"issued_date": "2999-01-01"}, "chỗ cần sửa")],
)  # fmt: skip
def test_wrong_fields_are_refused_in_words_and_nothing_is_registered(
    made: OfficeAgency, changed: dict[str, Any], said: str
) -> None:
    program = Program(made, Duty.REGISTRAR)
    handed = program.hand_in("quet-2").json()
    with acting_for(made.agency.pk):
        Arrival.objects.filter(pk=handed["id"]).update(state=ArrivalState.WAITING.value)
    answer = program.post(f"arrivals/{handed['id']}/register", FIELDS | changed)
    assert 400 <= answer.status_code < 500
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert said in told["title"]
    assert told["type"] == f"urn:lienthong:error:{told['code']}" and told["title_en"] != told["title_vi"]
    assert [each["path"] for each in told["problems"]] == ([] if told["code"] != "FIELDS_WRONG" else list(changed))
    with acting_for(made.agency.pk):
        assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"), [(b"", "a.pdf"), (b"MZ\x90\x00 program", "a.pdf"), (PDF, "a.docx"), (b"PK\x03\x04", "a.docm")]
)
def test_files_that_are_no_documents_are_not_taken(made: OfficeAgency, content: bytes, name: str) -> None:
    answer = Program(made, Duty.REGISTRAR).hand_in("quet-3", content, name)
    assert answer.status_code == 400, answer.content.decode()
    with acting_for(made.agency.pk):
        assert not Arrival.objects.exists()


def test_a_token_opens_what_its_owner_may_read_and_no_page(made: OfficeAgency) -> None:
    document = registered(made, Program(made, Duty.REGISTRAR))
    officer = Program(made, Duty.CASE_OFFICER)
    assert officer.get("documents").json()["documents"] == []
    assert officer.get(f"documents/{document['id']}").status_code == 404
    assert officer.get(f"files/{document['files'][0]['id']}").status_code == 404
    assert officer.get("arrivals").status_code == 403
    assert officer.client.get("/incoming", HTTP_AUTHORIZATION=f"Bearer {officer.token}").status_code == 303


@pytest.mark.parametrize("duty", list(Duty))
def test_a_duty_opens_only_the_addresses_that_name_it(made: OfficeAgency, duty: Duty) -> None:
    program = Program(made, duty)
    for each in urls.ALL:
        if not each.pattern.startswith("api/v1/") or not each.rule.duties:
            continue
        where = (
            each.pattern.removeprefix("api/v1/")
            .replace("<int:document>", "999999999")
            .replace("<int:file>", "999999999")
            .replace("<int:task>", "999999999")
        )
        answer = program.get(where.replace("<int:arrival>", "999999999"))
        assert answer.status_code in ({200, 404, 405} if duty in each.rule.duties else {403}), (duty, each.name)


def test_a_reading_token_cannot_write(made: OfficeAgency) -> None:
    answer = Program(made, Duty.REGISTRAR, may_write=False).hand_in("quet-4")
    assert answer.status_code == 403


def test_a_session_of_a_browser_counts_for_nothing_there(made: OfficeAgency) -> None:
    client = made.client(Duty.REGISTRAR)
    assert client.get("/incoming").status_code == 200
    assert client.get("/api/v1/documents").status_code == 401


def test_a_revoked_an_ended_and_a_made_up_token_are_refused(made: OfficeAgency) -> None:
    program = Program(made, Duty.REGISTRAR)
    page = made.client(Duty.REGISTRAR)
    assert program.get("documents").status_code == 200
    with acting_for(made.agency.pk):
        pk = made.people[Duty.REGISTRAR].api_tokens.get().pk
    page.submit(f"/mine/tokens/{pk}/revoke", page="/mine/tokens")
    assert program.get("documents").status_code == 401
    program.token = "lt_made_up"
    assert program.get("documents").status_code == 401


def test_another_agency_sees_nothing(made: OfficeAgency, agency_number: int) -> None:
    document = registered(made, Program(made, Duty.REGISTRAR))
    stranger = Program(make_agency(agency_number + 900_000), Duty.REGISTRAR)
    assert stranger.get(f"documents/{document['id']}").status_code == 404
    assert stranger.get("documents").json()["documents"] == []


def test_a_token_is_shown_once_on_its_page(made: OfficeAgency) -> None:
    client = made.client(Duty.REGISTRAR)
    shown = client.submit("/mine/tokens", token_name="máy quét", days="30").content.decode()
    assert shown.count("<code>lt_") == 1
    assert "lt_" not in client.get("/mine/tokens").content.decode().replace("alt_", "")
    assert client.submit("/mine/tokens", token_name="", days="0").status_code == 422


def test_the_description_names_every_address_and_no_other(made: OfficeAgency) -> None:
    routes = {
        f"/{each.pattern.removeprefix('api/v1/')}".replace("<int:", "{").replace(">", "}")
        for each in urls.ALL
        if each.pattern.startswith("api/v1/")
    }
    assert routes == PATHS.keys()
    assert made.client(Duty.REGISTRAR).get("/api/v1/openapi.json").json()["paths"].keys() == PATHS.keys()


def test_real_answers_have_the_shape_that_is_described(made: OfficeAgency) -> None:
    program = Program(made, Duty.REGISTRAR)
    document = registered(made, program)
    assert document.keys() == SCHEMAS["WholeDocument"]["properties"].keys()
    assert program.get("documents").json()["documents"][0].keys() == SCHEMAS["Document"]["properties"].keys()
    assert document["files"][0].keys() == SCHEMAS["File"]["properties"].keys()
    assert program.hand_in("quet-9").json().keys() == SCHEMAS["Arrival"]["properties"].keys()


def test_a_document_is_submitted_directed_and_reported_by_programs(made: OfficeAgency) -> None:
    registrar, leader, officer = (Program(made, each) for each in (Duty.REGISTRAR, Duty.LEADER, Duty.CASE_OFFICER))
    document = registered(made, registrar)["id"]
    to = made.people[Duty.LEADER].pk
    task = registrar.post(f"documents/{document}/submit", {"to": to, "proposal": "Kính trình"}).json()
    assert (task["kind"], task["account"]) == ("submission", to)
    order = {"targets": [{"account": made.people[Duty.CASE_OFFICER].pk, "role": "lead"}], "words": "Xử lý, báo cáo"}
    assert officer.post(f"tasks/{task['id']}/direct", order).status_code in {403, 404}
    (given,) = leader.post(f"tasks/{task['id']}/direct", order).json()["tasks"]
    assert given["directive"] == "Xử lý, báo cáo"
    done = officer.post(f"tasks/{given['id']}/report", {"result": "Đã làm", "no_answer": True}).json()["tasks"][0]
    assert done["state"] in {"reported", "finished"}
    assert registrar.get(f"documents/{document}").json()["state"] == "finished"


@pytest.mark.parametrize(
    "members", [{}, {"targets": []}, {"targets": [{"role": "lead"}]}, {"targets": [{"unit": 1, "role": "x"}]}]
)
def test_a_routing_that_names_nobody_is_refused(made: OfficeAgency, members: dict[str, Any]) -> None:
    registrar, leader = Program(made, Duty.REGISTRAR), Program(made, Duty.LEADER)
    document = registered(made, registrar)["id"]
    task = registrar.post(f"documents/{document}/submit", {"to": made.people[Duty.LEADER].pk}).json()["id"]
    assert leader.post(f"tasks/{task}/direct", members).status_code == 400


def test_the_same_key_gets_the_first_answer_and_another_request_under_it_is_refused(made: OfficeAgency) -> None:
    program = Program(made, Duty.REGISTRAR)
    document = registered(made, program)["id"]
    members = {"to": made.people[Duty.LEADER].pk, "proposal": "Lần một"}
    key = {"Idempotency-Key": "trinh-1"}
    first = program.post(f"documents/{document}/submit", members, **key)
    again = program.post(f"documents/{document}/submit", members, **key)
    assert again.json() == first.json()
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    other = program.post(f"documents/{document}/submit", members | {"proposal": "Khác"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "KEY_REUSED")
    assert program.post(f"documents/{document}/submit", members, **{"Idempotency-Key": "x" * 201}).status_code == 400


def test_a_refusal_is_not_kept_under_its_key(made: OfficeAgency) -> None:
    program = Program(made, Duty.REGISTRAR)
    document = registered(made, program)["id"]
    key = {"Idempotency-Key": "trinh-2"}
    assert program.post(f"documents/{document}/submit", {}, **key).status_code == 400
    assert program.post(f"documents/{document}/submit", {"to": made.people[Duty.LEADER].pk}, **key).status_code == 201


def test_a_version_is_known_by_its_tag_and_a_stale_one_is_refused(made: OfficeAgency) -> None:
    program = Program(made, Duty.REGISTRAR)
    document = registered(made, program)["id"]
    tag = program.get(f"documents/{document}")["ETag"]
    assert program.get(f"documents/{document}", **{"If-None-Match": tag}).status_code == 304
    with acting_for(made.agency.pk):
        Document.objects.filter(pk=document).update(revision=7)
    assert program.get(f"documents/{document}", **{"If-None-Match": tag}).status_code == 200
    members = {"to": made.people[Duty.LEADER].pk}
    stale = program.post(f"documents/{document}/submit", members, **{"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "REVISION_CHANGED")
    fresh = program.get(f"documents/{document}")["ETag"]
    assert program.post(f"documents/{document}/submit", members, **{"If-Match": fresh}).status_code == 201


def test_a_token_that_asks_too_often_is_told_when_to_come_back(
    made: OfficeAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_limiter", RateLimiter(0.5, 3))
    program, other = Program(made, Duty.REGISTRAR), Program(made, Duty.LEADER)
    assert [program.get("documents").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = program.get("documents")
    assert (answer["Retry-After"], answer["Content-Type"]) == ("2", "application/problem+json")
    assert other.get("documents").status_code == 200
