"""Documents whose pages are looked at in tests: read and registered as the worker and the registrar do it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from incoming_world import arrived, fields
from lienthong.office.models import Arrival, Document
from lienthong.office.services.examining import examine
from lienthong.office.services.registering import register
from lienthong.office.services.storing import add_file, keep
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, visit_of_worker, working_as


def looked_at(made: OfficeAgency, data: bytes, more: Sequence[bytes] = ()) -> Arrival:
    """An arrival with a file, and attachments, that the worker has read."""
    arrival = arrived(made, data=data, state="checking", fields={})
    with working_as(made, Duty.REGISTRAR) as visit:
        for slot, each in enumerate(more, 1):
            name = f"phu-luc-{slot}.pdf"
            add_file(visit, arrival, keep(io.BytesIO(each), name), name, slot=slot, role="attachment")
    with visit_of_worker(made) as worker:
        examine(worker, arrival)
    return arrival


def readable_document(made: OfficeAgency, data: bytes, more: Sequence[bytes] = (), **given: object) -> Document:
    """The same, registered."""
    arrival = looked_at(made, data, more)
    with working_as(made, Duty.REGISTRAR) as visit:
        return register(visit, arrival, fields(**given))
