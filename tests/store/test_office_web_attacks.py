"""What attackers send to every address of the office: forged forms, foreign redirects, markup in names, strange
parameters, wrong methods, foreign hosts. Nothing changes, nothing leaks, nothing breaks."""

from __future__ import annotations

import os
import random
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from fixtures_office import OfficeInstallation
from lienthong.office import urls
from lienthong.office.models import Document
from lienthong.webkit.door.access import PUBLIC, Route
from lienthong.webkit.door.pages import safe_next
from lienthong.webkit.people.models import Account, Agency, Appointment, Unit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner
from office_world import PASSWORD, OfficeAgency, make_agency

LANGUAGE = {"language"}
"""Changes on a GET: the language of the pages, and no work."""


def address_of(route: Route, made: OfficeAgency) -> str:
    """The route with identifiers of an agency's own objects, or with ones that do not exist."""
    known = {"account": made.people[Duty.CASE_OFFICER].pk, "unit": made.unit.pk, "number": 1, "dpi": 110, "size": 192}
    return "/" + re.sub(
        r"<(\w+):(\w+)>", lambda m: str(known.get(m[2], 999999999)) if m[1] == "int" else "khong-co", route.pattern
    )


def clients(made: OfficeAgency, *duties: Duty) -> dict[Duty, Any]:
    found = {duty: made.client(duty) for duty in duties}
    for each in found.values():
        each.raise_request_exception = False
    return found


def client_for(route: Route, signed_in: dict[Duty, Any]) -> Any:
    """Somebody who may use the route, if one of these people may."""
    return next((client for duty, client in signed_in.items() if duty in (route.rule.duties or Duty)), None)


def everything(made: OfficeAgency) -> list[Any]:
    """All rows of the database but those of sessions, failures, logs and works, to see whether something changed."""
    aside = ("people_session", "people_signinfailure", "audit_entry", "audit_head", "django_migrations", "job")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        names = [name for (name,) in cursor.fetchall() if name not in aside]
        found = []
        for name in names:
            cursor.execute(f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from {name} t")
            found.append((name, *cursor.fetchone()))
    return found


EVERYBODY = tuple(Duty)


@dataclass(frozen=True)
class World:
    """One agency for all tests that must not change it, and a signed-in browser for each duty."""

    made: OfficeAgency
    signed_in: dict[Duty, Any]


@pytest.fixture(scope="module")
def world(office_installation: OfficeInstallation) -> World:
    made = make_agency(7_000_000 + os.getpid())
    return World(made, clients(made, *EVERYBODY))


def test_a_form_without_its_token_is_refused_everywhere_and_changes_nothing(world: World) -> None:
    made, signed_in = world.made, world.signed_in
    before = everything(made)
    for each in urls.ALL:
        client = client_for(each, signed_in) if each.rule != PUBLIC else Client(enforce_csrf_checks=True)
        for extra in ({}, {"HTTP_ORIGIN": "https://ke-gian.example", "HTTP_SEC_FETCH_SITE": "cross-site"}):
            answer = client.post(address_of(each, made), {"csrfmiddlewaretoken": "x" * 64, "next": "/"}, **extra)
            if each.pattern.startswith("api/"):
                # A cookie counts for nothing there, so there is no token either.
                assert answer.status_code == 401 or each.rule == PUBLIC, (each.name, answer.status_code)
                continue
            if each.name == "push_moved":
                # A service worker has no page with a token; only the cookie of a device that is known lets it in.
                assert answer.status_code == 404
                continue
            assert answer.status_code == 403, (each.name, answer.status_code)
            assert "Chưa có gì bị thay đổi" in answer.content.decode(), each.name
    assert everything(made) == before


METHODS = ("get", "head", "options", "put", "delete", "patch")


def test_only_a_form_changes_something(world: World) -> None:
    """Every address with every other method, as somebody who may use it, with parameters that a form would send."""
    made, signed_in = world.made, world.signed_in
    before = everything(made)
    given = {"csrfmiddlewaretoken": "x", "reason": "x", "full_name": "x", "name": "x", "subject": "x", "session": ""}
    for each in urls.ALL:
        client = client_for(each, signed_in) if each.rule != PUBLIC else Client()
        for method in METHODS:
            if each.name not in LANGUAGE:
                answer = getattr(client, method)(address_of(each, made), given)
                assert answer.status_code < 500, (each.name, method, answer.status_code)
    assert everything(made) == before
    assert signed_in[Duty.ADMINISTRATOR].get("/people").status_code == 200, "nobody was signed out"


FOREIGN = ("//ke-gian.example", "https://ke-gian.example", "/\\ke-gian.example", "\\\\ke-gian.example", "/\t/ke-gian.example",
           "javascript:alert(1)", "///ke-gian.example", "/\n/ke-gian.example", "http:ke-gian.example", " //ke-gian.example",
           "/\x00/ke-gian.example", "data:text/html,x", "/%0d\r\nX: y", "./../..//ke-gian.example")  # fmt: skip


def test_no_parameter_leads_to_another_site(world: World) -> None:
    client, half_way = world.signed_in[Duty.REGISTRAR], Client(raise_request_exception=False)
    half_way.post("/sign-in", {"login": world.made.people[Duty.LEADER].login, "password": PASSWORD})
    for wanted in FOREIGN:
        for answer in (
            client.submit("/language", page="/mine", next=wanted, to="vi"),
            *(each.post("/language", {"next": wanted, "to": "vi"}) for each in (half_way, Client())),
        ):
            # One with a control character is no form that is taken at all.
            assert (answer.status_code, answer.get("Location")) in {(303, "/"), (400, None)}, wanted
        for where in ("/sign-in", "/sign-in/second", "/sign-in/passkey", "/mine", "/"):
            for browser in (client, half_way, Client()):
                answer = browser.get(where, {"next": wanted, "to": "vi"})
                assert answer.status_code < 500, where
                assert re.fullmatch(r"(/[^/\\\s][^\s]*|/?)", answer.get("Location", "")), (where, wanted)
                assert "X" not in answer.headers, where
        assert safe_next(wanted, "/") == "/", wanted


def test_after_the_password_a_foreign_address_is_forgotten(agency_number: int) -> None:
    login = make_agency(agency_number).people[Duty.LEADER].login
    answer = Client().post("/sign-in", {"login": login, "password": PASSWORD, "next": FOREIGN[0]})
    assert (answer.status_code, answer["Location"]) == (303, "/sign-in/second")


MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}${7*7}<svg/onload=x>"


