"""The operator's verbs that need the office's tables; loaded by name when Django is set up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lienthong.base.errors import Refused
from lienthong.office.errors import LOGIN_UNKNOWN
from lienthong.office.services.founding import add_person, add_ready_person, found_agency, reset_factor
from lienthong.office.services.waiting import agencies_here
from lienthong.webkit.audit.chain import check
from lienthong.webkit.signin.codes import present_code
from lienthong.webkit.signin.passwords import find
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, enter


def agency(code: str, name: str, abbreviation: str, place: str, level: str, superior: str) -> dict[str, Any]:
    """Found an agency."""
    number = found_agency(code, name, abbreviation, place, level=level, superior=superior)
    return {"agency": code, "id": number}


def person(
    login: str, code: str, name: str, duties: Sequence[str], position: str, unit: str, email: str
) -> dict[str, Any]:
    """Add a person; the answer holds the one-time password, which is shown only now."""
    password = add_person(login, code, name, [Duty(each) for each in duties], position, unit=unit, email=email)
    return {"login": login.strip().casefold(), "agency": code, "password": password}


def factor(login: str) -> dict[str, Any]:
    """Take the second factor away."""
    return {"login": login.strip().casefold(), "password": reset_factor(login)}


def code(login: str) -> dict[str, Any]:
    """The code that the second factor of an account shows now. Only where the account's preferences say ``demo``."""
    account = find(login.strip().casefold())
    enter(None)
    if account is None or not account.preferences.get("demo") or account.totp_secret is None:
        raise Refused(LOGIN_UNKNOWN, login=login[:100])
    return {"login": account.login, "code": present_code(account)}


def demonstration(task: dict[str, Any], hashed: str) -> list[dict[str, str]]:
    """Found the agencies of a demonstration with their people; who they are and the secrets of their authenticators."""
    made = []
    for body in task["agencies"]:
        found_agency(
            body["code"], body["name"], body["abbreviation"], body["place"], level=body["level"],
            superior=body["superior"],
        )  # fmt: skip
        for each in body["people"]:
            secret, address = add_ready_person(
                body["code"], each["login"], each["name"], Duty(each["duty"]), each["position"], each["unit"], hashed
            )
            account = find(each["login"])
            if account is None:
                raise Refused(LOGIN_UNKNOWN, login=each["login"])
            made.append({**each, "agency": body["code"], "secret": secret, "address": address,
                         "account": str(account.pk), "unit_id": str(account.appointments.get().unit_id)})  # fmt: skip
            enter(None)
    return made


def audit() -> dict[str, Any]:
    """Follow every agency's chain. Refuses AUDIT_BROKEN."""
    rows = []
    for number, name in agencies_here():
        with acting_for(number):
            found = check(number)
        rows.append({"agency": name, "entries": found.entries, "digest": found.digest.hex()})
    return {"intact": True, "agencies": rows}
