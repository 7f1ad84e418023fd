"""Whatever is posted to the connector's local REST becomes a job or a clear refusal, never a fault."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from lienthong.base.errors import Refused
from lienthong.connector.courier.model import Job, Recall
from lienthong.connector.local import reading
from lienthong.connector.local.forms import Posted, Uploads
from lienthong.connector.local.signing_in import own_path
from lienthong.infra.http_limits import HttpLimits

KEYS = [
    "number",
    "subject",
    "to",
    "issued_on",
    "kind",
    "urgency",
    "due",
    "signer",
    "answers",
    "to_places",
    "pages",
    "descriptions",
    "agency",
    "x",
]
WORDS = st.text('aế <&"\x00\u202e/12-', max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=True) | WORDS | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | WORDS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_object_is_a_job_or_refused_with_every_problem_in_both_languages(row: dict[str, Any]) -> None:
    for read in (reading.read_submission, reading.read_update, reading.read_replacement):
        try:
            job = read(Posted({"document": json.dumps(row)}), ["H26"], None)
        except Refused as refused:
            assert refused.code.name == "LOCAL_INPUT_NOT_VALID"
            assert refused.problems
            assert all(problem.vi and problem.en and problem.path for problem in refused.problems)
        else:
            assert isinstance(job, Job)


@given(WORDS | JSON.map(json.dumps))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_text_is_a_recall_or_refused(text: str) -> None:
    try:
        job = reading.read_recall(text.encode("utf-8", "surrogatepass"), ["H26"], None)
    except Refused as refused:
        assert refused.code.name == "LOCAL_INPUT_NOT_VALID"
    else:
        assert isinstance(job.content, Recall)


@pytest.mark.parametrize("text", ["25/11/2026", "2026-11-25", " 25/11/2026 "])
def test_a_date_is_read_in_both_spellings(text: str) -> None:
    members = reading.Members({"d": text})
    day = members.day("d")
    assert day is not None
    assert (day.year, day.month, day.day) == (2026, 11, 25)


@pytest.mark.parametrize(
    "text", ["31/02/2026", "2026-13-01", "25-11-2026", "25/11/26", "٢٥/11/2026", "0000-01-01", "x"]
)
def test_what_is_no_date_is_named(text: str) -> None:
    members = reading.Members({"d": text})
    assert members.day("d") is None
    assert [problem.path for problem in members.problems] == ["d"]


FORM = b'--XX\r\nContent-Disposition: form-data; name="document"\r\n\r\n{}\r\n--XX\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\nPDF\r\n--XX--\r\n'


def read(folder: Path, body: bytes, pieces: int = 1) -> Posted:
    """Read a form that comes in pieces of so many bytes."""
    cut = [body[at : at + pieces] for at in range(0, len(body), pieces)] or [b""]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": cut.pop(0) if cut else b"", "more_body": bool(cut)}

    async def work() -> Posted:
        headers = [
            (b"content-type", b"multipart/form-data; boundary=XX"),
            (b"content-length", str(len(body) or 1).encode()),
        ]
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
        async with Uploads(folder / "uploads", HttpLimits(), 10**6).read(Request(scope, receive)) as posted:
            for file in posted.files:
                assert file.path.parent.parent == folder / "uploads"
                assert file.path.exists()
            return Posted(dict(posted.fields), list(posted.files))

    return asyncio.run(work())


@pytest.mark.parametrize("pieces", [1, 2, 7, 1000])
def test_a_form_is_read_the_same_in_whatever_pieces_it_comes(tmp_path: Path, pieces: int) -> None:
    posted = read(tmp_path, FORM, pieces)
    assert posted.fields == {"document": "{}"}
    assert [(file.part, file.name, file.media_type) for file in posted.files] == [("file", "a.pdf", "application/pdf")]
    assert list((tmp_path / "uploads").iterdir()) == []


@given(st.integers(0, len(FORM) - 1), st.binary(min_size=1, max_size=6), st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_damaged_form_is_read_or_refused_and_leaves_no_file(tmp_path: Path, at: int, put: bytes, cut: bool) -> None:
    body = FORM[:at] if cut else FORM[:at] + put + FORM[at + len(put) :]
    try:
        read(tmp_path, body, 16)
    except Refused as refused:
        assert refused.code.name in {"LOCAL_FORM_NOT_USABLE", "BODY_TOO_LARGE", "LENGTH_REQUIRED"}
    assert list((tmp_path / "uploads").iterdir()) == []


@given(st.text(max_size=40))
def test_signing_in_leads_only_to_a_path_of_this_connector(wanted: str) -> None:
    path = own_path(wanted)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isprintable()
