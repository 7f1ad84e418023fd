"""Which notices are urgent, when the others are told, and what each kind is called outside of the pages."""

from __future__ import annotations

from datetime import timedelta

from lienthong.office.states import NoticeKind

AT_ONCE = tuple(
    kind.value
    for kind in (
        NoticeKind.ARRIVAL, NoticeKind.SENDING, NoticeKind.STATUS, NoticeKind.RECALL, NoticeKind.SIGNATURE,
        NoticeKind.ESCALATED,
    )
)  # fmt: skip
"""Kinds of notices that do not wait for working hours."""

PATIENCE = timedelta(minutes=2)
"""Whoever reads a notice in the page within this time is told of it nowhere else."""

DIGEST_HOUR = 7
"""Hour of Vietnam at which a working day begins: the letter of the day goes out."""


def word_of(kind: str, *, english: bool) -> str:
    """What a kind of notice is called outside of the pages, where nothing of a document may be said."""
    # Rows of an earlier release may be of a kind that is written no more.
    found = WORDS[NoticeKind(kind)] if kind in _KINDS else ("Thông báo", "Notice")
    return found[english]


def kinds_by_word() -> dict[tuple[str, str], list[NoticeKind]]:
    """The kinds under their words: those of one word are one choice for people."""
    found: dict[tuple[str, str], list[NoticeKind]] = {}
    for kind, words in WORDS.items():
        found.setdefault(words, []).append(kind)
    return found


_KINDS = frozenset(each.value for each in NoticeKind)
WORDS = {
    NoticeKind.ARRIVAL: ("Văn bản đến chờ tiếp nhận", "Documents to be received"),
    NoticeKind.SENDING: ("Không gửi được", "Could not be sent"),
    NoticeKind.STATUS: ("Trạng thái từ nơi nhận", "Statuses from recipients"),
    NoticeKind.RECALL: ("Yêu cầu thu hồi", "Recalls"),
    NoticeKind.DRAFT: ("Dự thảo có thay đổi", "News of your drafts"),
    NoticeKind.HANDED_OVER: ("Nhận bàn giao", "Work handed over to you"),
    NoticeKind.SUBMISSION: ("Việc được giao", "Tasks given to you"),
    NoticeKind.HANDLING: ("Việc được giao", "Tasks given to you"),
    NoticeKind.REVIEW: ("Việc được giao", "Tasks given to you"),
    NoticeKind.SIGNATURE: ("Văn bản chờ ký", "Documents to be signed"),
    NoticeKind.CERTIFICATE: ("Chứng thư số trên thiết bị", "Certificates on devices"),
    NoticeKind.DUE: ("Việc sắp đến hạn, quá hạn", "Tasks that are due or late"),
    NoticeKind.ESCALATED: ("Việc quá hạn của đơn vị", "Late tasks of your unit"),
    NoticeKind.REMINDED: ("Việc được đôn đốc", "Tasks you were reminded of"),
    NoticeKind.EXTENSION: ("Gia hạn việc", "Extensions of tasks"),
    NoticeKind.REPORTED: ("Kết quả chờ xác nhận", "Results to be confirmed"),
    NoticeKind.ACCEPTED: ("Kết quả được duyệt", "Results that were accepted"),
    NoticeKind.HANDED_BACK: ("Việc phải làm lại", "Tasks to be done again"),
    NoticeKind.WITHDRAWN: ("Việc đã thu hồi", "Tasks that were withdrawn"),
    NoticeKind.RETURNED: ("Việc bị trả lại", "Tasks that were returned"),
    NoticeKind.AGAIN: ("Việc quay lại", "Tasks that have come back"),
    NoticeKind.FINISHED: ("Việc đã hoàn thành", "Tasks that are finished"),
    NoticeKind.CONFIRMED: ("Kết quả được xác nhận", "Results that were confirmed"),
    NoticeKind.MORE: ("Việc cần bổ sung", "Tasks that lack something"),
    NoticeKind.DOSSIER_RIGHT: ("Quyền trong hồ sơ", "Rights in dossiers"),
    NoticeKind.DOSSIER_SUBMITTED: ("Hồ sơ nộp lưu", "Dossiers submitted to the archive"),
    NoticeKind.DOSSIER_RECEIVED: ("Hồ sơ đã nộp lưu: kết quả", "Answers of the archive"),
}
"""How letters and pushed notices name each kind, Vietnamese and English."""
