"""The ACME server over HTTP: its resources, and what every request and answer has in common.

Source: RFC 8555 clauses 6.1-6.7 and 7. Requests are POST with a signature, also those that only read; every answer to
one bears a fresh nonce, a refusal as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.infra.http_limits import HttpLimits
from lienthong.signing.pki.acme.accounts import Accounts
from lienthong.signing.pki.acme.errors import (
    ACME_ACCOUNT_UNKNOWN,
    ACME_KEY_TAKEN,
    ACME_MEDIA_TYPE_WRONG,
    ACME_METHOD_NOT_OFFERED,
    ACME_NOT_ENTITLED,
    ACME_NOT_FOUND,
    ACME_URL_WRONG,
)
from lienthong.signing.pki.acme.jws import MAXIMUM_BYTES, malformed, parse_object, read
from lienthong.signing.pki.acme.nonces import Nonces
from lienthong.signing.pki.acme.orders import Orders
from lienthong.signing.pki.acme.problems import MEDIA_TYPE, problem
from lienthong.signing.pki.acme.records import Account, Authorization, Order, Status
from lienthong.signing.pki.register import Register
from lienthong.trust.keys import PublicKey
from lienthong.webkit.edge.bodies import PeerGone, read_small

LIMITS = HttpLimits(concurrency=200, stop_seconds=5.0)
POLL_SECONDS = "1"
_CHAIN = "application/pem-certificate-chain"
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose signature was checked. ``account``: whose key it is, None for ``jwk``; ``which``: of the path."""

    account: Account | None
    key: PublicKey
    payload: bytes
    which: str

    @property
    def owner(self) -> Account:
        """The account. Refuses ACME_REQUEST_MALFORMED where ``jwk`` was used instead of ``kid`` (clause 6.2)."""
        if self.account is None:
            raise malformed("cần kid", "kid is needed")
        return self.account

    @property
    def members(self) -> dict[str, object]:
        """The payload as an object. Refuses ACME_REQUEST_MALFORMED."""
        return parse_object(self.payload)

    def require_empty(self) -> None:
        """For what is only read (POST-as-GET, clause 6.3). Refuses ACME_REQUEST_MALFORMED."""
        if self.payload:
            raise malformed("payload phải rỗng", "the payload must be empty")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a resource answers; ``body``: an object as JSON, or bytes of ``media_type``."""

    body: dict[str, object] | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


class AcmeApp:
    """The resources below ``/acme``. ``base``: ``https://name:port``, as clients sign it."""

    def __init__(self, accounts: Accounts, orders: Orders, register: Register, base: str) -> None:
        self._accounts, self._orders, self._register, self._base = accounts, orders, register, base
        self._nonces = Nonces()
        posts: dict[str, Callable[[Asked], Answer]] = {
            "new-account": self._new_account, "new-order": self._new_order, "revoke-cert": self._revoke,
            "key-change": self._key_change, "account/{which}": self._account, "account/{which}/orders": self._list,
            "order/{which}": self._order, "order/{which}/finalize": self._finalize,
            "authorization/{which}": self._authorization, "challenge/{which}": self._challenge,
            "certificate/{which}": self._certificate,
        }  # fmt: skip
        self.app = Starlette(
            routes=[
                Route("/acme/directory", self._directory), Route("/acme/new-nonce", self._new_nonce),
                *(Route(f"/acme/{path}", self._posted(call), methods=["POST"]) for path, call in posts.items()),
            ],
            exception_handlers={Refused: self._refused, HTTPException: self._refused},
        )  # fmt: skip
        self.app.router.redirect_slashes = False

    def url(self, path: str) -> str:
        """The whole address of a resource."""
        return f"{self._base}/acme/{path}"

    async def _directory(self, _: Request) -> Response:
        names = {
            "newNonce": "new-nonce", "newAccount": "new-account", "newOrder": "new-order", "revokeCert": "revoke-cert",
            "keyChange": "key-change",
        }  # fmt: skip
        found: dict[str, object] = {name: self.url(path) for name, path in names.items()}
        found["meta"] = {"externalAccountRequired": self._accounts.external.required}
        return Response(json.dumps(found), media_type="application/json", headers=_NO_STORE)

    async def _new_nonce(self, request: Request) -> Response:
        return Response(status_code=200 if request.method == "HEAD" else 204, headers=self._common())

    def _common(self) -> dict[str, str]:
        return {"Replay-Nonce": self._nonces.fresh(), "Link": f'<{self.url("directory")}>;rel="index"', **_NO_STORE}

    def _posted(self, call: Callable[[Asked], Answer]) -> Callable[[Request], object]:
        async def answered(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/jose+json":
                raise Refused(ACME_MEDIA_TYPE_WRONG)
            try:
                body, _ = await read_small(request.scope, request.receive, LIMITS, MAXIMUM_BYTES)
            except PeerGone:
                body = b""
            return await run_in_threadpool(
                lambda: self._response(call(self._asked(request.url.path, request.path_params.get("which", ""), body)))
            )

        return answered

    def _asked(self, path: str, which: str, body: bytes) -> Asked:
        """Clauses 6.2-6.5, in the order in which a refusal tells most."""
        message = read(parse_object(body))
        if message.url != self._base + path:
            raise Refused(ACME_URL_WRONG)
        self._nonces.spend(message.nonce)
        account, key = None, message.key
        if message.kid is not None:
            prefix = self.url("account/")
            if not message.kid.startswith(prefix):
                raise Refused(ACME_ACCOUNT_UNKNOWN)
            account = self._accounts.usable(message.kid.removeprefix(prefix))
            key = account.key
        if key is None:
            raise malformed("jwk hoặc kid", "jwk or kid")
        message.require_signed_by(key)
        return Asked(account, key, message.parts.payload, which)

    def _response(self, answer: Answer) -> Response:
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body, ensure_ascii=False).encode()
        headers = self._common()
        if "Link" in answer.headers:
            headers["Link"] += ", " + answer.headers["Link"]
        return Response(body, answer.status, {**answer.headers, **headers}, answer.media_type)

    async def _refused(self, request: Request, fault: Exception) -> Response:
        refusal = fault if isinstance(fault, Refused) else Refused(ACME_NOT_FOUND)
        headers = self._common()
        if isinstance(fault, HTTPException) and fault.status_code == 405:
            wanted = "GET" if request.url.path in {"/acme/directory", "/acme/new-nonce"} else "POST"
            refusal, headers["Allow"] = Refused(ACME_METHOD_NOT_OFFERED, wanted=wanted), wanted
        if refusal.code is ACME_KEY_TAKEN:
            headers["Location"] = self.url(f"account/{refusal.params['account']}")
        if refusal.code.http in {429, 503, 507}:
            headers["Retry-After"] = "60"
        body = json.dumps(problem(refusal), ensure_ascii=False).encode()
        return Response(body, refusal.code.http, headers, MEDIA_TYPE)

    def _new_account(self, asked: Asked) -> Answer:
        if asked.account is not None:
            raise malformed("cần jwk", "jwk is needed")
        account, is_new = self._accounts.open(asked.key, asked.members, self.url("new-account"))
        return self._told_account(account, 201 if is_new else 200)

    def _account(self, asked: Asked) -> Answer:
        account = self._same(asked)
        return self._told_account(self._accounts.update(account, asked.members) if asked.payload else account)

    def _same(self, asked: Asked) -> Account:
        if asked.owner.id != asked.which:
            raise Refused(ACME_NOT_ENTITLED)
        return asked.owner

    def _key_change(self, asked: Asked) -> Answer:
        location = self.url(f"account/{asked.owner.id}")
        return self._told_account(
            self._accounts.change_key(asked.owner, location, asked.payload, self.url("key-change"))
        )

    def _told_account(self, account: Account, status: int = 200) -> Answer:
        location = self.url(f"account/{account.id}")
        body: dict[str, object] = {
            "status": account.status.value, "contact": list(account.contact), "orders": f"{location}/orders",
        }  # fmt: skip
        return Answer(body, status, {"Location": location})

    def _list(self, asked: Asked) -> Answer:
        asked.require_empty()
        found = self._orders.of(self._same(asked))
        return Answer({"orders": [self.url(f"order/{each.id}") for each in found]})

    def _new_order(self, asked: Asked) -> Answer:
        return self._told_order(self._orders.place(asked.owner, asked.members), 201)

    def _order(self, asked: Asked) -> Answer:
        asked.require_empty()
        return self._told_order(self._orders.order(asked.owner, asked.which))

    def _finalize(self, asked: Asked) -> Answer:
        return self._told_order(self._orders.finalize(asked.owner, asked.which, asked.members))

    def _told_order(self, order: Order, status: int = 200) -> Answer:
        location = self.url(f"order/{order.id}")
        body: dict[str, object] = {
            "status": order.status.value, "expires": to_text(order.expires_at),
            "identifiers": [each.members() for each in order.identifiers],
            "authorizations": [self.url(f"authorization/{each}") for each in order.authorizations],
            "finalize": f"{location}/finalize",
        }  # fmt: skip
        if order.status is Status.VALID:
            body["certificate"] = self.url(f"certificate/{order.serial:x}")
        if order.problem is not None:
            body["error"] = order.problem
        waits = order.status in {Status.PENDING, Status.PROCESSING}
        return Answer(body, status, {"Location": location, **({"Retry-After": POLL_SECONDS} if waits else {})})

    def _authorization(self, asked: Asked) -> Answer:
        if not asked.payload:
            found = self._orders.authorization(asked.owner, asked.which)
        elif asked.members.get("status") == Status.DEACTIVATED.value:
            found = self._orders.deactivate(asked.owner, asked.which)
        else:
            raise malformed("status chỉ nhận deactivated", "status can only become deactivated")
        body: dict[str, object] = {
            "status": found.status.value, "expires": to_text(found.expires_at),
            "identifier": found.identifier.members(), "challenges": [self._told_challenge(found)],
        }  # fmt: skip
        return Answer(body, headers={"Retry-After": POLL_SECONDS} if found.status is Status.PENDING else {})

    def _challenge(self, asked: Asked) -> Answer:
        if asked.payload:
            _ = asked.members
            found = self._orders.prove(asked.owner, asked.which)
        else:
            found = self._orders.authorization(asked.owner, asked.which)
        headers = {"Link": f'<{self.url(f"authorization/{found.id}")}>;rel="up"'}
        if found.challenge is Status.PROCESSING:
            headers["Retry-After"] = POLL_SECONDS
        return Answer(self._told_challenge(found), headers=headers)

    def _told_challenge(self, found: Authorization) -> dict[str, object]:
        body: dict[str, object] = {
            "type": "http-01", "url": self.url(f"challenge/{found.id}"), "status": found.challenge.value,
            "token": found.token,
        }  # fmt: skip
        if found.validated_at is not None:
            body["validated"] = to_text(found.validated_at)
        if found.problem is not None:
            body["error"] = found.problem
        return body

    def _certificate(self, asked: Asked) -> Answer:
        asked.require_empty()
        own = self._orders.certificate(asked.owner, asked.which).certificate
        chain = [each.public_bytes(Encoding.PEM) for each in (own, self._register.issuing.certificate)]
        return Answer(b"".join(chain), media_type=_CHAIN)

    def _revoke(self, asked: Asked) -> Answer:
        self._orders.revoke(asked.account, asked.key, asked.members)
        return Answer(b"")
