"""Notices leave as letters over a real line with TLS: once, and a refused address holds up nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from letter_server import LetterServer, letter_server
from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.infra.office_config import OfficeConfig
from lienthong.office.models import Notice
from lienthong.office.services.mail_notices import mail_notices
from lienthong.roles.office_works import post
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, visit_of_worker

MORNING = datetime(2026, 11, 26, 6, 30, tzinfo=VIETNAM)
ADDRESSES = {Duty.LEADER: "a@tinh.example", Duty.REGISTRAR: "b@tinh.example", Duty.CASE_OFFICER: "c@tinh.example"}


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    found = make_agency(agency_number)
    with acting_for(found.agency.pk):
        for duty, address in ADDRESSES.items():
            found.people[duty].email = address
            found.people[duty].save(update_fields=["email"])
    return found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LetterServer]:
    with letter_server(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        yield found


def config(server: LetterServer, tmp_path: Path) -> OfficeConfig:
    return OfficeConfig(data_dir=tmp_path, mail_server=f"127.0.0.1:{server.port}", mail_security="tls",
                        mail_from="van-phong@tinh.example")  # fmt: skip


def noticed(made: OfficeAgency, kind: str, *duties: Duty, hours: float = 1) -> None:
    with acting_for(made.agency.pk):
        for duty in duties:
            Notice.objects.create(agency=made.agency, account=made.people[duty], kind=kind, text="Việc",
                                  where="/documents/1", at=MORNING - timedelta(hours=hours))  # fmt: skip


def mailed(made: OfficeAgency, server: LetterServer, tmp_path: Path, hour: int = 6) -> int:
    with visit_of_worker(made) as found:
        visit = Visit(found.language, "worker", MORNING.replace(hour=hour), tenant=made.agency)
        return mail_notices(visit, partial(post, config(server, tmp_path)))


def test_an_urgent_notice_leaves_once_and_says_nothing_of_the_content(
    made: OfficeAgency, server: LetterServer, tmp_path: Path
) -> None:
    noticed(made, "task.escalated", Duty.LEADER)
    assert [mailed(made, server, tmp_path, 6), mailed(made, server, tmp_path, 6)] == [1, 0]
    (found,) = server.letters
    assert found["To"] == "a@tinh.example"
    assert "Việc quá hạn của đơn vị: 1" in found.get_content()


def test_a_refused_address_holds_up_nobody_and_is_not_tried_again(
    made: OfficeAgency, server: LetterServer, tmp_path: Path
) -> None:
    server.answers = {"a@tinh.example": 550, "b@tinh.example": 450}
    noticed(made, "arrival", *ADDRESSES)
    assert mailed(made, server, tmp_path) == 1
    assert [each["To"] for each in server.letters] == ["c@tinh.example"]
    server.answers, server.asked = {}, []
    assert mailed(made, server, tmp_path) == 1
    assert server.asked == ["b@tinh.example"], "what was refused for now is tried again, what for ever is not"


def test_what_is_not_urgent_leaves_in_one_letter_after_seven_in_the_morning(
    made: OfficeAgency, server: LetterServer, tmp_path: Path
) -> None:
    noticed(made, "task.due", Duty.CASE_OFFICER, Duty.CASE_OFFICER, hours=30)
    noticed(made, "task.handling", Duty.CASE_OFFICER, hours=30)
    assert mailed(made, server, tmp_path, 6) == 0
    assert [mailed(made, server, tmp_path, 7), mailed(made, server, tmp_path, 8)] == [1, 0]
    (found,) = server.letters
    assert found["Subject"] == "Tổng hợp: 3 thông báo"
    assert "Việc sắp đến hạn, quá hạn: 2" in found.get_content()


def test_a_server_whose_certificate_nobody_trusts_gets_no_letter(
    made: OfficeAgency, server: LetterServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    noticed(made, "arrival", Duty.LEADER)
    with pytest.raises(Refused, match="MAIL_AWAY"):
        mailed(made, server, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    assert mailed(made, server, tmp_path) == 1
