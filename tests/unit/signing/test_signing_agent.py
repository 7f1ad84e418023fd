"""The signing agent as a whole: real tokens (SoftHSM), real HTTP, documents prepared by another implementation."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.errors import Refused
from lienthong.signing.agent.client import AgentClient
from lienthong.signing.agent.program import is_origin
from lienthong.signing.errors import AGENT_NOT_USABLE
from lienthong.signing.jobs import Entry
from lienthong.trust.signer import MemorySigner, is_valid, sign_der
from signers_world import ORIGIN, PIN, Agent, Official, People, agent, letter, prepare
from softhsm_token import Tokens


@pytest.fixture
def world(people: People, tokens: Tokens, tmp_path: Path, request: pytest.FixtureRequest):
    """An official with a token, an agent, and software that is paired with it."""
    holder = people.add("Nguyễn Văn An", "an")
    people.token("an", holder, tokens, f"t-{abs(hash(request.node.name)) % 10**8}")
    with agent(tmp_path / "home", people.folder / "signers") as made:
        made.pair()
        yield made, people, holder


def pdfsig(folder: Path, root: Path, pdf: bytes) -> str:
    """What poppler says of a document."""
    file = folder / "signed.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdfsig", "-nocert", str(file)], check=False, capture_output=True, text=True).stdout


def test_a_batch_is_seen_signed_with_one_pin_and_its_documents_are_valid_to_others(world, tmp_path) -> None:
    made, people, holder = world
    documents = [prepare(letter(tmp_path, f"{n}/VP", "Về việc thử"), holder.certificate) for n in range(1, 4)]
    batch = made.batch("an", documents)
    official = Official(made)
    official.see_all(batch, 3)
    assert official.sign(batch).status_code == 303
    state = made.state(batch)
    assert (state["counts"]["signed"], state["running"], state["stopped"]) == (3, False, None)
    for document, signature in zip(documents, made.signatures(batch), strict=True):
        assert signature is not None
        said = pdfsig(tmp_path, people.root_file, document.embed(signature))
        assert "Signature is Valid" in said, said
        assert "Total document signed" in said, said
    uses = list(made.made.desk.log.read())
    assert [(row["event"], row["name"]) for row in uses] == [("sign", f"cong-van-{n}.pdf") for n in range(1, 4)]
    assert uses[0]["origin"] == ORIGIN


def test_nothing_is_signed_before_every_document_was_opened(world, tmp_path) -> None:
    made, _, holder = world
    document = prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)
    batch = made.batch("an", [document, document])
    official = Official(made)
    unopened = official.http.post(f"/batches/{batch}/1/seen", data={"word": official.word()})
    assert unopened.status_code == 409
    assert "AGENT_NOT_OPENED" in unopened.text
    official.see(batch, 1)
    refused = official.sign(batch)
    assert refused.status_code == 409
    assert "AGENT_NOT_ALL_SHOWN" in refused.text
    assert made.signatures(batch) == []


def test_other_bytes_than_those_to_be_signed_are_refused(world, tmp_path) -> None:
    made, _, holder = world
    one = prepare(letter(tmp_path, "1/VP", "Cấp phép"), holder.certificate)
    other = prepare(letter(tmp_path, "2/VP", "Thu hồi"), holder.certificate)
    batch = made.batch("an", [one], content=False)
    for content in (other.content, one.content + b"\n% more", one.content[:-1] + b"x", b"%PDF-1.7\n", b"<html>"):
        answer = made.put(batch, 1, content)
        assert (answer.status_code, answer.json()["code"]) == (422, "SIGN_CONTENT_MISMATCH")
    assert made.put(batch, 1, one.content).status_code == 204


def test_bytes_swapped_on_disk_after_they_were_seen_are_not_signed(world, tmp_path) -> None:
    made, _, holder = world
    one = prepare(letter(tmp_path, "1/VP", "Cấp phép"), holder.certificate)
    other = prepare(letter(tmp_path, "2/VP", "Thu hồi"), holder.certificate)
    batch = made.batch("an", [one])
    official = Official(made)
    official.see_all(batch, 1)
    made.made.desk.store.find(batch).file(1, "prepared").write_bytes(other.content)
    official.sign(batch)
    assert made.state(batch)["stopped"]["code"] == "SIGN_CONTENT_MISMATCH"
    assert made.signatures(batch) == []


def test_a_document_that_is_gone_from_the_disk_stops_the_batch_in_words(world, tmp_path) -> None:
    made, _, holder = world
    batch = made.batch("an", [prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)])
    official = Official(made)
    official.see_all(batch, 1)
    made.made.desk.store.find(batch).file(1, "prepared").unlink()
    official.sign(batch)
    state = made.state(batch)
    assert (state["running"], state["stopped"]["code"]) == (False, "STORAGE_AWAY")
    assert made.signatures(batch) == []


def test_only_signed_attributes_for_this_certificate_are_taken(world, people, tmp_path) -> None:
    made, _, _ = world
    stranger = people.add("Trần Thị Bình", "binh")
    pdf = letter(tmp_path, "1/VP", "Thử")
    foreign = prepare(pdf, stranger.certificate).to_sign
    cases = {"SIGN_CONTENT_MISMATCH": foreign, "SIGN_REQUEST_NOT_ATTRIBUTES": b"login challenge 4711"}
    for code, to_sign in cases.items():
        row = {"name": "a.pdf", "to_sign": base64.b64encode(to_sign).decode()}
        answer = made.ask("POST", "/v1/batches", json={"signer": "an", "title": "x", "documents": [row]})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_wrong_pin_is_tried_once_an_entry_and_after_two_only_on_the_officials_word(world, tmp_path) -> None:
    made, _, holder = world
    batch = made.batch("an", [prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)])
    official = Official(made)
    official.see_all(batch, 1)
    for count in (1, 2):
        wrong = official.sign(batch, "999999")
        assert wrong.status_code == 403
        assert f"lần sai thứ {count} liên tiếp" in wrong.text
    third = official.sign(batch, "999999")
    assert third.status_code == 409
    assert "AGENT_PIN_RISK" in third.text
    assert [row["event"] for row in made.made.desk.log.read()] == ["pin-wrong", "pin-wrong"]
    # The right PIN is not tried either without that word, and works with it: the token never locked.
    assert official.sign(batch).status_code == 409
    assert official.sign(batch, knowing="yes").status_code == 303
    assert made.state(batch)["counts"]["signed"] == 1
    assert made.made.desk.tries.wrong("an") == 0


def test_the_pin_is_asked_again_for_the_next_batch(world, tmp_path) -> None:
    made, _, holder = world
    document = prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)
    official = Official(made)
    first, second = made.batch("an", [document]), made.batch("an", [document])
    for batch in (first, second):
        official.see_all(batch, 1)
    assert official.sign(first).status_code == 303
    assert official.sign(second, "000000").status_code == 403


def test_a_token_pulled_out_in_the_middle_loses_nothing_and_the_batch_goes_on(world, tokens, tmp_path) -> None:
    made, _, holder = world
    documents = [prepare(letter(tmp_path, f"{n}/VP", "Thử"), holder.certificate) for n in range(1, 6)]
    batch = made.batch("an", documents)
    official = Official(made)
    official.see_all(batch, 5)
    add = made.made.desk.log.add
    uses: list[str] = []

    def pulling(event: str, members: object) -> str:
        uses.append(event)
        if len(uses) == 3:
            tokens.pull()
        return add(event, members)  # type: ignore[arg-type]  # passed on as it came

    made.made.desk.log.add = pulling  # type: ignore[method-assign]  # the moment of pulling is ours to choose
    try:
        official.sign(batch)
        stopped = made.state(batch)
        page = official.http.get(f"/batches/{batch}").text
    finally:
        tokens.plug_in()
        made.made.desk.log.add = add  # type: ignore[method-assign]  # as above
    assert stopped["stopped"]["code"] in {"TOKEN_AWAY", "TOKEN_MISSING"}
    done = stopped["counts"]["signed"]
    assert 2 <= done < 5
    assert "ký tiếp bằng cách nhập lại mã PIN" in page
    before = made.signatures(batch)
    assert official.sign(batch).status_code == 303
    assert made.state(batch)["counts"]["signed"] == 5
    assert made.signatures(batch)[:done] == before


def test_a_declined_document_is_left_out_and_its_reason_told(world, tmp_path) -> None:
    made, _, holder = world
    document = prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)
    batch = made.batch("an", [document, document])
    official = Official(made)
    official.see(batch, 1)
    reason = {"word": official.word(), "reason": "Sai căn cứ pháp lý"}
    official.http.post(f"/batches/{batch}/2/decline", data=reason)
    official.sign(batch)
    rows = made.ask("GET", f"/v1/batches/{batch}/signatures").json()["signatures"]
    assert [(row["state"], row["reason"]) for row in rows] == [("signed", None), ("declined", "Sai căn cứ pháp lý")]


def test_other_origins_hosts_and_unpaired_callers_get_nothing(world) -> None:
    made, _, _ = world
    evil = made.ask("GET", "/v1/signers", origin="https://evil.example")
    assert (evil.status_code, evil.json()["code"]) == (403, "AGENT_ORIGIN_FOREIGN")
    assert "access-control-allow-origin" not in evil.headers
    lookalike = made.ask("GET", "/v1/signers", origin=ORIGIN + ".evil.example")
    assert lookalike.status_code == 403
    rebound = made.ask("GET", "/v1/signers", headers={"Host": "vanban.tinh.gov.vn"})
    assert (rebound.status_code, rebound.json()["code"]) == (421, "AGENT_HOST_FOREIGN")
    silent = made.ask("GET", "/v1/signers", origin=None, headers={"Sec-Fetch-Site": "cross-site"})
    assert silent.status_code == 403
    unpaired = httpx.get(made.url + "/v1/signers", headers={"Origin": ORIGIN}, trust_env=False)
    assert (unpaired.status_code, unpaired.json()["code"]) == (401, "AGENT_NOT_PAIRED")
    borrowed = made.ask("GET", "/v1/signers", origin=None)
    assert borrowed.status_code == 401
    fine = made.ask("GET", "/v1/signers")
    assert (fine.status_code, fine.headers["access-control-allow-origin"]) == (200, ORIGIN)


def test_the_browser_is_told_that_this_page_and_no_other_may_reach_a_local_program(world) -> None:
    made, _, _ = world
    asking = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Private-Network": "true"}
    good = made.ask("OPTIONS", "/v1/batches", headers=asking)
    assert good.status_code == 204
    assert good.headers["access-control-allow-origin"] == ORIGIN
    assert good.headers["access-control-allow-private-network"] == "true"
    assert "PUT" in good.headers["access-control-allow-methods"]
    bad = made.ask("OPTIONS", "/v1/batches", origin="null", headers=asking)
    assert bad.status_code == 403
    assert not any(name.startswith("access-control") for name in bad.headers)


def test_the_pairing_code_cannot_be_guessed_for_long(world) -> None:
    made, _, _ = world
    codes = {made.ask("POST", "/v1/pair", json={"code": f"AAAA-AA{n:02d}"}).json()["code"] for n in range(20)}
    assert codes == {"AGENT_CODE_WRONG"}
    right = made.ask("POST", "/v1/pair", json={"code": made.made.pairing.code})
    assert (right.status_code, right.json()["code"]) == (429, "AGENT_PAIRING_CLOSED")


def test_forms_of_other_pages_and_without_their_word_do_nothing(world, tmp_path) -> None:
    made, _, holder = world
    batch = made.batch("an", [prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)])
    official = Official(made)
    official.see_all(batch, 1)
    form = {"word": official.word(), "pin": PIN}
    for headers, data in (
        ({"Origin": "https://evil.example"}, form),
        ({"Origin": "null"}, form),
        ({"Sec-Fetch-Site": "cross-site"}, form),
        ({}, form | {"word": "x"}),
    ):
        answer = official.http.post(f"/batches/{batch}/sign", data=data, headers=headers)
        assert (answer.status_code, "AGENT_PAGE_EXPIRED" in answer.text) == (403, True)
    assert made.signatures(batch) == []


def test_another_origins_batch_is_unknown(people, tmp_path) -> None:
    holder = people.add("Nguyễn Văn An", "an")
    people.pem("an", holder)
    second = "https://khac.tinh.gov.vn"
    with agent(tmp_path / "home", people.folder / "signers", (ORIGIN, second)) as made:
        made.pair()
        batch = made.batch("an", [prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)])
        pair = made.ask("POST", "/v1/pair", origin=second, json={"code": made.made.pairing.code})
        other = Agent(made.made, made.url, pair.json()["token"])
        answer = other.ask("GET", f"/v1/batches/{batch}", origin=second)
        assert (answer.status_code, answer.json()["code"]) == (404, "SIGN_JOB_UNKNOWN")


def test_signed_twice_gives_the_first_signature_and_the_key_is_used_once(world, tmp_path) -> None:
    made, _, holder = world
    batch = made.batch("an", [prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)])
    official = Official(made)
    official.see_all(batch, 1)
    official.sign(batch)
    first = made.signatures(batch)
    again = official.sign(batch)
    assert (again.status_code, "AGENT_NOTHING_TO_SIGN" in again.text) == (409, True)
    assert made.signatures(batch) == first
    assert len(list(made.made.desk.log.read())) == 1


def test_a_batch_survives_the_end_of_the_agent(people, tmp_path) -> None:
    holder = people.add("Nguyễn Văn An", "an")
    people.bundle("an", holder, b"mat-khau")
    document = prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)
    with agent(tmp_path / "home", people.folder / "signers") as made:
        made.pair()
        batch = made.batch("an", [document])
        Official(made).see_all(batch, 1)
    with agent(tmp_path / "home", people.folder / "signers") as made:
        assert Official(made).sign(batch, "mat-khau").status_code == 303
        made.pair()
        assert "Signature is Valid" in pdfsig(
            tmp_path, people.root_file, document.embed(made.signatures(batch)[0] or b"")
        )


def test_the_agencys_key_signs_only_what_a_person_has_signed(people, tokens, tmp_path) -> None:
    person, office = people.add("Nguyễn Văn An", "an"), people.add("UBND tỉnh", "ubnd")
    people.token("ubnd", office, tokens, "seal", role="agency")
    pdf = letter(tmp_path, "1/VP", "Thử")
    by_person = prepare(pdf, person.certificate)
    signed = by_person.embed(sign_der(MemorySigner(person.key), by_person.to_sign))
    unsigned, countersigned = prepare(pdf, office.certificate), prepare(signed, office.certificate, "Seal")
    forged = prepare(by_person.embed(b"\x30\x03\x02\x01\x01"), office.certificate, "Seal")
    with agent(tmp_path / "home", people.folder / "signers") as made:
        made.pair()
        for bad in (unsigned, forged):
            batch = made.batch("ubnd", [bad], content=False)
            answer = made.put(batch, 1, bad.content)
            assert (answer.status_code, answer.json()["code"]) == (403, "AGENCY_KEY_NEEDS_PERSON")
        copy = made.batch("ubnd", [unsigned], purpose="copy")
        batch = made.batch("ubnd", [countersigned])
        official = Official(made)
        assert "Bản sao từ bản giấy" in official.http.get(f"/batches/{copy}/1").text
        official.see_all(batch, 1)
        assert official.sign(batch).status_code == 303
        both = pdfsig(tmp_path, people.root_file, countersigned.embed(made.signatures(batch)[0] or b""))
        assert both.count("Signature is Valid") == 2, both
        assert [row["role"] for row in made.made.desk.log.read()] == ["agency"]


def test_the_self_test_tells_of_token_certificate_and_clock(world, tokens) -> None:
    made, _, _ = world
    page = Official(made).http.get("/self-test").text
    for word in ("Thiết bị ký", "Chứng thư số", "Đồng hồ", "Nhật ký dùng khoá", "Nguyễn Văn An"):
        assert word in page
    tokens.pull()
    try:
        away = Official(made).http.get("/self-test?lang=en").text
    finally:
        tokens.plug_in()
    assert "There is no token" in away


def test_the_description_names_every_route_for_software(world) -> None:
    made, _, _ = world
    described = made.ask("GET", "/v1/openapi.json").json()
    known = {each.path.replace(":int", "") for each in made.made.edge.routes if each.access.for_software}
    assert set(described["paths"]) == known
    assert described["paths"]["/v1/signers"]["get"]["security"] == [{"token": []}]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("https://vanban.tinh.gov.vn", True), ("https://a.vn:8443", True), ("http://127.0.0.1:8000", True),
        ("http://vanban.tinh.gov.vn", False), ("https://a.vn/", False), ("*", False), ("null", False),
        ("https://a.vn@b.vn", False),
    ],
)  # fmt: skip
def test_an_origin_is_exact(text: str, fits: bool) -> None:
    assert is_origin(text) is fits


def test_a_program_of_this_computer_hands_over_and_gets_signatures_as_a_signer_gives_them(world, tmp_path) -> None:
    made, _, holder = world
    document = prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)
    client = AgentClient(made.url, made.made.pairing.code)
    assert [each["signer"] for each in client.signers()] == ["an"]
    entry, file = Entry("a.pdf", document.to_sign), tmp_path / "prepared.pdf"
    file.write_bytes(document.content)
    batch = client.hand_over("an", "Lượt", [(entry, document.content), (entry, file)])["batch"]
    official = Official(made)
    official.see_all(batch, 2)
    official.sign(batch)
    found = client.wait(batch, lambda state: None, 0.05)
    key = holder.key.public_key()
    assert all(is_valid(key, MemorySigner(holder.key).algorithm, found[n], document.to_sign) for n in (1, 2))
    client.remove(batch)
    with pytest.raises(Refused) as gone:
        client.state(batch)
    assert gone.value.code is AGENT_NOT_USABLE
    client.close()
    with pytest.raises(Refused, match="pairing code is wrong"):
        AgentClient(made.url, "WRONG")


def test_a_certificate_on_the_token_is_enough_and_signatures_are_fetched_without_the_token(
    people, tokens, tmp_path
) -> None:
    holder = people.add("Lê Thị Chi", "chi")
    file = people.token("chi", holder, tokens, "chi-token")
    file.write_text("\n".join(line for line in file.read_text().splitlines() if not line.startswith("certificate")))
    document = prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)
    with agent(tmp_path / "home", people.folder / "signers") as made:
        made.pair()
        row = made.ask("GET", "/v1/signers").json()["signers"][0]
        assert (row["certificates"], row["algorithm"]) == ([], None)
        tokens.put_certificate("chi-token", holder.certificate.public_bytes(Encoding.DER), "chi")
        row = made.ask("GET", "/v1/signers").json()["signers"][0]
        assert base64.b64decode(row["certificates"][0]) == holder.certificate.public_bytes(Encoding.DER)
        batch = made.batch("chi", [document])
        official = Official(made)
        official.see_all(batch, 1)
        assert official.sign(batch).status_code == 303
        tokens.pull()
        try:
            signature = made.signatures(batch)[0]
        finally:
            tokens.plug_in()
        assert "Signature is Valid" in pdfsig(tmp_path, people.root_file, document.embed(signature or b""))


def test_progress_is_shown_and_nothing_else_begins_while_a_batch_is_signed(world, tmp_path) -> None:
    made, _, holder = world
    document = prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)
    batch, other = made.batch("an", [document] * 3), made.batch("an", [document])
    official = Official(made)
    official.see_all(batch, 3)
    official.see_all(other, 1)
    log, reached, go = made.made.desk.log, threading.Event(), threading.Event()
    add, uses = log.add, []

    def slow(event: str, members: Mapping[str, object]) -> str:
        uses.append(event)
        if len(uses) == 2:
            reached.set()
            go.wait(30)
        return add(event, members)

    log.add = slow
    form = {"word": official.word(), "pin": PIN}
    assert official.http.post(f"/batches/{batch}/sign", data=form).status_code == 303
    assert reached.wait(30)
    page = official.http.get(f"/batches/{batch}").text
    assert "Đang ký 1/3 văn bản" in page
    assert 'data-seconds="1"' in page
    assert made.state(batch)["running"] is True
    assert "AGENT_BUSY" in official.http.post(f"/batches/{other}/sign", data=form).text
    assert made.ask("DELETE", f"/v1/batches/{batch}").json()["code"] == "AGENT_BUSY"
    go.set()
    made.made.desk.wait(30)
    assert made.state(batch)["counts"]["signed"] == 3
    assert made.ask("DELETE", f"/v1/batches/{batch}").status_code == 204
    assert [row["event"] for row in log.read()] == ["sign"] * 3


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"[" * 100_000, b'{"signer": 1, "title": "x", "documents": [{}]}',
        b'{"signer": "an", "title": "x", "documents": []}', b'{"signer": "an", "title": "x", "documents": [1]}',
        b'{"signer": "an", "title": "x", "documents": [{"name": "a", "to_sign": "%%%"}]}',
        b'{"signer": "an", "title": "x", "documents": [{"name": "a", "to_sign": "AA==", "purpose": "x"}]}', b"\xff\xfe",
    ],
)  # fmt: skip
def test_a_malformed_batch_is_told_so(world, body: bytes) -> None:
    made, _, _ = world
    answer = made.ask("POST", "/v1/batches", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "REQUEST_MALFORMED")
    assert list(made.made.desk.store.all()) == []


def test_an_unknown_signer_and_numbers_beyond_the_batch_are_refused(world, tmp_path) -> None:
    made, _, holder = world
    document = prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)
    row = {"name": "a.pdf", "to_sign": base64.b64encode(document.to_sign).decode()}
    for signer in ("khac", "../an"):
        answer = made.ask("POST", "/v1/batches", json={"signer": signer, "title": "x", "documents": [row]})
        assert (answer.status_code, answer.json()["code"]) == (404, "SIGNER_UNKNOWN")
    batch = made.batch("an", [document])
    for number in (0, 2, 999):
        assert made.put(batch, number, document.content).json()["code"] == "SIGN_JOB_UNKNOWN"
    assert list((made.made.desk.home / "uploads").iterdir()) == []
