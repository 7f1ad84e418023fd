"""What notices say, in both languages: a row keeps the key and the values, so that each reader has his own language.

A value that has words of its own (a reason, what a thing is called) is kept in both languages, see ``both``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from lienthong.base.errors import Language

LONGEST = 500

Value = str | int | Mapping[str, str]
"""A value of a sentence; a mapping has one text for ``vi`` and one for ``en``."""


class Said(Enum):
    """The sentence of a notice; the value is the key that is stored."""

    ARRIVED = "arrived"
    NOT_SENT = "not_sent"
    NOT_SENT_OF = "not_sent_of"
    RECIPIENT_FAILED = "recipient_failed"
    RECIPIENTS_FAILED = "recipients_failed"
    STATUS = "status"
    STATUS_WHY = "status_why"
    RECALLED = "recalled"
    HANDED_OVER = "handed_over"
    SUBMISSION = "submission"
    HANDLING = "handling"
    REVIEW = "review"
    SIGNATURE = "signature"
    DAYS_LEFT = "days_left"
    DUE_TODAY = "due_today"
    DAYS_LATE = "days_late"
    REMINDED = "reminded"
    TASK_REMINDED = "task_reminded"
    TASK_REMINDED_DUE = "task_reminded_due"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    TASK_EXTENSION_ASKED = "task_extension_asked"
    TASK_EXTENSION_GRANTED = "task_extension_granted"
    TASK_EXTENSION_REFUSED = "task_extension_refused"
    REPORTED = "reported"
    TASK_REPORTED = "task_reported"
    TASK_ACCEPTED = "task_accepted"
    TASK_HANDED_BACK = "task_handed_back"
    WITHDRAWN = "withdrawn"
    TASK_WITHDRAWN = "task_withdrawn"
    RETURNED = "returned"
    AGAIN = "again"
    FINISHED = "finished"
    CONFIRMED = "confirmed"
    MORE = "more"
    RIGHT_ASKED = "right_asked"
    RIGHT_TO_READ = "right_to_read"
    RIGHT_TO_WRITE = "right_to_write"
    RIGHT_ENDED = "right_ended"
    RIGHT_REFUSED = "right_refused"
    DOSSIERS_SUBMITTED = "dossiers_submitted"
    DOSSIER_ACCEPTED = "dossier_accepted"
    DOSSIER_GIVEN_BACK = "dossier_given_back"
    DRAFT_ISSUED = "draft_issued"
    DRAFT_RECALLED = "draft_recalled"
    DRAFT_PASSED_ON = "draft_passed_on"
    DRAFT_OPINION = "draft_opinion"
    DRAFT_RETURNED = "draft_returned"
    DRAFT_SIGNED = "draft_signed"
    DRAFT_SEALED = "draft_sealed"
    NUMBER_CANCELLED = "number_cancelled"
    CERTIFICATE_ASKED = "certificate_asked"
    CERTIFICATE_CONFIRMED = "certificate_confirmed"
    CERTIFICATE_REFUSED = "certificate_refused"


SENTENCES: Mapping[Said, tuple[str, str]] = {
    Said.ARRIVED: ("Văn bản đến chờ tiếp nhận: {title}", "To be received: {title}"),
    Said.NOT_SENT: ("Không gửi được {what}: {why}", "Could not send {what}: {why}"),
    Said.NOT_SENT_OF: ("{document}: Không gửi được {what}: {why}", "{document}: Could not send {what}: {why}"),
    Said.RECIPIENT_FAILED: ("{document}: {name}: {why}", "{document}: {name}: {why}"),
    Said.RECIPIENTS_FAILED: ("{document}: {name}: {why} (và {more} nơi nhận khác)",
                             "{document}: {name}: {why} (and {more} other recipients)"),
    Said.STATUS: ("{document}: {name} {did}", "{document}: {name} {did}"),
    Said.STATUS_WHY: ("{document}: {name} {did}: {why}", "{document}: {name} {did}: {why}"),
    Said.RECALLED: ("Thu hồi: {title}. {why}", "Recalled: {title}. {why}"),
    Said.HANDED_OVER: ("Nhận bàn giao {count} mục từ {name}", "Handed over to you: {count} items of {name}"),
    Said.SUBMISSION: ("Trình xin ý kiến: {title}", "Submitted to you: {title}"),
    Said.HANDLING: ("Giao xử lý: {title}", "Given to you: {title}"),
    Said.REVIEW: ("Chờ duyệt: {title}", "To be reviewed: {title}"),
    Said.SIGNATURE: ("Chờ ký: {title}", "To be signed: {title}"),
    Said.DAYS_LEFT: ("Còn {days} ngày làm việc: {title}", "Working days left: {days}: {title}"),
    Said.DUE_TODAY: ("Đến hạn hôm nay: {title}", "Due today: {title}"),
    Said.DAYS_LATE: ("Quá hạn {days} ngày làm việc: {title}", "Working days late: {days}: {title}"),
    Said.REMINDED: ("Đôn đốc: {title}", "Reminder: {title}"),
    Said.TASK_REMINDED: ("Đôn đốc “{title}”", "Reminder of “{title}”"),
    Said.TASK_REMINDED_DUE: ("Đôn đốc “{title}”, hạn {due}", "Reminder of “{title}”, due on {due}"),
    Said.EXTENSION_ASKED: ("Xin gia hạn đến {until}: {title}", "More time asked for, until {until}: {title}"),
    Said.EXTENSION_GRANTED: ("Đồng ý gia hạn đến {until}: {title}", "More time granted, until {until}: {title}"),
    Said.EXTENSION_REFUSED: ("Không gia hạn đến {until}: {title}", "More time refused, until {until}: {title}"),
    Said.TASK_EXTENSION_ASKED: ("Xin gia hạn “{title}” tới {until}", "More time asked for “{title}”, until {until}"),
    Said.TASK_EXTENSION_GRANTED: ("Đồng ý gia hạn “{title}”", "More time granted for “{title}”"),
    Said.TASK_EXTENSION_REFUSED: ("Không đồng ý gia hạn “{title}”", "More time refused for “{title}”"),
    Said.REPORTED: ("Chờ xác nhận kết quả: {title}", "A result to be confirmed: {title}"),
    Said.TASK_REPORTED: ("Báo cáo xong “{title}”", "Reported as done: “{title}”"),
    Said.TASK_ACCEPTED: ("Đã duyệt kết quả “{title}”", "The result was accepted: “{title}”"),
    Said.TASK_HANDED_BACK: ("Làm lại “{title}” vì {why}", "To be done again: “{title}”, because {why}"),
    Said.WITHDRAWN: ("Đã thu hồi việc: {title}", "The task was withdrawn: {title}"),
    Said.TASK_WITHDRAWN: ("Đã thu hồi “{title}”", "Withdrawn: “{title}”"),
    Said.RETURNED: ("Bị trả lại: {title}", "Returned to you: {title}"),
    Said.AGAIN: ("Việc quay lại, cần xử lý tiếp: {title}", "It came back and needs more work: {title}"),
    Said.FINISHED: ("Đã hoàn thành: {title}", "Finished: {title}"),
    Said.CONFIRMED: ("Kết quả được xác nhận: {title}", "The result was confirmed: {title}"),
    Said.MORE: ("Cần bổ sung: {title}", "More is needed: {title}"),
    Said.RIGHT_ASKED: ("Chờ xác nhận thay đổi quyền: {dossier}", "A change of rights to be confirmed: {dossier}"),
    Said.RIGHT_TO_READ: ("Anh/chị được xem hồ sơ {dossier}", "You may read the dossier {dossier}"),
    Said.RIGHT_TO_WRITE: ("Anh/chị được cập nhật hồ sơ {dossier}", "You may add to the dossier {dossier}"),
    Said.RIGHT_ENDED: ("Anh/chị không còn quyền với hồ sơ {dossier}",
                       "You have no more rights in the dossier {dossier}"),
    Said.RIGHT_REFUSED: ("Đề nghị thay đổi quyền với hồ sơ {dossier} không được chấp nhận",
                         "The change of rights in the dossier {dossier} was not agreed to"),
    Said.DOSSIERS_SUBMITTED: ("{count} hồ sơ được nộp lưu", "Dossiers handed in to the archive: {count}"),
    Said.DOSSIER_ACCEPTED: ("Hồ sơ {dossier} đã được lưu trữ nhận", "The archive accepted the dossier {dossier}"),
    Said.DOSSIER_GIVEN_BACK: ("Hồ sơ {dossier} bị lưu trữ trả lại: {why}",
                              "The archive gave back the dossier {dossier}: {why}"),
    Said.DRAFT_ISSUED: ("Đã phát hành {number}: {title}", "{number} was issued: {title}"),
    Said.DRAFT_RECALLED: ("Đã thu hồi {number}: {title}", "{number} was recalled: {title}"),
    Said.DRAFT_PASSED_ON: ("{name} giao {to} ký {capacity}, cần tạo lại văn bản: {title}",
                           "{name} asks {to} to sign {capacity}; make the document again: {title}"),
    Said.DRAFT_OPINION: ("{name} đã góp ý: {title}", "{name} gave an opinion: {title}"),
    Said.DRAFT_RETURNED: ("{name} trả lại dự thảo: {title}", "{name} returned the draft: {title}"),
    Said.DRAFT_SIGNED: ("Đã ký xong, chờ cấp số: {title}", "Signed by all, to be numbered: {title}"),
    Said.DRAFT_SEALED: ("Đã cấp số {number} và đóng dấu: {title}", "Numbered {number} and sealed: {title}"),
    Said.CERTIFICATE_ASKED: ("Chờ xác nhận chứng thư số trên thiết bị của {name}",
                             "A certificate on the device of {name} to be confirmed"),
    Said.CERTIFICATE_CONFIRMED: ("Đã xác nhận chứng thư số {subject}: anh/chị ký được bằng thiết bị",
                                 "The certificate {subject} was confirmed: you can sign with your device"),
    Said.CERTIFICATE_REFUSED: ("Quản trị không công nhận chứng thư số {subject}",
                               "The administrator did not accept the certificate {subject}"),
    Said.NUMBER_CANCELLED: ("Số {number} đã hủy: {title}", "The number {number} was cancelled: {title}"),
}  # fmt: skip
"""Each sentence in Vietnamese and in English, with the same values."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its values, before somebody reads it."""

    said: Said
    values: Mapping[str, Value]

    def text(self, language: Language) -> str:
        """The sentence in one language, as long as a notice may be."""
        return _filled(self.said, self.values, language)


def sentence(said: Said, **values: Value) -> Sentence:
    """A sentence with its values."""
    return Sentence(said, values)


def both(vi: str, en: str) -> Mapping[str, str]:
    """A value that is said differently in each language."""
    return {"vi": vi, "en": en}


def read(key: str, values: Mapping[str, Value], otherwise: str, language: Language) -> str:
    """A stored notice in the reader's language. ``otherwise``: its Vietnamese text, which is all that there is of rows
    of earlier releases, and of keys that this release does not know."""
    if key not in _KEYS:
        return otherwise
    return _filled(Said(key), values, language)


_KEYS = frozenset(each.value for each in Said)


def _filled(said: Said, values: Mapping[str, Value], language: Language) -> str:
    own = {name: each[language] if isinstance(each, Mapping) else each for name, each in values.items()}
    return SENTENCES[said][language == "en"].format(**own)[:LONGEST]
