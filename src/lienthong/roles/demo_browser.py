"""A person's browser for the demonstration: real HTTP, forms sent as the page offers them, with their own tokens."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
import pyotp

from lienthong.base.errors import Refused
from lienthong.roles.demo_errors import DEMO_PAGE_REFUSED

STEP = 30
"""Seconds of one code of an authenticator."""

Upload = tuple[str, bytes, str]
"""Name, bytes and media type of a file that goes with a form."""


@dataclass
class Form:
    """One form of a page: where it goes, and what would be sent as it stands."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page with their values."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False
        self._text: str | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
            self._inside = True
        if not self._inside or not self.forms:
            return
        values, name = self.forms[-1].values, given.get("name", "")
        if tag == "input" and name and given.get("type", "text") not in {"submit", "button", "file"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                values[name] = given.get("value", "on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea" and name:
            self._text, values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in values):
            values[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self.forms[-1].values[self._text] += data


class Browser:
    """Signed in as one person. Refuses DEMO_PAGE_REFUSED when a page does not do what was asked."""

    def __init__(self, url: str, login: str, password: str, secret: str) -> None:
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=60)
        self.login = login
        self.send("/sign-in", "", login=login, password=password)
        try:
            self.send("/sign-in/second", "", code=pyotp.TOTP(secret).now())
        except Refused:
            # The person has used this code a moment ago; the next one comes within half a minute.
            time.sleep(STEP - time.time() % STEP + 0.5)
            self.send("/sign-in/second", "", code=pyotp.TOTP(secret).now())

    def close(self) -> None:
        """End the connection; the session ends by itself."""
        self._client.close()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def page(self, path: str) -> str:
        """The text of a page."""
        answer = self._client.get(path, follow_redirects=True)
        if answer.status_code != 200:
            raise Refused(DEMO_PAGE_REFUSED, login=self.login, page=path, status=answer.status_code)
        return answer.text

    def form(self, path: str, action: str) -> Form:
        """The form of a page whose action ends in ``action``, with what it would send as it stands."""
        parser = _Forms()
        parser.feed(self.page(path))
        found = next((each for each in parser.forms if each.action.endswith(action) and _is_own(each)), None)
        if found is None:
            raise Refused(DEMO_PAGE_REFUSED, login=self.login, page=f"{path} {action}", status="-")
        return found

    def send(self, path: str, action: str, **values: str) -> str:
        """Send the form of a page whose action ends in ``action``, changed by ``values``; where it leads."""
        return self.post(path, self.form(path, action), values)

    def post(
        self, path: str, form: Form, values: Mapping[str, str | list[str]], files: Mapping[str, Upload] | None = None
    ) -> str:
        """Send a form of the page ``path``, with files if there are any; where it leads, or empty."""
        answer = self._client.post(form.action or path, data={**form.values, **values}, files=files)
        if answer.status_code not in {200, 303}:
            raise Refused(DEMO_PAGE_REFUSED, login=self.login, page=path, status=answer.status_code)
        return str(answer.headers.get("location", ""))

    def found(self, path: str, pattern: str) -> str:
        """The first text on a page that fits ``pattern``; empty if none."""
        hit = re.search(pattern, self.page(path))
        return hit[0] if hit else ""

    def link(self, path: str, pattern: str, near: str) -> str:
        """The first address on a page that fits ``pattern`` and stands in the same row as ``near``; empty if none."""
        for row in re.split(r"<tr|<li", self.page(path)):
            found = re.search(pattern, row)
            if found and near in row:
                return found[0]
        return ""


def _is_own(form: Form) -> bool:
    """The page's own form, not the search or the menu of its frame."""
    return "csrfmiddlewaretoken" in form.values and not form.action.endswith(("/sign-out", "/language"))
