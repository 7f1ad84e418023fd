"""The way of an outgoing document: drafted, reviewed, signed, numbered, sealed, issued; every duty by another person."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from lienthong.base.errors import Refused
from lienthong.office.models import Delivery, Message, NumberEntry
from lienthong.office.services.reviewing import Check
from lienthong.office.states import DeliveryState, Outgoing
from lienthong.trust.pdf.files import all_fields, open_reader
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from outgoing_world import OutgoingAgency, make_outgoing


@pytest.fixture
def world(office_installation, agency_number) -> OutgoingAgency:
    return make_outgoing(agency_number)


def test_a_draft_becomes_an_issued_document_whose_signatures_are_all_valid(
    world: OutgoingAgency, tmp_path: Path
) -> None:
    document = world.issued()
    found = world.look(document)
    assert found.state == Outgoing.ISSUED.value
    assert found.number_and_symbol == "01/QĐ-STN"
    assert found.identifier == f"{world.made.agency.code},{found.issued_date:%Y/%m/%d},01/QĐ-STN"
    data = world.bytes_of(document)
    fields = all_fields(open_reader(io.BytesIO(data)))
    assert fields == {"SoNgay": True, "NguoiKy01": True, "CoQuan": True}
    file = tmp_path / "issued.pdf"
    file.write_bytes(data)
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 3, said
    with acting_for(world.made.agency.pk):
        assert NumberEntry.objects.get(document=document).number == 1
        rows = {each.name: each.state for each in Delivery.objects.filter(document=document)}
        assert rows == {
            "UBND tỉnh Thử Nghiệm": DeliveryState.SENDING.value, "Sở Tài chính Thử Nghiệm": DeliveryState.SENDING.value,
            "Thư viện tỉnh": DeliveryState.PLANNED.value,
        }  # fmt: skip
        message = Message.objects.get(document=document)
        assert (message.kind, message.key, message.members["to"]) == (
            "document",
            f"document-{document}",
            ["H99", "H99.02"],
        )


def test_nothing_is_signed_before_content_and_form_are_approved(world: OutgoingAgency) -> None:
    document = world.draft()
    with pytest.raises(Refused) as refused:
        world.sign(document)
    assert refused.value.code.name == "STEP_NOT_POSSIBLE"
    world.submit(document)
    world.approve(document, Check.CONTENT, Duty.UNIT_HEAD)
    with pytest.raises(Refused):
        world.sign(document)