def test_markup_in_names_and_titles_stays_text_on_every_page(agency_number: int) -> None:
    made = make_agency(agency_number)
    with acting_for(made.agency.pk):
        Agency.objects.filter(pk=made.agency.pk).update(name="Sở" + MARKUP, place=MARKUP[:90], abbreviation=MARKUP[:40])
        Unit.objects.filter(agency=made.agency).update(name="Phòng" + MARKUP, abbreviation=MARKUP[:40])
        Account.objects.filter(agency=made.agency).update(full_name="Người" + MARKUP, email=MARKUP, subject="")
        Appointment.objects.filter(agency=made.agency).update(position="Vị trí" + MARKUP)
        text = [f.name for f in Document._meta.concrete_fields if f.get_internal_type() in {"CharField", "TextField"}]
        if Document.objects.filter(agency=made.agency).exists():
            Document.objects.filter(agency=made.agency).update(**dict.fromkeys(text, MARKUP[:20]))
    shown = 0
    for duty, client in clients(made, Duty.ADMINISTRATOR, Duty.REGISTRAR, Duty.LEADER, Duty.ARCHIVIST).items():
        client.cookies["lang"] = MARKUP
        for each in urls.ALL:
            if each.rule != PUBLIC and duty not in (each.rule.duties or Duty):
                continue
            query = {"q": MARKUP, "next": MARKUP, "account": MARKUP, "after": MARKUP, "sort": MARKUP, "view": MARKUP}
            answer = client.get(address_of(each, made), query, HTTP_USER_AGENT=MARKUP)
            if not answer.get("Content-Type", "").startswith("text/html"):
                continue
            page = answer.content.decode()
            assert "<script>alert" not in page and "<img src=x" not in page and "<svg/onload" not in page, each.name
            assert "Người49" not in page and not re.search(r"\$49\b", page), each.name
            shown += "&lt;script&gt;alert(1)" in page or "&lt;script>alert" in page
    assert shown > 12, "the names are on the pages at all"


