"""Refusals inside a verification; they appear as failed checks."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

KEY_WITHOUT_RIGHT = define(
    "KEY_WITHOUT_RIGHT",
    Retry.PERMANENT,
    403,
    vi="Khóa của hệ thống {system} không được ký thay cơ quan {agency} vào lúc {at}.",
    en="The key of the system {system} might not sign for the agency {agency} at {at}.",
    do_vi="Kiểm tra việc đăng ký khóa trong danh bạ của trục.",
    do_en="Check how the key is registered in the axis's directory.",
)
OTHER_DOCUMENT = define(
    "OTHER_DOCUMENT",
    Retry.PERMANENT,
    422,
    vi="Chứng cứ «{name}» là của một gói tin khác.",
    en='The evidence "{name}" belongs to another envelope.',
    do_vi="Xin lại tệp chứng minh từ trục.",
    do_en="Ask the axis for the proof file again.",
)
EVENT_OUT_OF_PLACE = define(
    "EVENT_OUT_OF_PLACE",
    Retry.PERMANENT,
    422,
    vi="Sự kiện «{name}» không thể đứng ở đây: {why_vi}.",
    en='The event "{name}" cannot stand here: {why}.',
    do_vi="Giữ tệp này làm chứng cứ và xin trục giải thích.",
    do_en="Keep this file as evidence and ask the axis to explain.",
)
