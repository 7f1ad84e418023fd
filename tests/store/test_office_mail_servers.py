"""Notices leave as letters over a real line with TLS: once, and a refused address holds up nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from letter_server import LetterServer, letter_server
from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.infra.config import SecretFile
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


@pytest.fixture
def upgrading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LetterServer]:
    with letter_server(tmp_path, clear=True) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        found.login = ("van-phong", "mat khau")
        yield found


def config(server: LetterServer, tmp_path: Path) -> OfficeConfig:
    found = OfficeConfig(data_dir=tmp_path, mail_server=f"127.0.0.1:{server.port}", mail_security="tls",
                         mail_from="van-phong@tinh.example")  # fmt: skip
    if server.login is None:
        return found
    file = tmp_path / "mail.password"
    if not file.exists():
        file.write_text(server.login[1] + "\n", "utf-8")
    return replace(found, mail_security="starttls", mail_user=server.login[0], mail_password_file=SecretFile(file))


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


def test_a_line_that_begins_in_the_clear_is_protected_before_the_password_is_said(
    made: OfficeAgency, upgrading: LetterServer, tmp_path: Path
) -> None:
    noticed(made, "arrival", Duty.LEADER)
    assert mailed(made, upgrading, tmp_path) == 1
    assert [each["To"] for each in upgrading.letters] == ["a@tinh.example"]
    assert upgrading.clear == ["EHLO", "STARTTLS"]


def test_a_server_that_offers_no_protection_is_told_nothing(
    made: OfficeAgency, upgrading: LetterServer, tmp_path: Path
) -> None:
    upgrading.upgrades = False
    noticed(made, "arrival", Duty.LEADER)
    with pytest.raises(Refused, match="MAIL_AWAY"):
        mailed(made, upgrading, tmp_path)
    assert set(upgrading.clear) <= {"EHLO", "QUIT"}
    upgrading.upgrades = True
    assert mailed(made, upgrading, tmp_path) == 1


def test_a_certificate_shown_after_the_upgrade_has_to_be_trusted_too(
    made: OfficeAgency, upgrading: LetterServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    noticed(made, "arrival", Duty.LEADER)
    with pytest.raises(Refused, match="MAIL_AWAY"):
        mailed(made, upgrading, tmp_path)
    assert (upgrading.clear, upgrading.letters) == (["EHLO", "STARTTLS"], [])


def test_a_wrong_password_loses_no_notice(made: OfficeAgency, upgrading: LetterServer, tmp_path: Path) -> None:
    noticed(made, "arrival", Duty.LEADER)
    (tmp_path / "mail.password").write_text("khac", "utf-8")
    with pytest.raises(Refused, match="MAIL_AWAY"):
        mailed(made, upgrading, tmp_path)
    (tmp_path / "mail.password").unlink()
    assert mailed(made, upgrading, tmp_path) == 1


def on(made: OfficeAgency, server: LetterServer, tmp_path: Path, day: datetime) -> int:
    with visit_of_worker(made) as found:
        visit = Visit(found.language, "worker", day.replace(hour=7), tenant=made.agency)
        return mail_notices(visit, partial(post, config(server, tmp_path)))


def test_the_letter_of_the_day_waits_for_a_working_day_and_urgent_ones_do_not(
    made: OfficeAgency, server: LetterServer, tmp_path: Path
) -> None:
    friday, saturday, sunday, monday = (MORNING + timedelta(days=each) for each in (1, 2, 3, 4))
    noticed(made, "task.due", Duty.CASE_OFFICER, hours=-25)
    assert friday.weekday() == 4
    assert [on(made, server, tmp_path, each) for each in (saturday, sunday, monday)] == [0, 0, 1]
    noticed(made, "arrival", Duty.LEADER, hours=-40)
    assert on(made, server, tmp_path, saturday) == 1


def test_a_long_break_of_the_agencys_own_calendar_loses_no_letter_of_the_day(
    made: OfficeAgency, server: LetterServer, tmp_path: Path
) -> None:
    days = [MORNING + timedelta(days=each) for each in range(5, 12)]
    entries = [{"date": f"{each:%Y-%m-%d}", "kind": "holiday", "vi": "Nghỉ", "en": "Off", "confidence": "law",
                "source": "QĐ"} for each in days[:4]]  # fmt: skip
    with acting_for(made.agency.pk):
        made.agency.settings = {"calendar": json.dumps({"years": [2026], "days": entries})}
        made.agency.save(update_fields=["settings"])
    noticed(made, "task.due", Duty.CASE_OFFICER, hours=-100)  # on Monday, after its letter
    assert [on(made, server, tmp_path, each) for each in days] == [0] * 6 + [1]