def test_every_answer_carries_the_headers_that_protect_it(world: World) -> None:
    made, signed_in = world.made, world.signed_in
    answers = [(each.name, client_for(each, signed_in).get(address_of(each, made))) for each in urls.ALL]
    answers += [(each.name, Client().get(address_of(each, made))) for each in urls.ALL]
    answers += [("nowhere", Client().get("/khong-co")), ("host", Client().get("/sign-in", HTTP_HOST="ke-gian.example")),
                ("form", Client(enforce_csrf_checks=True).post("/sign-in"))]  # fmt: skip
    for name, answer in answers:
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, name
        assert "base-uri 'none'" in policy and "form-action 'self'" in policy and "unsafe" not in policy, name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        kept = answer.headers["Cache-Control"]
        if name not in {"look", "mark"} and "text/html" in answer.headers.get("Content-Type", ""):
            assert "no-store" in kept, name


@pytest.mark.parametrize(
    "host", ["ke-gian.example", "testserver.ke-gian.example", "testserver@ke-gian.example", "a b", ""]
)
def test_a_foreign_host_is_refused_and_appears_nowhere(office_installation: OfficeInstallation, host: str) -> None:
    client = Client(raise_request_exception=False)
    for where in ("/sign-in", "/", "/khong-co", "/manifest.webmanifest"):
        answer = client.get(where, HTTP_HOST=host)
        assert answer.status_code == 400, where
        assert "ke-gian" not in answer.content.decode() + str(answer.headers), where
    forwarded = client.get("/sign-in", HTTP_X_FORWARDED_HOST="ke-gian.example")
    assert "ke-gian" not in forwarded.content.decode() + str(forwarded.headers)


STRANGE = ("999999999999999999999", "-1", "0", "9" * 5000, "a\x00b", "\x00", "%", "%00", "\ud7ff\uffff", "\u202e", "1e309",
           "' or 1=1 --", "../../../../etc/passwd", "NaN", "đ" * 3000, "[]", "2026-13-45", "31/02/2026", "0001-01-01",
           "99999-01-01", "\r\nX-Injected: 1", "۱۲۳", "²", "1_000", " 7 ", "true", "{}", "\u200b")  # fmt: skip
NAMES = ("q", "after", "before", "at", "next", "account", "year", "month", "from", "until", "view", "sort", "to", "page",
         "unit", "state", "kind", "action", "day", "register", "direction", "urgency", "size", "columns", "export", "code",
         "iss", "tab", "with", "task", "document", "file", "answer", "name", "login", "password", "reason", "session",
         "subject", "duty", "position", "valid_from", "valid_until", "substitute", "duties", "starts", "ends", "title",
         "abstract", "symbol", "secret", "old", "new", "full_name", "email", "revision", "parent", "order")  # fmt: skip


def test_strange_parameters_never_break_a_page(world: World) -> None:
    made, signed_in = world.made, world.signed_in
    drawn = random.Random(7)
    for each in urls.ALL:
        client = client_for(each, signed_in) if each.rule != PUBLIC else Client(raise_request_exception=False)
        where = address_of(each, made)
        for value in ("a\x00b", *drawn.sample(STRANGE, 6)):
            answer = client.get(where, dict.fromkeys(NAMES, value))
            assert answer.status_code < 500, (each.name, value[:30])
            assert "X-Injected" not in answer.headers, (each.name, value[:30])
        for _ in range(2):
            given = {name: drawn.choice(STRANGE) for name in drawn.sample(NAMES, 8)}
            assert client.get(where, given).status_code < 500, (each.name, given)
        for query in (
            "%ff%fe=%ff",
            "q=%ff%00&after=%c0%af",
            "a" * 8000,
            "&".join(f"a{n}=1" for n in range(6000)),
            "q[]=1&q[]=2",
        ):
            assert client.get(f"{where}?{query}").status_code < 500, (each.name, query[:30])


