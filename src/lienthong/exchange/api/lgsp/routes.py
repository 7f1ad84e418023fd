"""The operations of the face as routes. Source: docs/protocols/lgsp.md §1."""

from __future__ import annotations

from functools import partial

from lienthong.exchange.api.lgsp import logging_in, receiving, sending
from lienthong.exchange.api.lgsp.face import Face, raw_route
from lienthong.exchange.api.routes import ApiRoute


def routes(face: Face) -> list[ApiRoute]:
    """Every operation."""
    return [
        raw_route(
            "POST", "auth/login", partial(logging_in.log_in, face), scheme=None,
            vi="Đăng nhập, lấy token 30 phút.", en="Log in for a token of 30 minutes.",
        ),
        face.route(
            "POST", "sendEdoc", sending.send_edoc,
            vi="Gửi một gói tin edXML.", en="Send an edXML packet.",
        ),
        face.route(
            "GET", "syncReceivedEdocList", receiving.list_received, data=[],
            vi="Danh sách gói tin chưa xác nhận.", en="Packets that are not confirmed yet.",
        ),
        face.route(
            "GET", "getEdoc", receiving.get_edoc,
            vi="Nội dung một gói tin, dạng Base64.", en="The content of a packet in Base64.",
        ),
        face.route(
            "POST", "updateStatus", receiving.update_status,
            vi="Xác nhận đã nhận, hoặc báo lỗi.", en="Confirm a packet, or report a failure.",
        ),
        face.route(
            "GET", "getAgenciesList", receiving.list_agencies, data=[], secret_needed=False,
            vi="Danh sách cơ quan.", en="Agencies.",
        ),
    ]  # fmt: skip
