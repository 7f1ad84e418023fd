"""One agency of the demonstration: a connector process whose registrar and officers act by a simple script.

Statuses go out as in a real office: 01 on arrival, 03 registered, 04 assigned, 05 in progress, 06 done. A document
whose abstract says so is refused (02); a recall is agreed to (15).
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from lienthong.connector.client import Client
from lienthong.connector.poll import nothing, poll
from lienthong.connector.receiving import Received
from lienthong.edxml.model import BusinessKind, DocumentPacket
from lienthong.infra import telemetry
from lienthong.roles.cli_profile import open_client

REFUSE_MARK = "[gửi nhầm nơi nhận]"
"""A demonstration document with this in its abstract is refused by the registrar."""

STEPS = (
    (3, "Văn thư: đã tiếp nhận, vào sổ văn bản đến"),
    (4, "Lãnh đạo: đã phân công đơn vị xử lý"),
    (5, "Chuyên viên: đang xử lý"),
    (6, "Chuyên viên: đã hoàn thành"),
)


def act(client: Client, received: Received) -> None:
    """What this agency does with a delivery after taking it."""
    packet = received.packet
    if not isinstance(packet, DocumentPacket):
        return
    if packet.business.kind is BusinessKind.RECALL:
        client.answer_recall(received, True, "Văn thư: đồng ý thu hồi, đã hủy bản trên hệ thống")
        return
    client.report_status(received, 1, "Hệ thống: văn bản đã đến")
    if REFUSE_MARK in packet.subject:
        client.report_status(received, 2, "Văn thư: từ chối tiếp nhận, văn bản gửi nhầm nơi nhận")
        return
    if received.lease.envelope.urgency >= 1 or "[chờ thu hồi]" in packet.subject:
        client.report_status(received, 3, STEPS[0][1])
        return
    for code, text in STEPS:
        client.report_status(received, code, text)


class Office:
    """Acts on documents after they are acknowledged, in a thread of its own, as people would."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._todo: list[Received] = []
        self._more = threading.Condition()

    def hand_in(self, _: Client, received: Received) -> None:
        """Called by the receiving loop when the delivery is stored and acknowledged; people act later."""
        with self._more:
            self._todo.append(received)
            self._more.notify()

    def work(self, stop: threading.Event) -> None:
        """Act on one document after another."""
        with open_client(self._profile) as client:
            while not stop.is_set():
                with self._more:
                    self._more.wait_for(lambda: bool(self._todo), 0.5)
                    received = self._todo.pop(0) if self._todo else None
                if received is not None:
                    act(client, received)


def main() -> None:
    """``python -m lienthong.roles.demo_agency PROFILE``: run until told to stop."""
    profile = Path(sys.argv[1])
    telemetry.configure("info")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    office = Office(profile)
    worker = threading.Thread(target=office.work, args=(stop,), daemon=True)
    worker.start()
    with open_client(profile) as client:
        poll(client, nothing, stop, then=office.hand_in, wait=3)
    worker.join(10)


if __name__ == "__main__":
    main()
