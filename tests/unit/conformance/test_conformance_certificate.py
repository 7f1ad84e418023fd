"""Reports, evidence without secrets, and certificates that hold only for what was met."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from lienthong.base.errors import Refused
from lienthong.conformance.certificate import issue, token_of, verify
from lienthong.conformance.html import render_certificate, render_report
from lienthong.conformance.model import (
    Check,
    Face,
    Family,
    NotApplicable,
    Outcome,
    Severity,
    Text,
    Unmet,
)
from lienthong.conformance.recording import Recorder, excerpt
from lienthong.conformance.report import Report, Subject, earlier_results, encode_report
from lienthong.conformance.runner import run_checks
from lienthong.trust.signer import MemorySigner

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def signer() -> MemorySigner:
    return MemorySigner(generate_private_key(SECP256R1()))


def family(*outcomes: str) -> list[Check[Recorder]]:
    made: Family[Recorder] = Family(Face.VXP)
    for number, outcome in enumerate(outcomes):

        def steps(recorder: Recorder, outcome: str = outcome) -> None:
            recorder.note(
                "POST /x", b"POST /x\r\nX-SecretKey: abc\r\n\r\n<b>&", 200, b'{"token":"t0ken"}', time.monotonic()
            )
            if outcome == "unmet":
                raise Unmet("không đạt", "not met")
            if outcome == "none":
                raise NotApplicable("không có", "nothing there")
            if outcome == "odd":
                json.loads("<html>")

        made.check(f"a.n{number}", "§1", ("tên", "title"), ("sửa", "fix"), should=outcome == "should")(steps)
    return made.checks


def report(*outcomes: str, **more: object) -> Report:
    recorder = Recorder()
    results = run_checks(family(*outcomes), recorder, recorder, **more)  # type: ignore[arg-type]
    return Report(Subject("axis", "http://a.example", ("vxp",)), "Tổ <kiểm> thử", NOW, NOW, tuple(results))


def test_what_a_check_meets_becomes_its_outcome_and_the_run_goes_on() -> None:
    found = report("good", "unmet", "none", "odd", "good")
    assert [r.outcome.value for r in found.results] == ["passed", "failed", "not_applicable", "failed", "passed"]
    assert all(len(r.evidence) == 1 for r in found.results)
    assert not found.good


def test_checks_that_are_left_out_are_not_run_and_earn_no_certificate() -> None:
    found = report("good", "good", only=["vxp.a.n0"])
    assert [r.outcome for r in found.results] == [Outcome.PASSED, Outcome.NOT_RUN]
    with pytest.raises(Refused, match="CERTIFICATE_NOT_EARNED"):
        issue(found, signer(), NOW)


def test_a_report_that_was_broken_off_is_continued_where_it_stopped(tmp_path: Path) -> None:
    first = report("good", "unmet", skip=["vxp.a.n1"])
    file = tmp_path / "r.json"
    file.write_bytes(encode_report(first))
    checks = family("unmet", "good")
    earlier = earlier_results(file, first.subject, checks)
    results = run_checks(checks, Recorder(), Recorder(), earlier=earlier)
    assert [r.outcome for r in results] == [Outcome.PASSED, Outcome.PASSED]
    with pytest.raises(Refused, match="CONFORM_RESUME_DIFFERS"):
        earlier_results(file, replace(first.subject, identity="http://b.example"), checks)


def test_a_certificate_verifies_offline_with_its_report_and_the_key_that_is_trusted(tmp_path: Path) -> None:
    key, found = signer(), report("good", "none")
    certificate, file = tmp_path / "c.json", tmp_path / "r.json"
    certificate.write_bytes(issue(found, key, NOW))
    file.write_bytes(encode_report(found))
    seen = verify(certificate, key.public_key, file)
    assert (seen.trusted, seen.report_matches) == (True, True)
    assert seen.members["subject"]["identity"] == "http://a.example"
    assert seen.members["not_applicable"] == ["vxp.a.n1"]
    assert not verify(certificate).trusted


def test_another_key_another_report_or_a_changed_certificate_is_refused(tmp_path: Path) -> None:
    key, found = signer(), report("good")
    certificate, file = tmp_path / "c.json", tmp_path / "r.json"
    issued = issue(found, key, NOW)
    certificate.write_bytes(issued)
    file.write_bytes(encode_report(found).replace(b"passed", b"Passed", 1))
    with pytest.raises(Refused, match="CERTIFICATE_NOT_USABLE"):
        verify(certificate, None, file)
    with pytest.raises(Refused, match="SIGNER_NOT_KNOWN"):
        verify(certificate, signer().public_key)
    for old, new in ((b"http://a.example", b"http://b.example"), (b'"jws": "', b'"jws": "A'), (b'"form"', b'"fom"')):
        certificate.write_bytes(issued.replace(old, new, 1))
        with pytest.raises(Refused):
            verify(certificate)
    certificate.write_bytes(b"\x00")
    with pytest.raises(Refused, match="CERTIFICATE_NOT_USABLE"):
        verify(certificate)


def test_no_secret_of_a_request_or_answer_stands_in_the_evidence() -> None:
    data = (
        b'POST /v1/auth/login\r\nAuthorization: Bearer abc\r\nX-SecretKey: s3\r\n\r\n{"password":"p4ss","token": "t0k"}'
    )
    shown = excerpt(data)
    for secret in ("abc", "s3", "p4ss", "t0k"):
        assert secret not in shown
    assert "auth/login" in shown


@pytest.mark.parametrize("language", ["vi", "en"])
def test_report_and_certificate_are_whole_pages_that_ask_for_nothing(language: str) -> None:
    members = json.loads(encode_report(report("good", "unmet", "none")))
    page = render_report(members, language)  # type: ignore[arg-type]
    issued = issue(report("good"), signer(), NOW)
    sheet = render_certificate(json.loads(issued)["certificate"], token_of(issued), language)  # type: ignore[arg-type]
    for text in (page, sheet):
        assert f'lang="{language}"' in text
        assert "src=" not in text
        assert "href=" not in text
        assert "Tổ <kiểm>" not in text
        assert "Tổ &lt;kiểm&gt; thử" in text
    assert "<b>&amp;" not in page
    assert ("sửa" if language == "vi" else "fix") in page


def test_texts_come_in_both_languages() -> None:
    assert (Text("a", "b").of("vi"), Text("a", "b").of("en")) == ("a", "b")
    assert {each.value for each in Severity} == {"must", "should"}
