"""What was done to a PDF after it was signed: each later revision looked at, judged and told in words.

Source: ISO 32000-2 clauses 12.8.2.2 (DocMDP), 12.8.2.4 (FieldMDP), 12.8.4 (document security store). The library's
difference analysis says what a revision changed; each revision is compared with the one before it, once for all
signatures. Our own rules come on top: a visible field that a later revision signs must not touch an earlier one's, but
for the planned seal over the person's image; a value filled in later must come with a signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields

from lienthong.base.text import one_line
from lienthong.trust.pdf.validate_file import DAMAGED, Embedded
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.model import Change, Finding, Role, bad, good


@dataclass(frozen=True, slots=True)
class Step:
    """What one revision did to the one before. ``level``: the library's; ``fields``: names of changed fields.

    ``reason``: of a change that nobody may make. ``certified``: the reason why it breaks a certified document, if so.
    """

    change: Change
    level: ModificationLevel
    fields: frozenset[str]
    reason: str = ""
    certified: str = ""


def steps_after(reader: PdfFileReader, first: int, items: Sequence[Embedded]) -> list[Step]:
    """The steps from revision ``first`` to the last one; ``items``: the signatures of the file."""
    certified_from = min((item.revision for item in items if _permission(item) is not None), default=None)
    return [
        _step(reader, revision, items, certified_from is not None and certified_from < revision)
        for revision in range(first + 1, reader.xrefs.total_revisions)
    ]


def _permission(item: Embedded) -> MDPPerm | None:
    try:
        return None if item.signature is None else item.signature.docmdp_level
    except DAMAGED:
        return MDPPerm.NO_CHANGES


def _step(reader: PdfFileReader, revision: int, items: Sequence[Embedded], certified: bool) -> Step:
    old, new = reader.get_historical_resolver(revision - 1), reader.get_historical_resolver(revision)
    try:
        result = DEFAULT_DIFF_POLICY.apply(old, new)
    except SuspiciousModification as error:
        return _suspicious(revision, str(error))
    except DAMAGED as error:
        return _suspicious(revision, str(error))
    broken = ""
    if certified:
        try:
            DEFAULT_DIFF_POLICY.apply(old, new, doc_mdp=MDPPerm.FILL_FORMS)
        except (SuspiciousModification, *DAMAGED) as error:
            broken = one_line(str(error), 300)
    vi, en = _words(revision, result.modification_level, result.changed_form_fields, items)
    change = Change(revision, True, vi, en)
    return Step(change, result.modification_level, frozenset(map(str, result.changed_form_fields)), certified=broken)


def _suspicious(revision: int, reason: str) -> Step:
    said = one_line(reason, 300)
    vi = f"Phiên bản {revision + 1}: thay đổi nội dung, hình thức hoặc chú thích không được phép sau khi ký."
    en = f"Revision {revision + 1}: content, appearance or annotations were changed in a way not allowed after signing."
    return Step(Change(revision, False, vi, en), ModificationLevel.OTHER, frozenset(), said)


def _words(revision: int, level: ModificationLevel, fields: set[str], items: Sequence[Embedded]) -> tuple[str, str]:
    here = [item for item in items if item.revision == revision and item.signature is not None]
    signed = {item.signature.fq_name for item in here if item.signature is not None}
    vi: list[str] = []
    en: list[str] = []
    for item in here:
        if item.is_timestamp:
            vi.append("thêm dấu thời gian lưu trữ")
            en.append("an archive time stamp was added")
        else:
            vi.append(f"ký thêm chữ ký «{item.name}»")
            en.append(f"the signature “{item.name}” was added")
    filled = sorted(one_line(str(name), 60) for name in fields if name not in signed)
    if filled:
        vi.append(f"điền hoặc thêm trường {', '.join(filled[:8])}")
        en.append(f"fields were filled in or added: {', '.join(filled[:8])}")
    if not vi:
        lta = level <= ModificationLevel.LTA_UPDATES
        vi.append("thêm dữ liệu phục vụ xác minh lâu dài" if lta else "thêm trường ký hoặc điền biểu mẫu")
        en.append("data for long-term validation was added" if lta else "signature fields were added or forms filled")
    return f"Phiên bản {revision + 1}: {'; '.join(vi)}.", f"Revision {revision + 1}: {'; '.join(en)}."


def change_findings(item: Embedded, steps: Sequence[Step], items: Sequence[Embedded]) -> list[Finding]:
    """What the later steps mean for one signature."""
    later = [step for step in steps if step.change.revision > item.revision]
    if not later:
        return [good("pdf.changes", "Sau chữ ký này tệp không thay đổi.", "Nothing was changed after this signature.")]
    for step in later:
        if not step.change.allowed:
            en = f"{step.change.en} ({step.reason})"
            return [bad("pdf.changes", Sub.FORMAT_FAILURE, step.change.vi, en)]
    return _limits(item, later) or _unsigned_values(later, items) or [_allowed(later)]


def _allowed(later: Sequence[Step]) -> Finding:
    vi = "Các thay đổi sau khi ký đều được phép: " + " ".join(step.change.vi for step in later)
    return good("pdf.changes", vi, "Every later change is allowed: " + " ".join(step.change.en for step in later))


def _limits(item: Embedded, later: Sequence[Step]) -> list[Finding]:
    """What this signature itself forbade: changes beyond its permission, changes of fields that it locked."""
    signature = item.signature
    assert signature is not None  # noqa: S101  # damaged ones never come here
    try:
        permission, locks = signature.docmdp_level, signature.fieldmdp
    except DAMAGED as error:
        vi, en = (
            "Quy định khóa của chữ ký bị hỏng.",
            f"The locks of the signature are damaged: {one_line(str(error), 120)}",
        )
        return [bad("pdf.lock", Sub.FORMAT_FAILURE, vi, en)]
    for step in later:
        if permission is not None and (step.certified or step.level.value > permission.value):
            vi = f"{step.change.vi} Chữ ký chứng nhận «{item.name}» cấm thay đổi này."
            en = (
                f"{step.change.en} The certifying signature “{item.name}” forbids this change. {step.certified}".strip()
            )
            return [bad("pdf.changes", Sub.FORMAT_FAILURE, vi, en)]
        locked = sorted(name for name in step.fields if locks is not None and locks.is_locked(name))
        if locked:
            names = ", ".join(one_line(name, 60) for name in locked[:8])
            vi = f"{step.change.vi} Trường đã bị khóa khi ký «{item.name}»: {names}."
            return [bad("pdf.changes", Sub.FORMAT_FAILURE, vi, f"{step.change.en} Locked by “{item.name}”: {names}.")]
    return []


def _unsigned_values(later: Sequence[Step], items: Sequence[Embedded]) -> list[Finding]:
    """Values that were filled in by a revision that nobody signed: whoever signs next did not vouch for them."""
    signed = {item.revision for item in items if item.signature is not None and not item.is_timestamp}
    for step in later:
        if step.change.revision not in signed and step.level > ModificationLevel.LTA_UPDATES and step.fields:
            vi = f"{step.change.vi} Không ai ký thay đổi này."
            return [bad("pdf.changes", Sub.SIGNED_DATA_NOT_FOUND, vi, f"{step.change.en} Nobody signed this change.")]
    return []


def lock_finding(item: Embedded) -> Finding | None:
    """Trouble when the field demands locks that the signature does not carry (ISO 32000-2 clause 12.7.5.5)."""
    assert item.signature is not None  # noqa: S101  # damaged ones never come here
    try:
        lock = item.signature.sig_field.get("/Lock")
        carried = item.signature.fieldmdp
    except DAMAGED:
        return None
    if lock is None or carried is not None:
        return None
    vi = f"Trường «{item.name}» yêu cầu khóa các trường khác nhưng chữ ký không mang quy định khóa."
    en = f"The field “{item.name}” asks for locks that the signature does not carry."
    return bad("pdf.lock", Sub.SIG_CONSTRAINTS_FAILURE, vi, en)


@dataclass(frozen=True, slots=True)
class Widget:
    """Where a signature shows: the page's object number and the rectangle, left, bottom, right, top, in points."""

    page: int
    rect: tuple[float, float, float, float]

    def touches(self, other: Widget) -> bool:
        return (
            self.page == other.page
            and min(self.rect[2], other.rect[2]) > max(self.rect[0], other.rect[0])
            and min(self.rect[3], other.rect[3]) > max(self.rect[1], other.rect[1])
        )


