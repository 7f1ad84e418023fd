"""What is proposed from the pages of a document, how sure it is, where it was read, and why.

A proposal never enters a register by itself: recognised text confuses digits and marks, so a person confirms each field
beside the place it was read from. Fields: Decree 30/2020/NĐ-CP Appendix VI part II.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, IntEnum
from typing import Generic, TypeVar

from lienthong.base.errors import Language
from lienthong.trust.pdf.anchors import Box
from lienthong.vocabulary.kinds import Kind
from lienthong.vocabulary.secrecy import Secrecy
from lienthong.vocabulary.urgency import Urgency

Value = TypeVar("Value")


class Confidence(IntEnum):
    """How sure a proposal is; a greater value is surer.

    CERTAIN: it stands where the form wants it and as the form wants it. LIKELY: a sign or the place is unusual, or the
    text was recognised from a picture. GUESS: something has to be filled in, and this fits best.
    """

    GUESS = 1
    LIKELY = 2
    CERTAIN = 3

    def label(self, language: Language) -> str:
        """Name to show."""
        return _CONFIDENCE[self][language]


class Reason(Enum):
    """Why a value is proposed, in the words that the registrar sees beside it."""

    NUMBER_LINE = ("Dòng «Số: …/…» ở phần đầu văn bản.", "The row “Số: …/…” of the heading.")
    NUMBER_REPAIRED = (
        "Dòng «Số: …/…», có ký tự được đọc thành chữ số hoặc chữ hoa gần giống; hãy so với văn bản.",
        "The row “Số: …/…”; signs were taken for the digits or capitals they resemble: compare with the page.",
    )
    NUMBER_WITHOUT_SYMBOL = (
        "Dòng «Số: …» không có ký hiệu.",
        "A row “Số: …” without a symbol.",
    )
    NUMBER_PARTY = (
        "Dòng «Số …-…/…» theo thể thức văn bản của Đảng.",
        "The row “Số …-…/…” in the form of the Party's documents.",
    )
    NUMBER_BODY = (
        "Dòng «Số: …/…» không ở phần đầu bên trái như thường lệ.",
        "A row “Số: …/…”, though not at the left of the heading as usual.",
    )
    DATE_LINE = ("Dòng địa danh và ngày tháng.", "The row of place and date.")
    DATE_REPAIRED = (
        "Dòng địa danh và ngày tháng, có ký tự được đọc thành chữ số gần giống; hãy so với văn bản.",
        "The row of place and date; signs were taken for digits they resemble: compare with the page.",
    )
    DATE_ELSEWHERE = (
        "Một dòng chỉ có địa danh và ngày tháng, không ở phần đầu văn bản.",
        "A row of place and date alone, though not in the heading.",
    )
    ISSUER_BOLD = (
        "Dòng in đậm bên trái, trên số và ký hiệu.",
        "The bold rows at the left, above number and symbol.",
    )
    ISSUER_ONLY = (
        "Tên duy nhất bên trái, trên số và ký hiệu.",
        "The only name at the left, above number and symbol.",
    )
    ISSUER_LAST = (
        "Tên cuối bên trái, trên số và ký hiệu; chỗ ngắt giữa hai tên đoán theo từ mở đầu.",
        "The last name at the left, above number and symbol; the words that names begin with tell where one ends.",
    )
    SUPERIOR_ABOVE = (
        "Dòng trên tên cơ quan ban hành.",
        "The rows above the name of the issuer.",
    )
    KIND_AND_SYMBOL = ("Tên loại khớp với ký hiệu.", "The name of the kind agrees with the symbol.")
    KIND_NAMED = ("Tên loại ghi giữa trang.", "The name of the kind in the middle of the page.")
    KIND_AGAINST_SYMBOL = (
        "Tên loại ghi giữa trang, nhưng ký hiệu chỉ loại khác.",
        "The name of the kind in the middle of the page; the symbol says another kind.",
    )
    KIND_FROM_SYMBOL = (
        "Không thấy tên loại; suy từ chữ viết tắt trong ký hiệu.",
        "No name of a kind was found; taken from the abbreviation in the symbol.",
    )
    LETTER_ABOUT = (
        "Có «V/v» và không có tên loại: công văn.",
        "There is “V/v” and no name of a kind: an official letter.",
    )
    LETTER_ADDRESSED = (
        "Có «Kính gửi», không có tên loại và ký hiệu không có chữ viết tắt của loại nào: công văn.",
        "It is addressed, names no kind, and its symbol has no kind's abbreviation: an official letter.",
    )
    ABSTRACT_BELOW_KIND = ("Các dòng dưới tên loại.", "The rows below the name of the kind.")
    ABSTRACT_WITH_KIND = (
        "Phần sau tên loại trên cùng dòng, và các dòng dưới.",
        "What follows the name of the kind on its row, and the rows below.",
    )
    ABSTRACT_ABOUT = ("Các dòng sau «V/v».", "The rows after “V/v”.")
    ABSTRACT_LONG = (
        "Các dòng dưới tên loại; không rõ trích yếu dừng ở đâu.",
        "The rows below the name of the kind; where the abstract ends is not clear.",
    )
    URGENCY_MARK = ("Dấu chỉ độ khẩn.", "The mark of urgency.")
    URGENCY_UNCLEAR = (
        "Chữ giống dấu chỉ độ khẩn.",
        "Letters that resemble a mark of urgency.",
    )
    URGENCY_IN_KIND = ("Độ khẩn ghi cùng tên loại.", "The urgency stands with the name of the kind.")
    SECRECY_MARK = ("Dấu chỉ độ mật.", "The mark of secrecy.")
    SECRECY_UNCLEAR = ("Chữ giống dấu chỉ độ mật.", "Letters that resemble a mark of secrecy.")
    SIGNER_BLOCK = (
        "Họ tên dưới chức vụ, bên phải, ở cuối văn bản.",
        "The name below a position, at the right, at the end.",
    )
    SIGNER_SEVERAL = (
        "Văn bản có nhiều người ký; đây là người ký bên phải.",
        "Several persons sign; this is the one at the right.",
    )
    SIGNER_SIGNATURE = (
        "Không thấy họ tên dưới chức vụ; lấy từ dòng thể hiện chữ ký số.",
        "No name was found below a position; taken from what a digital signature shows.",
    )
    POSITION_ONLY = (
        "Chức vụ ở cuối văn bản, không thấy họ tên bên dưới.",
        "A position at the end; no name was found below it.",
    )
    RECIPIENTS_LIST = ("Danh sách «Nơi nhận».", "The list “Nơi nhận”.")
    ADDRESSED_TO = ("Phần «Kính gửi».", "The part “Kính gửi”.")
    PAGES_OF_FILE = ("Số trang của tệp.", "The pages of the file.")
    PAGES_WITH_TEXT = ("Trang cuối có chữ đọc được.", "The last page on which text was read.")
    DEADLINE_REPLY = (
        "Thời hạn đi kèm yêu cầu gửi, báo cáo hoặc trả lời.",
        "A time limit with a demand to send, report or answer.",
    )
    DEADLINE_MENTIONED = ("Thời hạn được nhắc trong văn bản.", "A time limit that the text mentions.")
    DEADLINE_YEAR = (
        "Thời hạn không ghi năm; năm lấy theo ngày văn bản.",
        "The time limit has no year; it was taken from the date of the document.",
    )

    def label(self, language: Language) -> str:
        """The sentence to show."""
        return self.value[0 if language == "vi" else 1]


class Caution(Enum):
    """What a person has to look at before registering."""

    NO_TEXT = (
        "Trang đầu chỉ có hình ảnh hoặc để trống: cần nhận dạng chữ, hoặc nhập bằng tay.",
        "The first page is a picture or blank: its text has to be recognised, or typed in.",
    )
    NOT_NUMBERED = (
        "Văn bản chưa có số: chỗ ghi số còn trống.",
        "The document has no number: its place is blank.",
    )
    NOT_DATED = (
        "Văn bản chưa đủ ngày, tháng, năm.",
        "The date of the document is not complete.",
    )
    IMPOSSIBLE_DATE = (
        "Ngày đọc được không có trong lịch.",
        "The date that was read does not exist.",
    )
    SECRET = (
        "Văn bản có dấu chỉ độ mật: không được đưa vào hệ thống này.",
        "The document bears a mark of secrecy: it must not be kept in this system.",
    )
    PERHAPS_SECRET = (
        "Có chữ giống dấu chỉ độ mật: kiểm tra trước khi lưu.",
        "Letters resemble a mark of secrecy: look before it is kept.",
    )

    def label(self, language: Language) -> str:
        """The sentence to show."""
        return self.value[0 if language == "vi" else 1]


@dataclass(frozen=True, slots=True)
class Proposal(Generic[Value]):
    """A value for a field. ``box``: where to look, on its page; absent for what was not read from one place."""

    value: Value
    confidence: Confidence
    reason: Reason
    box: Box | None = None

    @property
    def page(self) -> int | None:
        """From 0."""
        return self.box.page if self.box is not None else None

    def at_most(self, confidence: Confidence) -> Proposal[Value]:
        return self if self.confidence <= confidence else replace(self, confidence=confidence)


@dataclass(frozen=True, slots=True)
class Warned:
    """A caution and the place that gave rise to it, where there is one."""

    caution: Caution
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Proposals:
    """Everything that was read from a document; absent is what was not found.

    ``document_number``, ``symbol`` (số, ký hiệu): ``15`` and ``QĐ-UBND``. ``issued_date``, ``place`` (ngày ban hành,
    địa danh). ``issuer``, ``superior`` (cơ quan ban hành, cơ quan chủ quản): as printed. ``kind`` (loại văn bản).
    ``abstract`` (trích yếu): one line, of a letter without «V/v». ``urgency``, ``secrecy`` (độ khẩn, độ mật): absent
    without a mark. ``signer``, ``position``, ``signing_capacity`` (người ký, chức vụ, thẩm quyền ký): the latter as its
    rows, ``("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH")``. ``addressees`` (kính gửi). ``recipients`` (nơi nhận): without the
    row «Lưu». ``page_count``. ``reply_deadline`` (hạn trả lời). ``recognised``: the text comes from a picture, so
    nothing is certain.
    """

    document_number: Proposal[str] | None = None
    symbol: Proposal[str] | None = None
    issued_date: Proposal[date] | None = None
    place: Proposal[str] | None = None
    issuer: Proposal[str] | None = None
    superior: Proposal[str] | None = None
    kind: Proposal[Kind] | None = None
    abstract: Proposal[str] | None = None
    urgency: Proposal[Urgency] | None = None
    secrecy: Proposal[Secrecy] | None = None
    signer: Proposal[str] | None = None
    position: Proposal[str] | None = None
    signing_capacity: Proposal[tuple[str, ...]] | None = None
    addressees: Proposal[tuple[str, ...]] | None = None
    recipients: Proposal[tuple[str, ...]] | None = None
    page_count: Proposal[int] | None = None
    reply_deadline: Proposal[date] | None = None
    cautions: tuple[Warned, ...] = ()
    recognised: bool = False


def around(*boxes: Box) -> Box:
    """The least rectangle about boxes of one page; those of later pages are left out."""
    here = [box for box in boxes if box.page == boxes[0].page]
    return Box(
        here[0].page, min(box.left for box in here), min(box.bottom for box in here),
        max(box.right for box in here), max(box.top for box in here),
    )  # fmt: skip


_CONFIDENCE: dict[Confidence, dict[Language, str]] = {
    Confidence.CERTAIN: {"vi": "Chắc chắn", "en": "Certain"},
    Confidence.LIKELY: {"vi": "Có thể", "en": "Likely"},
    Confidence.GUESS: {"vi": "Phỏng đoán", "en": "Guess"},
}
