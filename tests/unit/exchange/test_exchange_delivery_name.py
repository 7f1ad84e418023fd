"""Names of deliveries: safe, reversible, and bound to their envelope."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.ids import DeliveryId, EnvelopeId
from lienthong.exchange.model.delivery_name import MOST, delivery_name, named_delivery

NUMBERS, ENVELOPES = st.integers(1, MOST).map(DeliveryId), st.uuids().map(EnvelopeId)


@given(NUMBERS, ENVELOPES)
def test_a_name_gives_its_delivery_back(number, envelope):
    name = delivery_name(number, envelope)
    assert name.version == 8
    assert re.fullmatch(r"[0-9A-Za-z-]+", str(name))
    assert named_delivery(str(name)) == (number, name)
    assert named_delivery(str(name).upper()) == (number, name)


@given(NUMBERS, ENVELOPES, ENVELOPES)
def test_a_name_belongs_to_one_envelope(number, envelope, other):
    assert (delivery_name(number, envelope) == delivery_name(number, other)) == (envelope == other)


@given(st.lists(NUMBERS, min_size=2, unique=True), ENVELOPES)
def test_names_of_different_deliveries_differ(numbers, envelope):
    assert len({delivery_name(each, envelope) for each in numbers}) == len(numbers)


@given(st.text(max_size=60) | st.uuids().map(str))
def test_anything_else_is_no_name_or_fits_no_envelope(text):
    found = named_delivery(text)
    assert found is None or UUID(text).version == 8


@pytest.mark.parametrize("number", [0, MOST + 1])
def test_a_number_out_of_range_has_no_name(number):
    with pytest.raises(ValueError, match="60 bits"):
        delivery_name(DeliveryId(number), EnvelopeId(UUID(int=1)))
