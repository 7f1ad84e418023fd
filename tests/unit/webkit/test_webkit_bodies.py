"""Bodies of requests: as long as announced, and not longer than their sender may send."""

from __future__ import annotations

import io

import pytest
from django.test import RequestFactory

from lienthong.webkit.errors import LENGTH_REQUIRED
from lienthong.webkit.site.bodies import FORMS_ALONE, ROOM, Whole, too_much
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.errors import UPLOAD_TOO_LARGE


def test_a_body_as_long_as_announced_is_read_to_its_end_and_not_further() -> None:
    body = Whole(io.BytesIO(b"mot\nhai\nba va nua"), 10)
    assert (body.readline(), body.read(2), body.read(), body.read(5), body.read()) == (
        b"mot\n",
        b"ha",
        b"i\nba",
        b"",
        b"",
    )


@pytest.mark.parametrize("how", ["read", "readline"])
def test_a_body_that_ends_early_fails_and_is_not_taken_for_a_whole_one(how: str) -> None:
    body = Whole(io.BytesIO(b"mot"), 10)
    assert getattr(body, how)(5) == b"mot"
    with pytest.raises(ConnectionError):
        getattr(body, how)(5)


def asked(**headers: str) -> object:
    request = RequestFactory().post("/x")
    request.META.pop("CONTENT_LENGTH", None)
    request.META.update(headers)
    return request


def test_how_much_may_come_depends_on_who_sends_it() -> None:
    limit = site().upload_limit
    for known, length, refused in (
        (True, limit + ROOM, False),
        (True, limit + ROOM + 1, True),
        (False, FORMS_ALONE, False),
        (False, FORMS_ALONE + 1, True),
    ):
        found = too_much(asked(CONTENT_LENGTH=str(length)), known=known)  # type: ignore[arg-type]
        assert (found is not None and found.code is UPLOAD_TOO_LARGE) == refused, (known, length)


@pytest.mark.parametrize("headers", [{"HTTP_TRANSFER_ENCODING": "chunked"}, {"CONTENT_LENGTH": "-1"},
                                     {"CONTENT_LENGTH": "9e9"}, {"CONTENT_LENGTH": "٣"}, {"CONTENT_LENGTH": "9" * 30}])  # fmt: skip
def test_a_body_of_unknown_length_is_refused(headers: dict[str, str]) -> None:
    found = too_much(asked(**headers), known=True)  # type: ignore[arg-type]
    assert found is not None
    assert found.code is LENGTH_REQUIRED


def test_a_request_without_a_body_is_nobodys_concern() -> None:
    assert too_much(asked(), known=False) is None  # type: ignore[arg-type]
    assert too_much(asked(CONTENT_LENGTH=""), known=False) is None  # type: ignore[arg-type]
