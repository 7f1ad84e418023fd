"""To whom a document goes: the addressees (kính gửi) and the recipients (nơi nhận).

Source: Decree 30/2020 Appendix I part II.9: «Kính gửi» in the middle, several as a list; «Nơi nhận» at the lower left,
its last row «Lưu».
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lienthong.office.reading.layout import NEAR, Text, follows
from lienthong.office.reading.proposals import Confidence, Proposal, Reason, around
from lienthong.office.reading.spelling import flat
from lienthong.trust.pdf.anchors import Box

_TO = re.compile(r"^\W{0,3}k.nh\s*g[uiưl].{0,2}i?\s*[:;.]\s*|^\W{0,3}kinh\s+gui\b\s*")
_RECEIVERS = re.compile(r"^\W{0,3}n[oơ][il]\s*nh.n\s*[:;.,]*\s*")
_ITEM = re.compile(r"^\s*(?:(?:[-+*•·~¬=–]\s*)+|[0-9]{1,2}[.)](?=\s)\s*)")
_KEPT = re.compile(r"\W*(?:luu\b|l[uưn]\w?\s*[:;.]|lu\w?\s+(?:vt|vp)\b)")
_MOST, _FAR = 80, 120.0
_FIELD = " ;.,:"


def addressees(page: Sequence[Text]) -> Proposal[tuple[str, ...]] | None:
    """«Kính gửi» of a first page, one text for each addressee."""
    for at, text in enumerate(page):
        hit = _TO.match(text.flat)
        if hit is None:
            continue
        items, boxes = _to(text.plain[hit.end() :].strip(), text, page[at + 1 :], hit.end())
        if items:
            exact = text.flat.startswith("kinh gui:")
            return Proposal(
                items, Confidence.CERTAIN if exact else Confidence.LIKELY, Reason.ADDRESSED_TO, around(*boxes)
            )
    return None


def _to(first: str, head: Text, below: Sequence[Text], label: int) -> tuple[tuple[str, ...], list[Box]]:
    """A list when its rows have dashes; else one addressee, with the rows that go on under it or in the middle."""
    start = head.box.left + head.box.width * label / max(1, len(head.plain))
    items = [_ITEM.sub("", first)] if first else []
    boxes, above, listed = [head.box], head, not first or _ITEM.match(first) is not None
    for text in below[:_MOST]:
        dash = _ITEM.match(text.plain)
        done = bool(items) and items[-1].endswith(".")
        apart = not follows(above, text, 2.6 if dash or not items else 1.95)
        # A list whose last point was not recognised ends where a row reaches far beyond its own.
        if apart or (done and not dash) or (listed and items and text.box.right > above.box.right + _FAR and not dash):
            break
        if dash is not None and (listed or (items and items[-1].endswith(";"))):
            items.append(text.plain[dash.end() :])
        elif items and not items[-1].endswith((";", ".")) and _same_place(text, above, head, start, listed):
            items[-1] = f"{items[-1]} {text.plain}"
        elif not items or (items[-1].endswith(";") and _same_place(text, above, head, start, listed)):
            items.append(text.plain)
        else:
            break
        boxes.append(text.box)
        above = text
    parts = [part for item in items for part in item.split(";")]
    return tuple(made for part in parts if sum(map(str.isalpha, made := part.strip(_FIELD))) > 1), boxes


def _same_place(text: Text, above: Text, head: Text, start: float, listed: bool) -> bool:
    if listed:
        beside = text.box.left > head.box.left - 3 * NEAR and abs(text.box.left - above.box.left) < 3 * NEAR
        return beside or (text.plain.endswith((";", ".")) and text.box.width < above.box.width * 0.7)
    return abs(text.middle - head.middle) <= NEAR or abs(text.box.left - start) <= NEAR


def recipients(texts: Sequence[Text]) -> Proposal[tuple[str, ...]] | None:
    """The last list «Nơi nhận» of the pages, without the row «Lưu»."""
    for at in range(len(texts) - 1, -1, -1):
        hit = _RECEIVERS.match(texts[at].flat)
        if hit is None or len(texts[at].plain) > 60:
            continue
        items, boxes = _list(texts[at], hit.end(), texts[at + 1 :])
        if items:
            return Proposal(tuple(items), Confidence.CERTAIN, Reason.RECIPIENTS_LIST, around(*boxes))
    return None


def _list(head: Text, label: int, below: Sequence[Text]) -> tuple[list[str], list[Box]]:
    first = _ITEM.sub("", head.plain[label:]).strip()
    items, boxes, above = [first] if first else [], [head.box], head
    for text in below[:_MOST]:
        if text.box.page != head.box.page or text.box.left - head.box.left > 70:
            continue
        if text.box.left < head.box.left - 2 * NEAR or not follows(above, text, 2.6):
            break
        dash = _ITEM.match(text.plain)
        body = text.plain[dash.end() :] if dash else text.plain
        above = text
        if _KEPT.match(flat(body)):
            boxes.append(text.box)
            break
        if dash is not None or not items:
            items.append(body)
        elif not items[-1].endswith((";", ".")):
            items[-1] = f"{items[-1]} {body}"
        else:
            items.append(body)
        boxes.append(text.box)
    return [made for item in items if sum(map(str.isalpha, made := item.strip(_FIELD))) > 1], boxes
