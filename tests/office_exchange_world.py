"""An office whose agencies are on a real axis over one courier, and documents that are ready to leave it."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from axis_process import Party, agency_row, new_signer, system_row, wait_for
from courier_process import write_config
from fixtures_axis import Town
from lienthong.infra.config import load
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.office.models import Delivery, Document, Message
from lienthong.office.services.arriving import take_file
from lienthong.office.services.storing import add_file
from lienthong.office.states import Channel, DeliveryState, Direction, Outgoing
from lienthong.roles.connector import open_courier
from lienthong.roles.office_courier import CourierCarrier
from lienthong.roles.office_exchange import Exchange
from lienthong.roles.office_works import Checks
from lienthong.trust.keys import PublicKey
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, make_agency, working_as
from official_document import decision

CODES = ("000.00.51.H26", "000.00.52.H26")


@dataclass
class OfficeOnAxis:
    """Two agencies of one installation, their common courier's configuration, and the other agencies of the axis."""

    town: Town
    config: Path
    agencies: tuple[OfficeAgency, ...]
    folder: Path
    public_key: PublicKey
    checks: Checks = field(default_factory=Checks)

    @property
    def others(self) -> list[Party]:
        return list(self.town)

    @contextmanager
    def exchanging(self) -> Iterator[Callable[[], None]]:
        """The courier running; what is given does one round of everything that the worker does with it."""
        stop = threading.Event()
        with open_courier(load(self.config, ConnectorConfig)) as courier:
            running = threading.Thread(target=courier.run, args=(stop,))
            running.start()
            exchange = Exchange(CourierCarrier(courier), self.folder / "exchange.json")

            def round_() -> None:
                exchange.send()
                exchange.receive()
                self.checks.run()

            try:
                yield round_
            finally:
                stop.set()
                running.join()


def put_on_axis(town: Town, folder: Path, first_number: int, codes: tuple[str, str] = CODES) -> OfficeOnAxis:
    """Register the office's system and its agencies on the axis, and make them here."""
    signer = new_signer()
    rows = [agency_row(code, f"Cơ quan {code}") for code in codes]
    town.axis.change_directory([*rows, system_row("sys-office", codes, signer)])
    asking = next(iter(town)).client.connection
    wait_for(lambda: codes[1] in asking.request("GET", "/v1/directory/snapshot").text, "the axis knows the agencies")
    party = Party("sys-office", codes[0], signer, None, folder)  # type: ignore[arg-type]  # its client is not used
    agencies = "[" + ", ".join(f'"{code}"' for code in codes) + "]"
    config = write_config(folder / "connector", party, town.axis, agencies=agencies)
    made = tuple(make_agency(first_number + n, code) for n, code in enumerate(codes))
    return OfficeOnAxis(town, config, made, folder, signer.public_key)


def issued(made: OfficeAgency, number: str, to: Sequence[str], pages: int = 1, **members: Any) -> int:
    """An issued document with a file, a delivery for each recipient, and the message that asks to send it; its id."""
    with working_as(made, Duty.REGISTRAR) as visit:
        now = datetime.now(UTC)
        document = Document.objects.create(
            agency=made.agency, direction=Direction.OUTGOING.value, state=Outgoing.ISSUED.value, number=number,
            symbol="CV-STN", kind="Công văn", issued_date=visit.today, issuer_name=made.agency.name,
            issuer_code=made.agency.code, abstract=f"V/v thử nghiệm số {number}", signer_name="Người Thử Ký",
            signer_position="GIÁM ĐỐC", to_places="Như trên; Lưu: VT", created_at=now, issued_at=now,
            drafter=made.people[Duty.CASE_OFFICER], pages=pages,
        )  # fmt: skip
        kept, name = take_file(io.BytesIO(decision(pages=pages)), f"{number}.pdf")
        file = add_file(visit, document, kept, name, slot=0, role="document")
        for code in to:
            Delivery.objects.create(
                agency=made.agency, document=document, code=code, name=f"Cơ quan {code}", channel=Channel.AXIS.value,
                state=DeliveryState.SENDING.value,
            )  # fmt: skip
        Message.objects.create(
            agency=made.agency, document=document, kind="document", key=f"document-{document.pk}",
            members={"to": list(to), "files": [file.pk], **members}, made_at=now,
        )  # fmt: skip
        return int(document.pk)


def until(round_: Callable[[], None], condition: Callable[[], Any], what: str, seconds: float = 40) -> Any:
    """Do rounds until a condition holds."""

    def again() -> Any:
        round_()
        return condition()

    return wait_for(again, what, seconds)


def see(made: OfficeAgency, work: Callable[[], Any]) -> Any:
    """What the tables of an agency hold."""
    with working_as(made, Duty.REGISTRAR), transaction.atomic():
        return work()
