"""The refusals of timestamp authorities."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

TSA_AWAY = define(
    "TSA_AWAY",
    Retry.TRANSIENT,
    503,
    vi="Dịch vụ cấp dấu thời gian không trả lời ({reason}).",
    en="The time-stamping authority does not answer ({reason}).",
    do_vi="Trục tự thử lại; văn bản vẫn được nhận, điểm chốt tạm thiếu dấu thời gian.",
    do_en="The axis tries again; documents are still accepted, checkpoints lack their timestamp meanwhile.",
)
TSA_ANSWER_WRONG = define(
    "TSA_ANSWER_WRONG",
    Retry.TRANSIENT,
    502,
    vi="Trả lời của dịch vụ cấp dấu thời gian không dùng được: {reason}",
    en="The answer of the time-stamping authority cannot be used: {reason}",
    do_vi="Kiểm tra địa chỉ dịch vụ và chứng thư số gốc được tin cậy.",
    do_en="Check the authority's address and the trusted root certificates.",
)
