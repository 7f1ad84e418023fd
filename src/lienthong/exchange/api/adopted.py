"""Routes that other modules declare in forms of their own, brought into the one table."""

from __future__ import annotations

from lienthong.exchange.api import directory, log, proof, tsa
from lienthong.exchange.api.log_requests import Route
from lienthong.exchange.api.routes import SMALL_BODY, Access, ApiRoute, route
from lienthong.exchange.service.directory import MAX_BYTES

_WORDS = {
    "/v1/directory/snapshot": ("Danh bạ đầy đủ, có chữ ký.", "The whole directory, signed."),
    "/v1/directory/delta": ("Thay đổi của danh bạ từ một phiên bản.", "What changed in the directory since a version."),
    "/v1/directory/agencies": ("Tìm cơ quan.", "Search agencies."),
    "/v1/directory/agencies/{code:path}": ("Một cơ quan theo mã.", "One agency by any of its codes."),
    "/v1/directory/systems": ("Các hệ thống và khóa công khai.", "Systems and their public keys."),
    "/v1/directory/systems/{system_id}": ("Một hệ thống.", "One system."),
    "/v1/directory/rows": ("Thêm, sửa, xóa dòng danh bạ.", "Put and delete rows of the directory."),
    "/v1/directory/keys": ("Hệ thống tự thêm hoặc thu hồi khóa của mình.", "A system adds or revokes its own key."),
    "/log/checkpoint": ("Điểm kiểm mới nhất của nhật ký bằng chứng.", "The newest checkpoint of the evidence log."),
    "/log/tile/{path:path}": ("Mảnh của nhật ký bằng chứng.", "Tiles of the evidence log."),
    "/log/add-checkpoint": ("Làm chứng cho điểm kiểm của trục khác.", "Cosign the checkpoint of another axis."),
    "/tsa": ("Cấp dấu thời gian (RFC 3161).", "Time-stamping (RFC 3161)."),
    "/v1/proof": ("Tệp chứng cứ của một gói tin.", "The proof file of one envelope."),
}


def directory_routes() -> list[ApiRoute]:
    """The directory's routes; changes are for the operator, but for a system's own keys."""
    return [
        route(method, path, endpoint, access=Access(who), vi=_WORDS[path][0], en=_WORDS[path][1],
              body_limit=MAX_BYTES if path == "/v1/directory/rows" else SMALL_BODY)
        for method, path, endpoint, who in directory.ROUTES
    ]  # fmt: skip


def evidence_routes() -> list[ApiRoute]:
    """The evidence log, open to anyone, and proof files for the parties."""
    return [_adopt(each) for table in (log.ROUTES, tsa.ROUTES, proof.ROUTES) for each in table]


def _adopt(each: Route) -> ApiRoute:
    access = Access.PARTY if each.system else Access.ANYONE
    vi, en = _WORDS[each.path]
    return route(each.method, each.path, each.endpoint, access=access, vi=vi, en=en)
