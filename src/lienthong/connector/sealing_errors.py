"""Refusals of encrypting for recipients."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

RECIPIENTS_CANNOT_DECRYPT = define(
    "RECIPIENTS_CANNOT_DECRYPT",
    Retry.PERMANENT,
    409,
    vi="Có {count} nơi nhận chưa mở được tệp mã hoá: {names}. Chưa gửi cho nơi nào.",
    en="{count} recipient(s) cannot open encrypted files: {names}. Nothing was sent to anybody.",
    do_vi="Gửi riêng cho các nơi này, đề nghị họ đăng ký khoá mã hoá, hoặc chọn “when_possible” cho văn bản này.",
    do_en="Send to these separately, ask them to register an encryption key, or choose “when_possible” for it.",
)
SEALED_FOR_EARLIER_RECIPIENTS = define(
    "SEALED_FOR_EARLIER_RECIPIENTS",
    Retry.PERMANENT,
    409,
    vi="Văn bản {document} đã mã hoá riêng cho các nơi nhận ban đầu; nơi nhận thêm sẽ không mở được.",
    en="Document {document} was encrypted for its first recipients; added ones could not open it.",
    do_vi="Gửi văn bản cho nơi nhận thêm như một văn bản mới, có mã hoá cho họ.",
    do_en="Send it to the added recipients as a new envelope, encrypted for them.",
)
