"""The operations of the face as routes. Source: docs/protocols/vxp.md §3."""

from __future__ import annotations

from lienthong.exchange.api.routes import ApiRoute
from lienthong.exchange.api.vxp import receiving, sending
from lienthong.exchange.api.vxp.face import Face


def routes(face: Face) -> list[ApiRoute]:
    """Every operation; GET beside POST where a library declares one and sends the other."""
    made = [
        face.route(
            "POST", "sendEdoc", sending.send_edoc,
            vi="Gửi một gói tin edXML.", en="Send an edXML packet.",
        ),
        face.route(
            "POST", "updateStatus", receiving.update_status,
            vi="Xác nhận đã nhận, hoặc báo lỗi.", en="Confirm a packet, or report a failure.",
        ),
    ]  # fmt: skip
    for method in ("POST", "GET"):
        made += _reading(face, method)
    return made


def _reading(face: Face, method: str) -> list[ApiRoute]:
    return [
        face.route(
            method, "getReceivedEdocList", receiving.list_received, data=[],
            vi="Danh sách gói tin chưa xác nhận.", en="Packets that are not confirmed yet.",
        ),
        face.route(
            method, "getEdoc", receiving.get_edoc,
            vi="Nội dung một gói tin, dạng Base64.", en="The content of a packet in Base64.",
        ),
        face.route(
            method, "downloadEdoc", receiving.download_edoc, empty=True,
            vi="Nội dung một gói tin, dạng tệp.", en="The content of a packet as a file.",
        ),
        face.route(
            method, "countReceiveEdoc", receiving.count_documents,
            vi="Số văn bản chưa xác nhận.", en="How many documents are not confirmed.",
        ),
        face.route(
            method, "countReceiveStatus", receiving.count_statuses,
            vi="Số trạng thái chưa xác nhận.", en="How many statuses are not confirmed.",
        ),
    ]  # fmt: skip
