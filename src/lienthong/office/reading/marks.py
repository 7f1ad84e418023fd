"""Marks of urgency and secrecy (dấu chỉ mức độ khẩn, dấu chỉ độ mật).

Source: Decree 30/2020 Appendix I part II.10 (HỎA TỐC, THƯỢNG KHẨN, KHẨN in a border); Law on Protection of State
Secrets: such a document must not be in this system at all, so anything that resembles its mark is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lienthong.office.reading.layout import Text
from lienthong.office.reading.proposals import Caution, Confidence, Proposal, Reason, Warned
from lienthong.office.reading.spelling import is_upper
from lienthong.vocabulary.secrecy import Secrecy, find_markings
from lienthong.vocabulary.urgency import Urgency

_URGENT = {
    "hoa toc hen gio": Urgency.IMMEDIATE_TIMED, "hoa toc": Urgency.IMMEDIATE, "thuong khan": Urgency.VERY_URGENT,
    "khan": Urgency.URGENT,
}  # fmt: skip
_EXACT = {
    "HỎA TỐC HẸN GIỜ", "HOẢ TỐC HẸN GIỜ", "HỎA TỐC", "HOẢ TỐC", "THƯỢNG KHẨN", "KHẨN",
}  # fmt: skip
_SECRET = {"tuyet mat": Secrecy.TUYET_MAT, "toi mat": Secrecy.TOI_MAT, "mat": Secrecy.MAT}
_LABEL = re.compile(r"^do (?:khan|mat)\s*[:.]\s*")
_NOISE = " .,;:!*_-|[](){}<>'\"`’‘«»“”/\\"


def is_mark(text: Text) -> bool:
    """Whether a row is nothing but a mark."""
    return _bare(text) in _URGENT or _bare(text) in _SECRET


def urgency(rows: Iterable[Text]) -> Proposal[Urgency] | None:
    """The mark of urgency among these rows."""
    found: Proposal[Urgency] | None = None
    for text in rows:
        level = _URGENT.get(_bare(text))
        if level is None or not (is_upper(text.plain) or _LABEL.match(text.flat)):
            continue
        exact = text.plain.strip(_NOISE) in _EXACT or _LABEL.match(text.flat) is not None
        reason = Reason.URGENCY_MARK if exact else Reason.URGENCY_UNCLEAR
        one = Proposal(level, Confidence.CERTAIN if exact else Confidence.LIKELY, reason, text.box)
        if found is None or one.value > found.value:
            found = one
    return found


def secrecy(rows: Iterable[Text]) -> tuple[Proposal[Secrecy] | None, tuple[Warned, ...]]:
    """The mark of secrecy among these rows, with the warning it brings."""
    unclear: Text | None = None
    for text in rows:
        bare = _bare(text)
        level = _SECRET.get(bare)
        if level is None:
            certain = [each for each in find_markings({"": text.plain}) if each.certain] if len(text.plain) < 60 else []
            if certain and is_upper(text.plain) | (_LABEL.match(text.flat) is not None):
                return _secret(certain[0].level, text)
            continue
        if not is_upper(text.plain) and not _LABEL.match(text.flat):
            continue
        # The bare syllable is other words too (mắt, mất); with its own letters it is the mark.
        if bare != "mat" or "MẬT" in text.plain.upper():
            return _secret(level, text)
        unclear = unclear or text
    if unclear is None:
        return None, ()
    doubt = Proposal(Secrecy.MAT, Confidence.GUESS, Reason.SECRECY_UNCLEAR, unclear.box)
    return doubt, (Warned(Caution.PERHAPS_SECRET, unclear.box),)


def _secret(level: Secrecy, text: Text) -> tuple[Proposal[Secrecy], tuple[Warned, ...]]:
    return Proposal(level, Confidence.CERTAIN, Reason.SECRECY_MARK, text.box), (Warned(Caution.SECRET, text.box),)


def _bare(text: Text) -> str:
    return _LABEL.sub("", text.flat).strip(_NOISE) if len(text.flat) <= 40 else ""
