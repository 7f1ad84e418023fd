"""Whatever somebody writes into an address, the office answers with a page or a refusal, never with a failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import QueryDict

from incoming_world import registered
from lienthong.office import urls
from lienthong.webkit.door.access import ONLY_FORMS, Route
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, OfficeClient, make_agency

ODD = ("²", "٣", "１", "-1", "0", "9" * 18, "9" * 30, "x", "99/99/9999", "\x00")
ALONE = ("²", "-1", "9" * 18, "9" * 30)
LEFT_OUT = {"sign_out", "look"}
DUTIES = (Duty.REGISTRAR, Duty.ADMINISTRATOR, Duty.AUDITOR)


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    found = make_agency(agency_number)
    registered(found)
    return found


@pytest.fixture
def read_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names that pages look up in what an address or a form says, gathered while they do."""
    names: set[str] = set()
    for method in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, method, _noting(getattr(QueryDict, method), names))
    yield names


def _noting(plain: Any, names: set[str]) -> Any:
    def noting(self: QueryDict, key: str, *rest: Any, **more: Any) -> Any:
        names.add(key)
        return plain(self, key, *rest, **more)

    return noting


def _addresses(each: Route, number: str) -> str:
    """The address of a route, each whole number in it being ``number``."""
    parts = ["/"]
    for piece in each.pattern.replace(">", "<").split("<"):
        if piece.startswith("int:"):
            parts.append(number)
        elif ":" in piece:
            parts.append({"str:ending": "xlsx", "slug:ending": "xlsx"}.get(piece, "incoming"))
        else:
            parts.append(piece)
    return "".join(parts)


def _pages(duty: Duty) -> list[Route]:
    """The pages that a person with this duty walks here: each page has one, the first of those who may open it."""
    return [
        each
        for each in urls.ALL
        if each.methods != ONLY_FORMS
        and each.name not in LEFT_OUT
        and duty == next((one for one in DUTIES if one in (each.rule.duties or Duty)), DUTIES[0])
    ]


def _known(client: OfficeClient, where: str, read_names: set[str]) -> list[str]:
    """The parameters that a page reads, also those that it reads only when others are there."""
    known: set[str] = set()
    while True:
        read_names.clear()
        client.get(where, dict.fromkeys(known, "1"))
        if read_names <= known:
            return sorted(known)
        known |= read_names


@pytest.mark.parametrize("duty", DUTIES)
def test_no_parameter_of_any_page_makes_it_fail(made: OfficeAgency, duty: Duty, read_names: set[str]) -> None:
    client = made.client(duty)
    client.raise_request_exception = False
    broken: list[tuple[str, dict[str, str]]] = []
    tried: set[str] = set()
    for each in _pages(duty):
        where = _addresses(each, "2026" if "<int:year>" in each.pattern else "1")
        names = _known(client, where, read_names)
        tried.update(names)
        asked = [{name: odd} for name in names for odd in ALONE] + [dict.fromkeys(names, odd) for odd in ODD]
        broken += [(each.name, query) for query in asked if client.get(where, query).status_code >= 500]
    assert len(tried) >= 20 or duty != Duty.REGISTRAR
    assert broken == []


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "9" * 30])
def test_no_number_within_an_address_makes_a_page_fail(made: OfficeAgency, duty: Duty, number: str) -> None:
    client = made.client(duty)
    client.raise_request_exception = False
    numbered = [each for each in _pages(duty) if "<int:" in each.pattern]
    assert numbered or duty == Duty.AUDITOR
    broken = [each.name for each in numbered if client.get(_addresses(each, number)).status_code >= 500]
    assert broken == []
