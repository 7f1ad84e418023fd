"""The operations of the face as routes. Source: docs/protocols/vxp.md §3."""

from __future__ import annotations

from functools import partial

from lienthong.exchange.api.routes import ApiRoute
from lienthong.exchange.api.vxp import agencies, receiving, sending
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
    made += [
        face.route(
            "POST", "registerAgency", partial(agencies.register_agency, face),
            vi="Thêm hoặc sửa một đơn vị trực thuộc.", en="Add or correct an agency below.",
        ),
        face.route(
            "POST", "deleteAgency", partial(agencies.delete_agency, face),
            vi="Đóng một đơn vị trực thuộc.", en="Close an agency below.",
        ),
    ]  # fmt: skip
    for method in ("POST", "GET"):
        made += [*_reading(face, method), *_directory(face, method)]
    return made


def _directory(face: Face, method: str) -> list[ApiRoute]:
    return [
        face.route(
            method, "getAgenciesList", agencies.list_agencies, data=[],
            vi="Danh sách cơ quan.", en="Agencies.",
        ),
        face.route(
            method, "getAgenciesListQD20", agencies.list_agencies_2020, data=[],
            vi="Danh sách cơ quan, cả hai hệ mã.", en="Agencies with both codes.",
        ),
        face.route(
            method, "getSynchronizeUnit", agencies.synchronize, data=[],
            vi="Thay đổi của danh bạ từ lần trước.", en="What changed in the directory since the last time.",
        ),
    ]  # fmt: skip


def _reading(face: Face, method: str) -> list[ApiRoute]:
    return [
        face.route(
            method, "getReceivedEdocList", receiving.list_received, data=[],
            vi="Danh sách gói tin chưa xác nhận.", en="Packets that are not confirmed yet.",
        ),
        face.route(
            method, "getSentEdocList", receiving.list_sent, data=[],
            vi="Gói tin đã gửi và tình trạng ở từng nơi nhận.", en="What was sent and where it stands.",
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