def widget_of(item: Embedded) -> Widget | None:
    """The visible widget of a signature, None when it shows nothing."""
    if item.signature is None:
        return None
    try:
        return _widget(item.signature.sig_field)
    except DAMAGED:
        return None


def _widget(field: generic.DictionaryObject) -> Widget | None:
    holder = field if "/Rect" in field else field["/Kids"][0].get_object()
    left, bottom, right, top = (float(number) for number in holder["/Rect"])
    rect = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    if rect[2] - rect[0] <= 0 or rect[3] - rect[1] <= 0:
        return None
    page = holder.raw_get("/P")
    return Widget(page.idnum, rect)


def overlap_findings(
    reader: PdfFileReader, items: Sequence[Embedded], roles: Sequence[Role]
) -> dict[int, list[Finding]]:
    """By position in ``items``: signatures that a later one, which was not planned there, paints over.

    The exception is the seal: an agency's field that stood at this place already when a person signed.
    """
    found: dict[int, list[Finding]] = {}
    widgets = [widget_of(item) for item in items]
    for later, own in enumerate(widgets):
        if own is None:
            continue
        for earlier in range(later):
            other = widgets[earlier]
            if other is None or not own.touches(other):
                continue
            if (
                roles[later] is Role.AGENCY
                and roles[earlier] is Role.PERSON
                and is_planned(reader.get_historical_resolver(items[earlier].revision), items[later], own)
            ):
                continue
            vi = f"Chữ ký «{items[later].name}» ký sau che lên chữ ký «{items[earlier].name}»."
            en = f"The later signature “{items[later].name}” lies over the signature “{items[earlier].name}”."
            found.setdefault(earlier, []).append(bad("pdf.overlap", Sub.FORMAT_FAILURE, vi, en))
    return found


def is_planned(then: HistoricalResolver, item: Embedded, widget: Widget) -> bool:
    """Whether the field stood there, with this rectangle, in the revision ``then``."""
    assert item.signature is not None  # noqa: S101  # it has a widget
    try:
        for name, _, field in enumerate_sig_fields(then):
            if name == item.signature.fq_name:
                return _widget(field.get_object()) == widget
    except DAMAGED:
        return False
    return False
