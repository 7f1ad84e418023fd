"""The receiving loop of a connector: store, hand to the agency's software, acknowledge; survive whatever that does."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.client import Client
from lienthong.connector.errors import AxisRefused
from lienthong.connector.receiving import Received
from lienthong.infra import telemetry

Handle = Callable[[Client, Received], None]
"""Takes one stored delivery into the agency's software; durable when it returns. Raising means: not now."""


def nothing(_: Client, __: Received) -> None:
    """A step without anything to do."""


def poll(
    client: Client,
    handle: Handle,
    stop: threading.Event,
    *,
    then: Handle = nothing,
    wait: int = 20,
    pause: float = 2.0,
) -> None:
    """Receive until told to stop. One delivery that cannot be handled never holds up the next.

    ``handle`` runs before the acknowledgement, ``then`` after it.

    The software is called *before* the acknowledgement, so a crash in between offers the delivery again; the software
    sees the same folder a second time and must take that as the same document.
    """
    while not stop.is_set():
        try:
            for received in client.receive(wait=wait):
                _take(client, received, handle, then)
                if stop.is_set():
                    return
        except (Refused, AxisRefused) as refused:
            telemetry.warning("poll.paused", code=refused.code if isinstance(refused.code, str) else refused.code.name)
            stop.wait(pause)


def _take(client: Client, received: Received, handle: Handle, then: Handle) -> None:
    failure = attempt("poll.handler_failed", lambda: handle(client, received))
    if failure is not None:
        client.fail(received, type(failure).__name__, one_line(str(failure) or "lỗi phần mềm", 300))
        return
    try:
        client.take(received)
    except AxisRefused as refused:
        telemetry.warning("poll.not_taken", code=refused.code)
        return
    # The delivery is taken and stays so, whatever comes out of this.
    attempt("poll.afterwards_failed", lambda: then(client, received))


def attempt(event: str, step: Callable[[], object]) -> Exception | None:
    """Run foreign software; what came out of it, if anything did.

    The one place in the connector where everything is caught: a failure of the agency's software on a delivery is
    told to the axis with its reason, and the axis offers the delivery again or, in the end, sets it aside.
    """
    try:
        step()
    except AxisRefused as failure:
        telemetry.warning(event, code=failure.code)
        return failure
    except Exception as failure:  # noqa: BLE001 - said above
        telemetry.fault(event, failure)
        return failure
    return None
