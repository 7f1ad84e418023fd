"""People who can sign in, work that waits, numbers taken by many at once; imported once Django is set up."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from django.contrib.auth.hashers import make_password
from django.db import OperationalError, connection, transaction

from lienthong.office.models import Arrival, Document, NumberEntry, Register, StoredFile
from lienthong.office.services.registering import IncomingFields, register
from lienthong.office.states import Direction
from lienthong.webkit.door.visit import Person, Visit, capacities_of
from lienthong.webkit.people.models import Account, Agency, Appointment
from lienthong.webkit.signin.sealing import seal
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner

PASSWORD = "mot cau that dai de do"
MIX = (Duty.CASE_OFFICER, Duty.CASE_OFFICER, Duty.CASE_OFFICER, Duty.UNIT_HEAD, Duty.REGISTRAR, Duty.LEADER)


def largest() -> int:
    """The agency with the most documents, where lists and searches have the most to do."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select agency_id from office_document group by 1 order by count(*) desc, 1 limit 1")
        return int(cursor.fetchone()[0])


def person(agency: int, duty: Duty) -> dict[str, Any]:
    """Somebody of an agency with this duty, with a password and an authenticator."""
    with as_owner():
        found = Appointment.objects.filter(agency=agency, duty=duty.value).select_related("account").order_by("pk")[0]
        return _equip([found.account], duty)[0]


def crowd(count: int) -> list[dict[str, Any]]:
    """So many people of many agencies, mostly case officers."""
    made: list[dict[str, Any]] = []
    with as_owner():
        for n, duty in enumerate(MIX):
            part = count * (n + 1) // len(MIX) - count * n // len(MIX)
            rows = Appointment.objects.filter(duty=duty.value).select_related("account").order_by("agency_id", "pk")
            taken = {each["login"] for each in made}
            accounts = [each.account for each in rows[: count * 8] if each.account.login not in taken]
            step = max(1, len(accounts) // part)
            made += _equip(accounts[::step][:part], duty)
    return made


def _equip(accounts: list[Account], duty: Duty) -> list[dict[str, Any]]:
    hashed, made = make_password(PASSWORD), []
    for each in accounts:
        secret = pyotp.random_base32()
        Account.objects.filter(pk=each.pk).update(
            password=hashed, totp_secret=seal(secret.encode()), totp_since=datetime.now(UTC), totp_last_step=0
        )
        made.append({"login": each.login, "password": PASSWORD, "secret": secret, "duty": duty.value,
                     "agency": each.agency_id, "account": each.pk})  # fmt: skip
    return made


def arrivals(agency: int, count: int) -> list[int]:
    """So many scans that wait for the registrar, each with a stored page."""
    with acting_for(agency), transaction.atomic():
        like = StoredFile.objects.filter(document__isnull=False).first()
        made = Arrival.objects.bulk_create(
            Arrival(agency_id=agency, source="scan", state="waiting", reference=f"bench-{secrets.token_hex(10)}",
                    received_at=datetime.now(UTC), title=f"Văn bản đo {n}")
            for n in range(count)
        )  # fmt: skip
        if like is not None:
            StoredFile.objects.bulk_create(
                StoredFile(agency_id=agency, arrival=each, slot=0, role="document", name="do.pdf", size=like.size,
                           media_type=like.media_type, sha256=bytes(like.sha256), pages=like.pages,
                           added_at=datetime.now(UTC))
                for each in made
            )  # fmt: skip
        return [each.pk for each in made]


def register_all(agency: int, account: int, shares: list[list[int]], ready: Callable[[], object]) -> int:
    """One registrar, in a thread of his own, for each share of arrivals; how many were refused because they waited too
    long. ``ready`` is called once when all are, and lets them begin."""
    start, late = threading.Barrier(len(shares), ready), list[int]()

    def work(mine: list[int]) -> None:
        now = datetime.now(UTC)
        with acting_for(agency):
            found = Account.objects.select_related("agency").get(pk=account)
            visit = Visit("vi", "127.0.0.1", now, Person(found, found.agency, "second", capacities_of(found, now)))
            start.wait()
            for number in mine:
                try:
                    with transaction.atomic():
                        register(visit, Arrival.objects.get(pk=number), _fields(number))
                        visit.write_entries()
                except OperationalError:
                    # Whoever waits for the register longer than a statement may take is refused, and tries again.
                    visit.entries.clear()
                    late.append(number)
        connection.close()

    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(work, shares))
    return len(late)


def balance(agency: int, waiting: list[int]) -> dict[str, Any]:
    """Numbers, gaps and doubles of the register after these arrivals were registered in it."""
    with acting_for(agency):
        numbers = _numbers(agency)
        made = Document.objects.filter(pk__in=Arrival.objects.filter(pk__in=waiting).values("document"))
        documents, given = made.count(), made.values("arrival_number").distinct().count()
    return {
        "numbers": given, "gaps": numbers[-1] - len(numbers), "doubles": len(numbers) - len(set(numbers)),
        "documents": documents, "expected": len(waiting),
    }  # fmt: skip


def _numbers(agency: int) -> list[int]:
    book = Register.objects.filter(agency=agency, direction=Direction.INCOMING.value).order_by("-year").first()
    return sorted(NumberEntry.objects.filter(register=book).values_list("number", flat=True)) if book else []


def _fields(number: int) -> IncomingFields:
    return IncomingFields(
        "Công văn", f"{number % 900 + 1}", "UBND-VP", datetime.now(UTC).date() - timedelta(days=1),
        "Ủy ban nhân dân xã Thử Giang Thượng", f"V/v đo tốc độ đăng ký văn bản số {number}",
    )  # fmt: skip


def found_by_index(agency: int, texts: list[str]) -> list[float]:
    """Milliseconds of the bare search in the index, unaccented, newest 50 with their documents, as the web role."""
    taken = []
    with acting_for(agency), connection.cursor() as cursor:
        for text in texts:
            question = " & ".join(f"'{word}'" for word in (f"_a{agency}", *text.split()))
            begun = time.perf_counter()
            cursor.execute(
                """select d.id, d.abstract from office_documenttext t join office_document d on d.id = t.document_id
                   where t.plain @@ %s::tsquery and d.direction = 'incoming' order by d.id desc limit 50""",
                [question],
            )
            cursor.fetchall()
            taken.append((time.perf_counter() - begun) * 1000)
    return taken


def agencies() -> int:
    """How many there are."""
    with as_owner():
        return Agency.objects.count()


def documents() -> int:
    """How many there are."""
    with as_owner():
        return Document.objects.count()
