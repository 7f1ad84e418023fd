"""Hand prepared documents to a signing agent from a program of the same computer, and fetch their signatures."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.errors import AGENT_NOT_USABLE
from lienthong.signing.jobs import Entry
from lienthong.trust.keys import Algorithm
from lienthong.trust.signer import from_der

_TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class AgentClient:
    """One paired program. Every method refuses AGENT_NOT_USABLE with the agent's own words."""

    def __init__(self, url: str, code: str) -> None:
        """``code``: what the agent's window shows. Refuses AGENT_NOT_USABLE."""
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=_TIMEOUT, trust_env=False)
        token = self._ask("POST", "/v1/pair", json={"code": code})["token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        self._http.close()

    def signers(self) -> list[dict[str, Any]]:
        """Who can sign there, with certificates in DER and base64."""
        found: list[dict[str, Any]] = self._ask("GET", "/v1/signers")["signers"]
        return found

    def hand_over(self, signer: str, title: str, documents: Sequence[tuple[Entry, bytes | Path]]) -> dict[str, Any]:
        """A new batch with all its contents; ``page`` of the answer is where the official signs."""
        rows = [
            {"name": each.name, "number": each.number, "abstract": each.abstract, "purpose": each.purpose,
             "to_sign": base64.b64encode(each.to_sign).decode()}
            for each, _ in documents
        ]  # fmt: skip
        made = self._ask("POST", "/v1/batches", json={"signer": signer, "title": title, "documents": rows})
        for number, (_, content) in enumerate(documents, 1):
            with _body(content) as (body, size):
                path = f"/v1/batches/{made['batch']}/documents/{number}"
                self._ask("PUT", path, content=body, headers={"Content-Length": str(size)})
        return made

    def state(self, batch: str) -> dict[str, Any]:
        """How a batch stands."""
        return self._ask("GET", f"/v1/batches/{batch}")

    def signatures(self, batch: str) -> dict[int, bytes]:
        """What was signed, by number; ECDSA as ``r || s``, as a :class:`~lienthong.trust.signer.Signer` gives it."""
        return {
            row["number"]: from_der(Algorithm(row["algorithm"]), base64.b64decode(row["signature"]))
            for row in self._ask("GET", f"/v1/batches/{batch}/signatures")["signatures"] if row["signature"]
        }  # fmt: skip

    def wait(self, batch: str, told: Callable[[dict[str, Any]], None], pause: float = 1.0) -> dict[int, bytes]:
        """Wait until every document is signed or declined; the signatures. ``told``: every state on the way."""
        while True:
            state = self.state(batch)
            told(state)
            if not any(state["counts"][each] for each in ("waiting", "ready", "shown")):
                return self.signatures(batch)
            time.sleep(pause)

    def remove(self, batch: str) -> None:
        """Let the agent forget a batch."""
        self._ask("DELETE", f"/v1/batches/{batch}")

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **more)
            members = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as error:
            why = one_line(f"{type(error).__name__} {error}", 120)
            raise Refused(AGENT_NOT_USABLE, url=self.url, why_vi=why, why_en=why) from error
        if not isinstance(members, dict) or answer.status_code >= 400:
            vi, en = (str(members.get(f"title_{each}", answer.status_code)) for each in ("vi", "en"))
            raise Refused(AGENT_NOT_USABLE, url=self.url, why_vi=one_line(vi, 300), why_en=one_line(en, 300))
        return members


@contextmanager
def _body(content: bytes | Path) -> Iterator[tuple[Any, int]]:
    if isinstance(content, bytes):
        yield content, len(content)
        return
    with content.open("rb") as file:
        yield iter(lambda: file.read(1 << 18), b""), content.stat().st_size
