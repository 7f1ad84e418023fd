"""What an office does by itself, each work in a thread of its own: exchange, checks, scans, mailboxes, letters.

Its modules need Django set up, so :mod:`lienthong.roles.office_worker` does that first and loads this one by its name.
"""

from __future__ import annotations

import json
import signal
import smtplib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import localtime, parseaddr
from functools import partial

from django.db import close_old_connections

from lienthong.base.errors import Refused
from lienthong.infra import steps, telemetry
from lienthong.infra.complaints import Complaints
from lienthong.infra.config import load
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.infra.database import connect
from lienthong.infra.jobs import Pace, Periodic, Worker
from lienthong.infra.keys import replace_durably
from lienthong.infra.office_config import OfficeConfig
from lienthong.office.models import Arrival
from lienthong.office.services.examining import examine
from lienthong.office.services.importing import work_on_imports
from lienthong.office.services.mail_documents import DocumentLetter, mail_documents
from lienthong.office.services.mail_intake import take_mail
from lienthong.office.services.mail_notices import mail_notices
from lienthong.office.services.push_devices import push_hosts
from lienthong.office.services.push_sending import push_notices
from lienthong.office.services.scanning import take_scans
from lienthong.office.services.urging import remind_and_escalate
from lienthong.office.services.waiting import Work, agencies_here, agencies_waiting_for, agencies_with_letters
from lienthong.office.services.webhook_calls import deliver_webhooks
from lienthong.office.states import ArrivalState
from lienthong.roles.connector import open_courier
from lienthong.roles.office import DIRECTORY
from lienthong.roles.office_courier import CourierCarrier
from lienthong.roles.office_errors import MAIL_AWAY, MAIL_REFUSED
from lienthong.roles.office_exchange import Exchange, Turns, complaining, for_each_agency
from lienthong.roles.office_sweeping import clean
from lienthong.webkit.door.visit import Visit

ROUND = timedelta(seconds=1)
"""How often exchange and checks are looked at."""

LETTERS = timedelta(seconds=5)
"""How often documents that go by e-mail are looked at."""

TOO_LARGE = 552
"""RFC 1870: the letter is larger than the server takes; said before it is sent."""

CHECKED_AT_ONCE = 20
PACE = Pace(threads=0)


def work(config: OfficeConfig, dsn: str) -> None:
    """Do all periodic works until SIGTERM or SIGINT. Django is set up. Refuses SPOOL_IN_USE, KEY_…, CONFIG_…"""
    with exchanging(config) as exchange:
        works = periodic_works(config, dsn, exchange)
        worker = Worker(lambda: connect(dsn, "lienthong office worker"), {}, works, PACE)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        telemetry.info("office.worker_started", role="office", count=len(works))
        worker.run()


@contextmanager
def exchanging(config: OfficeConfig) -> Iterator[Exchange | None]:
    """The courier of the installation running in threads of its own; None when it is connected to no axis."""
    if config.connector is None:
        yield None
        return
    stop = threading.Event()
    with open_courier(load(config.connector, ConnectorConfig)) as courier:
        carrier = CourierCarrier(courier)
        running = threading.Thread(target=courier.run, args=(stop,), name="courier")
        running.start()
        try:
            yield Exchange(carrier, config.data_dir / "exchange.json")
        finally:
            stop.set()
            running.join()


def periodic_works(config: OfficeConfig, dsn: str, exchange: Exchange | None) -> list[Periodic]:
    """Everything that comes round, each in a thread of its own."""
    checks = Checks()
    works = [("office.checking", ROUND, checks.run)]
    if exchange is not None:
        works += [
            ("office.sending", ROUND, exchange.send), ("office.receiving", ROUND, exchange.receive),
            ("office.directory", timedelta(seconds=20), lambda: write_directory(config, exchange)),
        ]  # fmt: skip
    if config.scans is not None:
        scans, limit = config.scans, int(config.max_upload)
        taking = going_round(
            lambda visit: take_scans(visit, scans / visit.agency.code, limit), "office.scans_wait",
            lambda: [each for each in agencies_here() if (scans / each[1]).is_dir()],
        )  # fmt: skip
        works.append(("office.scans", timedelta(seconds=3), taking))
    calls = going_round(deliver_webhooks, "office.webhooks_wait", having(Work.WEBHOOKS))
    imports = going_round(work_on_imports, "office.imports_wait", having(Work.IMPORTS))
    mailboxes = going_round(take_mail, "office.mailbox_waits", having(Work.MAILBOXES))
    works += [
        ("office.webhooks", ROUND, calls), ("office.imports", timedelta(seconds=2), imports),
        ("office.mailboxes", timedelta(minutes=1), mailboxes),
    ]  # fmt: skip
    if push_hosts():
        works.append(("office.pushes", ROUND, going_round(push_notices, "office.pushes_wait", having(Work.PUSHES))))
    if config.mail_server is not None:
        letters = going_round(
            lambda visit: mail_notices(visit, partial(post, config)), "office.notices_wait", having(Work.NOTICES)
        )
        documents = going_round(
            lambda visit: mail_documents(visit, partial(post_document, config)), "office.letters_wait",
            agencies_with_letters,
        )  # fmt: skip
        works += [("office.notices", timedelta(seconds=30), letters), ("office.letters", LETTERS, documents)]
    works.append(
        (
            "office.reminders",
            timedelta(minutes=30),
            going_round(remind_and_escalate, "office.reminders_wait", agencies_here),
        )
    )
    works.append(("office.cleaning", timedelta(hours=6), lambda: clean(config, dsn)))
    return [Periodic(name, every, _on_own_connection(run)) for name, every, run in works]


