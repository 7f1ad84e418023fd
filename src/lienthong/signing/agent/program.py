"""The agent as a whole: built over a folder and signers, served on loopback alone."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

from lienthong import __version__
from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.infra.http_limits import HttpLimits
from lienthong.signing.agent.api import Api
from lienthong.signing.agent.desk import Desk, Inspections
from lienthong.signing.agent.edge import Edge
from lienthong.signing.agent.errors import AGENT_ADDRESS_TAKEN
from lienthong.signing.agent.openapi import describe
from lienthong.signing.agent.pages import Pages
from lienthong.signing.agent.pairing import Pairing
from lienthong.signing.agent.routes import AgentRoute
from lienthong.webkit.edge.server import listening_socket, make_server
from lienthong.webkit.templates import Templates

PORT = 8093
LIMITS = HttpLimits(concurrency=64, stop_seconds=5.0)
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")


def is_origin(text: str) -> bool:
    """Whether this is an origin as a browser writes it; in the clear only on this computer."""
    return _ORIGIN.fullmatch(text) is not None


class SignAgent:
    """One agent. ``origins``: pages that may ask for signatures. ``inspections``: see :class:`Desk`."""

    def __init__(
        self, home: Path, signers: Path, origins: Sequence[str], clock: Clock, *, port: int = PORT,
        inspections: Inspections | None = None,
    ) -> None:  # fmt: skip
        self.desk = Desk(home, signers, clock, inspections)
        self.pairing = Pairing()
        self.port = port
        templates = Templates("lienthong.signing.agent")
        routes: list[AgentRoute] = []
        api = Api(self.desk, self.pairing, LIMITS, lambda: describe(routes, __version__))
        routes += [*api.routes(), *Pages(self.desk, self.pairing, templates).routes()]
        self.edge = Edge(routes, self.pairing, templates, origins, LIMITS)

    @property
    def address(self) -> str:
        """Where the official's browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def listen(self) -> socket.socket:
        """Take the address, on loopback and nowhere else; port 0 takes a free one. Refuses AGENT_ADDRESS_TAKEN."""
        taken = listen_on(self.port)
        self.port = taken.getsockname()[1]
        return taken

    def run(self, listening: socket.socket, stop: threading.Event) -> None:
        """Serve until ``stop`` is set; a signing under way comes to its end."""
        server = make_server(self.edge, "127.0.0.1", self.port, LIMITS)
        serving = threading.Thread(target=server.run, args=([listening],), name="agent", daemon=True)
        serving.start()
        stop.wait()
        server.should_exit = True
        serving.join(LIMITS.stop_seconds + 5)
        self.desk.wait(60.0)


def listen_on(port: int, address: str = "127.0.0.1") -> socket.socket:
    """An address of this computer, loopback unless another is named. Refuses AGENT_ADDRESS_TAKEN."""
    try:
        return listening_socket(address, port)
    except OSError as error:
        raise Refused(AGENT_ADDRESS_TAKEN, address=f"{address}:{port}") from error
