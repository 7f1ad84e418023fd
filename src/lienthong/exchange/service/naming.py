"""Plain words for events and states, Vietnamese and English, as a trace shows them."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.exchange.model.delivery import State
from lienthong.wire.canonical import Json
from lienthong.wire.event import EventName

EVENTS: Mapping[EventName, tuple[str, str]] = {
    EventName.SUBMISSION_ACCEPTANCE: ("Trục đã tiếp nhận", "Accepted by the axis"),
    EventName.SUBMISSION_REJECTION: ("Trục từ chối", "Refused by the axis"),
    EventName.CONTENT_CONSIGNMENT: ("Sẵn sàng cho nơi nhận", "Available to the recipient"),
    EventName.CONTENT_CONSIGNMENT_FAILURE: ("Cách ly, chờ xử lý", "In quarantine"),
    EventName.CONTENT_HANDOVER: ("Nơi nhận đã nhận đủ và ký xác nhận", "Handed over, signed for by the recipient"),
    EventName.CONSIGNMENT_REJECTION: ("Nơi nhận từ chối", "Refused by the recipient"),
    EventName.EXPIRY: ("Quá hạn nhận", "Not taken before the deadline"),
    EventName.RECALL: ("Đã thu hồi", "Recalled"),
    EventName.BUSINESS_STATUS: ("Trạng thái xử lý", "Business status"),
}
STATES: Mapping[State, tuple[str, str]] = {
    State.WAITING: ("Chờ văn bản trước", "Waits for an earlier message"),
    State.AVAILABLE: ("Chờ nhận", "Available"),
    State.LEASED: ("Đang nhận", "Being taken"),
    State.DELIVERED: ("Đã giao", "Delivered"),
    State.REFUSED: ("Bị từ chối", "Refused"),
    State.EXPIRED: ("Quá hạn nhận", "Expired"),
    State.RECALLED: ("Đã thu hồi", "Recalled"),
    State.QUARANTINED: ("Cách ly", "In quarantine"),
}
RELATIONS: Mapping[int, str] = {-1: "status", 0: "document", 1: "recall", 2: "update", 3: "replacement"}
"""What an envelope is to the document that it refers to."""


def event_words(name: EventName, details: Mapping[str, Json]) -> tuple[str, str]:
    """The event in words; a second D.1 says why there is one."""
    vi, en = EVENTS[name]
    if "requeued_by" in details:
        return f"{vi} (sau cách ly)", f"{en} (after quarantine)"
    if name is EventName.CONTENT_CONSIGNMENT and "by" in details:
        return f"{vi} (bổ sung nơi nhận)", f"{en} (receiver added)"
    return vi, en