def _on_own_connection(run: Callable[[], object]) -> Callable[[object], None]:
    """Django keeps a connection for each thread; one that broke is made anew."""

    def begun(_: object) -> None:
        close_old_connections()
        run()

    return begun


Agencies = Callable[[], list[tuple[int, str]]]


def having(work: Work) -> Agencies:
    """The agencies in which something waits, when they are asked for."""
    return lambda: agencies_waiting_for(work)


def going_round(work: Callable[[Visit], object], complaint: str, agencies: Agencies) -> Callable[[], None]:
    """A work for ``agencies``; what is refused for one is logged under ``complaint`` and tried again next time."""
    turns, complaints = Turns(), Complaints(complaint)

    def each(visit: Visit) -> None:
        with complaining(complaints, visit):
            work(visit)

    return lambda: for_each_agency(turns, each, agencies())


class Checks:
    """Examines what came in. What fails in a way that nobody foresaw comes last next time: it holds nothing up."""

    def __init__(self) -> None:
        self._turns, self._complaints = Turns(), Complaints("office.checking_waits")
        self._tried: dict[int, int] = {}

    def run(self) -> None:
        """One round over the agencies in which something waits."""
        for_each_agency(self._turns, self._agency, agencies_waiting_for(Work.CHECKING))

    def _agency(self, visit: Visit) -> None:
        with complaining(self._complaints, visit):
            self._check(visit)

    def _check(self, visit: Visit) -> None:
        waiting = Arrival.objects.filter(agency=visit.agency, state=ArrivalState.CHECKING.value)
        found = sorted(waiting.order_by("-urgency", "pk")[:200], key=lambda each: self._tried.get(each.pk, 0))
        for arrival in found[:CHECKED_AT_ONCE]:
            self._tried[arrival.pk] = self._tried.get(arrival.pk, 0) + 1
            examine(visit, arrival)
            self._tried.pop(arrival.pk, None)
            steps.reached("office.examined")


def write_directory(config: OfficeConfig, exchange: Exchange) -> None:
    """Write down whom one can send to, for the pages; only when it has changed."""
    rows = [{"code": code, "name": name} for code, name in exchange.directory()]
    data = json.dumps({"agencies": rows}, ensure_ascii=False).encode()
    file = config.data_dir / DIRECTORY
    if rows and (not file.exists() or file.read_bytes() != data):
        replace_durably(file, data, 0o644)


def post(config: OfficeConfig, to: str, subject: str, text: str) -> bool:
    """Hand one letter to the mail server; False when it takes none for this address now. Refuses MAIL_AWAY, and
    MAIL_REFUSED for an address or a letter that it never takes."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = config.mail_from, to, subject
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return _handed_in(config, letter)


def post_document(config: OfficeConfig, given: DocumentLetter) -> bool:
    """Hand a letter with an issued document to the mail server: the agency is its sender by name. As :func:`post`."""
    letter, own = EmailMessage(), parseaddr(config.mail_from)[1]
    letter["From"], letter["To"] = Address(given.sender, addr_spec=own), given.to
    letter["Subject"], letter["Message-ID"] = given.subject, f"<{given.id}@{own.rpartition('@')[2]}>"
    letter["Date"] = localtime()
    letter.set_content(given.text)
    for each in given.files:
        main, _, sub = each.media_type.partition("/")
        letter.add_attachment(each.path.read_bytes(), maintype=main, subtype=sub, filename=each.name)
    return _handed_in(config, letter)


def _handed_in(config: OfficeConfig, letter: EmailMessage) -> bool:
    host, _, port = (config.mail_server or "").rpartition(":")
    try:
        with _mail_server(config, host.strip("[]"), int(port)) as server:
            if config.mail_user is not None and config.mail_password_file is not None:
                server.login(config.mail_user, config.mail_password_file.read().decode().strip())
            server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as reason:
        answers = [code for code, _ in reason.recipients.values()]
        if all(code >= 500 for code in answers):
            raise Refused(MAIL_REFUSED, why=str(answers[0])) from reason
        return False
    except (smtplib.SMTPException, OSError) as reason:
        if final := _final(reason):
            raise Refused(MAIL_REFUSED, why=final) from reason
        raise Refused(MAIL_AWAY, why=type(reason).__name__) from reason
    return True


def _final(reason: Exception) -> str:
    """The answer by which the server never takes this letter: it is too large, or refused when it was read."""
    if isinstance(reason, smtplib.SMTPSenderRefused) and reason.smtp_code == TOO_LARGE:
        return str(reason.smtp_code)
    return str(reason.smtp_code) if isinstance(reason, smtplib.SMTPDataError) and reason.smtp_code >= 500 else ""


def _mail_server(config: OfficeConfig, host: str, port: int) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if config.mail_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=30, context=trust)
    server = smtplib.SMTP(host, port, timeout=30)
    if config.mail_security == "starttls":
        try:
            server.starttls(context=trust)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
    return server