def test_strange_forms_never_break_a_page(agency_number: int) -> None:
    """With a right token, so that the views themselves read them. People may be changed by it: the agency is its own."""
    made = make_agency(agency_number)
    signed_in = clients(made, *EVERYBODY)
    drawn = random.Random(11)
    tokens = {}
    faults = list[tuple[str, str]]()
    for each in urls.ALL:
        if each.name in {"sign_out", "mine_sessions", "new_password", "person_act"}:
            continue
        client = client_for(each, signed_in) if each.rule != PUBLIC else Client(raise_request_exception=False)
        if id(client) not in tokens:
            page = client.get("/mine" if each.rule != PUBLIC else "/sign-in").content.decode()
            found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
            tokens[id(client)] = found[1] if found else ""
        for value in ("a\x00b", *drawn.sample(STRANGE, 6)):
            given = {**dict.fromkeys(NAMES, value), "csrfmiddlewaretoken": tokens[id(client)]}
            if client.post(address_of(each, made), given).status_code >= 500:
                faults.append((each.name, value[:30]))
        for _ in range(2):
            given = {name: drawn.choice(STRANGE) for name in drawn.sample(NAMES, 12)}
            given["csrfmiddlewaretoken"] = tokens[id(client)]
            if client.post(address_of(each, made), given).status_code >= 500:
                faults.append((each.name, str(given)[:300]))
        body = client.post(address_of(each, made), b"\xff\x00{", content_type="application/json",
                           HTTP_X_CSRFTOKEN=tokens[id(client)])  # fmt: skip
        broken = client.post(address_of(each, made), b"--x\r\nbroken", content_type="multipart/form-data; boundary=x",
                             HTTP_X_CSRFTOKEN=tokens[id(client)])  # fmt: skip
        if max(body.status_code, broken.status_code) >= 500:
            faults.append((each.name, "a body that is no form"))
    assert "\n".join(map(str, faults)) == ""


PATHS = ("/look/../../../../etc/passwd", "/look/..%2f..%2fpages.py", "/look/%2e%2e/x", "/look/\x00", "/people/%00", "/people/",
         "/people/99999999999999999999999", "/people/-1", "/documents/99999999999999999999999", "/%ff%fe", "/people/1/%0d%0a",
         "//people", "/people//1", "/" + "a" * 5000, "/mark-99999999999999999999.svg", "/mark-0.svg", "/.git/config",
         "/people/²", "/units/999999999999999999999999/change", "/mine/passkeys/99999999999999999999/remove")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_strange_paths_are_not_found_and_leak_nothing(world: World, path: str) -> None:
    for duty in (Duty.ADMINISTRATOR, Duty.REGISTRAR):
        answer = world.signed_in[duty].get(quote(path, safe="/%"))
        assert answer.status_code in {200, 303, 400, 403, 404, 405}, answer.status_code
        text = b"".join(answer).decode("utf-8", "replace")
        assert "root:" not in text and "Traceback" not in text and "import annotations" not in text


def test_strange_numbers_in_the_path_of_every_address_are_not_found(world: World) -> None:
    signed_in = world.signed_in
    for each in urls.ALL:
        if "<int:" not in each.pattern:
            continue
        for number in ("0", "9223372036854775808", "9" * 40, "9" * 4400):
            where = "/" + re.sub(r"<int:\w+>", number, re.sub(r"<(?!int)\w+:\w+>", "x", each.pattern))
            answer = client_for(each, signed_in).get(where)
            assert answer.status_code < 500, (each.name, number[:20])


def test_strange_cookies_are_those_of_a_stranger(office_installation: OfficeInstallation) -> None:
    for value in ("", "x", "a" * 4000, "\x00", "\xe9", '"', "../..", "null"):
        client = Client(raise_request_exception=False)
        for name in (settings.CSRF_COOKIE_NAME, "lienthong", "lang", "device", "passkey", "attempt"):
            client.cookies[name] = value
        assert client.get("/sign-in").status_code == 200
        assert client.get("/people").status_code == 303
        assert client.get("/sign-in/single/return", {"state": value, "code": value}).status_code < 500
