"""The local face as a whole: built over a courier, served by one guarded server in a thread of its own."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong import __version__
from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.connector.courier.engine import Courier
from lienthong.connector.local.asking import Questions
from lienthong.connector.local.calling import Caller
from lienthong.connector.local.desk import Desk
from lienthong.connector.local.edge import Edge
from lienthong.connector.local.errors import LOCAL_ADDRESS_TAKEN
from lienthong.connector.local.forms import Uploads
from lienthong.connector.local.hooks import Webhooks
from lienthong.connector.local.inbox import InboxDesk
from lienthong.connector.local.jobs import Jobs
from lienthong.connector.local.openapi import describe
from lienthong.connector.local.pages import Pages
from lienthong.connector.local.routes import Access, LocalRoute, route
from lienthong.connector.local.sessions import Sessions
from lienthong.connector.local.signing_in import SigningIn
from lienthong.connector.local.taken import Taken
from lienthong.connector.local.targets import Targets
from lienthong.connector.local.telling import Events
from lienthong.connector.local.tokens import Tokens
from lienthong.infra.http_limits import HttpLimits
from lienthong.webkit.edge.server import listening_socket, make_server
from lienthong.webkit.templates import Templates

LIMITS = HttpLimits(concurrency=200, stop_seconds=5.0)
HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class FaceSettings:
    """``host``/``port``: where to listen. ``hosts``: further names by which we may be called. ``max_upload``: bytes of
    one request. ``webhook_targets``: networks that webhooks may go to. ``webhook_days``: silence after which a
    subscriber is given up."""

    host: str = "127.0.0.1"
    port: int = 8091
    hosts: Sequence[str] = ()
    max_upload: int = 2048 * 10**6
    webhook_targets: Sequence[str] = ("127.0.0.0/8", "::1/128")
    webhook_days: float = 7.0


def local_folder(spool: Path) -> Path:
    """Where the local face keeps what is its own."""
    return spool / "local"


class LocalFace:
    """REST, events, webhooks and pages over one courier. ``limits``: of the edge, for tests."""

    def __init__(
        self, courier: Courier, spool: Path, settings: FaceSettings, clock: Clock, limits: HttpLimits = LIMITS
    ) -> None:
        folder = local_folder(spool)
        targets = Targets(settings.webhook_targets)
        tokens = Tokens(folder, clock)
        hooks = Webhooks(folder / "webhooks", targets, clock)
        self.desk = Desk(
            courier=courier,
            spool=spool,
            clock=clock,
            tokens=tokens,
            sessions=Sessions(tokens),
            taken=Taken(folder, clock),
            hooks=hooks,
            caller=Caller(hooks, targets, courier.events, clock, settings.webhook_days),
            uploads=Uploads(folder / "uploads", limits, settings.max_upload),
            templates=Templates("lienthong.connector.local"),
            loopback=_is_loopback(settings.host),
        )
        self._settings, self._limits = settings, limits
        hosts = {*HOSTS, *(each.lower() for each in settings.hosts), _in_header(settings.host)}
        self.edge = Edge(self._routes(), tokens, self.desk.sessions, self.desk.templates, sorted(hosts), limits)

    def _routes(self) -> list[LocalRoute]:
        jobs, pages = Jobs(self.desk), Pages(self.desk)

        async def described(_: Request) -> Response:
            return JSONResponse(describe(pages.described, __version__))

        pages.described = [
            *jobs.routes(), *InboxDesk(self.desk, jobs).routes(), *Events(self.desk).routes(),
            *Questions(self.desk).routes(),
            route("GET", "/v1/openapi.json", described, access=Access.ANYONE, vi="Mô tả giao diện.",
                  en="Description of the interface."),
            *SigningIn(self.desk).routes(), *pages.routes(),
        ]  # fmt: skip
        return pages.described

    def listen(self) -> socket.socket:
        """Take the address. Refuses LOCAL_ADDRESS_TAKEN."""
        host, port = self._settings.host, self._settings.port
        try:
            return listening_socket(host, port, 256)
        except OSError as error:
            raise Refused(LOCAL_ADDRESS_TAKEN, address=f"{host}:{port}") from error

    def run(self, listening: socket.socket, stop: threading.Event) -> None:
        """Serve until ``stop`` is set; requests under way are finished."""
        server = make_server(self.edge, self._settings.host, self._settings.port, self._limits)
        calling = threading.Thread(target=self.desk.caller.run, args=(stop,), name="webhooks", daemon=True)
        calling.start()
        serving = threading.Thread(target=server.run, args=([listening],), name="local", daemon=True)
        serving.start()
        stop.wait()
        server.should_exit = True
        serving.join(self._limits.stop_seconds + 5)
        calling.join(15)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_header(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()
