"""What can go wrong at the agency's side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lienthong.base.errors import Language, Retry, define

AXIS_UNREACHABLE = define(
    "AXIS_UNREACHABLE",
    Retry.TRANSIENT,
    503,
    vi="Không kết nối được tới trục liên thông tại {url}: {why}.",
    en="The axis at {url} cannot be reached: {why}.",
    do_vi="Kiểm tra địa chỉ và đường truyền. Gói tin được giữ lại: đầu nối tự gửi tiếp (lệnh tay: «lienthong resume»).",
    do_en="Check the address and the line. The envelope is kept: a connector sends it on (or “lienthong resume”).",
)
AXIS_ANSWER_NOT_VALID = define(
    "AXIS_ANSWER_NOT_VALID",
    Retry.INDETERMINATE,
    502,
    vi="Trả lời của trục liên thông không hợp lệ: {why}.",
    en="The answer of the axis is not valid: {why}.",
    do_vi="Không coi văn bản là đã gửi. Kiểm tra khóa của trục đã khai trong cấu hình và báo cho đơn vị vận hành trục.",
    do_en="Do not take the document as sent. Check the axis key in your profile and tell the operator of the axis.",
)
DELIVERY_NOT_VALID = define(
    "DELIVERY_NOT_VALID",
    Retry.PERMANENT,
    422,
    vi="Văn bản nhận được không qua được kiểm tra: {why}.",
    en="The document received does not stand the check: {why}.",
    do_vi="Văn bản không được nhận vào hệ thống; trục liên thông đã được báo lý do.",
    do_en="The document was not taken; the axis has been told why.",
)
DOCUMENT_UNKNOWN_HERE = define(
    "DOCUMENT_UNKNOWN_HERE",
    Retry.PERMANENT,
    404,
    vi="Không thấy văn bản «{document}» trong các văn bản đã gửi hoặc đã nhận của cơ quan {agency}.",
    en="There is no document “{document}” among those sent or received by agency {agency}.",
    do_vi="Kiểm tra lại mã văn bản hoặc mã gói tin; dùng «lienthong inbox» hoặc «lienthong outbox» để xem danh sách.",
    do_en="Check the document or envelope identifier; “lienthong inbox” and “lienthong outbox” list them.",
)
DOWNLOAD_DAMAGED = define(
    "DOWNLOAD_DAMAGED",
    Retry.TRANSIENT,
    502,
    vi="Tệp «{name}» tải về không đúng mã băm trong gói tin.",
    en="File “{name}” did not arrive as the envelope describes it.",
    do_vi="Văn bản chưa được nhận; trục sẽ giao lại. Nếu lặp lại, báo cho đơn vị vận hành trục.",
    do_en="The document was not taken; the axis offers it again. If that goes on, tell the operator of the axis.",
)
FILE_NOT_USABLE = define(
    "FILE_NOT_USABLE",
    Retry.PERMANENT,
    400,
    vi="Không dùng được tệp «{file}»: {why}.",
    en="File “{file}” cannot be used: {why}.",
    do_vi="Chọn tệp khác hoặc kiểm tra quyền đọc tệp.",
    do_en="Choose another file or check that it may be read.",
)
INPUT_NOT_USABLE = define(
    "INPUT_NOT_USABLE",
    Retry.PERMANENT,
    400,
    vi="Giá trị của «{field}» chưa đúng: {why}.",
    en="The value of “{field}” is not right: {why}.",
    do_vi="Sửa lại giá trị rồi thực hiện lại.",
    do_en="Correct the value and try again.",
)

_PASSING = {408, 425, 429}
"""Statuses below 500 that ask to come again, also when a proxy says them."""


@dataclass
class AxisRefused(Exception):
    """The axis answered with a problem (RFC 9457); its words are passed on unchanged.

    ``evidence``: the signed SubmissionRejection, when there is one. ``retry_after``: seconds, when the axis named them.
    """

    code: str
    title_vi: str
    title_en: str
    advice_vi: str
    advice_en: str
    retry: Retry
    http_status: int
    problems: list[Mapping[str, Any]] = field(default_factory=list)
    evidence: str | None = None
    retry_after: float | None = None
    members: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def read(members: Mapping[str, Any], status: int, retry_after: float | None = None) -> AxisRefused:
        """The refusal in the members of a problem document; whatever is missing or odd in it is passed over."""
        fallback = f"HTTP {status}"
        passing = status >= 500 or status in _PASSING
        retry = members.get("retry")
        usual = Retry.TRANSIENT if passing else Retry.PERMANENT
        problems = members.get("problems")
        evidence = members.get("evidence")
        return AxisRefused(
            code=str(members.get("code", f"HTTP_{status}")),
            title_vi=str(members.get("title_vi", fallback)),
            title_en=str(members.get("title_en", fallback)),
            advice_vi=str(members.get("advice_vi", "")),
            advice_en=str(members.get("advice_en", "")),
            retry=Retry(retry) if retry in [r.value for r in Retry] else usual,
            http_status=status,
            problems=[p for p in problems if isinstance(p, dict)] if isinstance(problems, list) else [],
            evidence=evidence if isinstance(evidence, str) else None,
            retry_after=retry_after,
            members=members,
        )

    def sentence(self, language: Language) -> str:
        return self.title_vi if language == "vi" else self.title_en

    def advice(self, language: Language) -> str:
        return self.advice_vi if language == "vi" else self.advice_en

    def __str__(self) -> str:
        return f"{self.code}: {self.title_en}"
