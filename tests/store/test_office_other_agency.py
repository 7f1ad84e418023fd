"""Real objects of another agency under every address, by everybody who may use it: not found, unchanged, unheard of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from fixtures_office import OfficeInstallation
from lienthong.office import urls
from lienthong.webkit.door.access import ONLY_FORMS, PUBLIC, Route
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import as_owner
from office_world import OfficeAgency, make_agency
from whole_office import Whole, make_whole

LOGS = ("audit_entry", "audit_head", "people_session", "people_signinfailure", "job", "job_period", "django_migrations")
GIVEN = {
    "reason": "x", "text": "x", "title": "x", "name": "x", "words": "x", "typed": "x", "decision": "return", "then": "open",
    "check": "content", "full_name": "Kẻ Gian", "duty": "administrator", "position": "x", "revision": "1", "row": "1",
    "document": "1", "dossier": "1", "confirmed": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Two:
    """Whose objects they are, and somebody else's agency."""

    theirs: Whole
    ours: OfficeAgency


@pytest.fixture(scope="module")
def two(office_installation: OfficeInstallation) -> Two:
    return Two(make_whole(97_701), make_agency(97_702))


def rows_of(agency: int) -> dict[str, Any]:
    """Every row of an agency, table by table, but those of logs and sessions."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.columns where column_name = 'agency_id' and table_schema = 'public'"
        )
        found = {}
        for name in sorted(name for (name,) in cursor.fetchall() if name not in LOGS):
            cursor.execute(
                f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from {name} t where agency_id = %s",
                [agency],
            )
            found[name] = cursor.fetchone()
        return found


def naming(route: Route) -> bool:
    """Whether its address names something of an agency."""
    names = set(re.findall(r"<int:(\w+)>", route.pattern)) - {"year", "number", "dpi", "size"}
    return bool(names) and route.rule != PUBLIC and not route.pattern.startswith("api/")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("duty", list(Duty))
def test_what_belongs_to_another_agency_is_not_found_and_stays_as_it_is(two: Two, duty: Duty) -> None:
    client = two.ours.client(duty)
    client.raise_request_exception = False
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/mine").content.decode())
    assert token is not None
    before = rows_of(two.theirs.made.agency.pk)
    given = {**GIVEN, "csrfmiddlewaretoken": token[1]}
    wrong = []
    for each in urls.ALL:
        if not naming(each) or duty not in (each.rule.duties or Duty):
            continue
        for where in two.theirs.addresses(each):
            answers = [client.post(where, given)]
            if each.methods != ONLY_FORMS:
                answers.append(client.get(where))
            for answer in answers:
                text = "" if answer.streaming else answer.content.decode("utf-8", "replace")
                leads = re.search(r"/\d{2,}", answer.headers.get("Location", ""))
                if answer.status_code not in {303, 403, 404, 405} or leads or two.theirs.made.agency.name in text:
                    wrong.append((each.name, where, answer.status_code, answer.headers.get("Location", "")))
    assert wrong == []
    assert rows_of(two.theirs.made.agency.pk) == before


def test_the_world_has_an_object_for_every_address(two: Two) -> None:
    named = [each for each in urls.ALL if naming(each)]
    assert len(named) > 60
    assert all(two.theirs.addresses(each) for each in named)
