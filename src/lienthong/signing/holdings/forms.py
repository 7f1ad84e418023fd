"""The forms of a certificate's file, filled from what the book knows: requests 01, 02, 03 and the others, and minutes.

Which form has which rows is data (``forms.toml``): the numbers beyond 03 and the wording are not confirmed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.holdings.errors import HOLDER_INCOMPLETE, HOLDING_FORM_UNKNOWN, HOLDING_RULES_INVALID
from lienthong.signing.holdings.model import Holder, HolderKind, Holding, RequestKind

MINUTES = "minutes"
_NAMES = {HolderKind.PERSON: "name", HolderKind.AGENCY: "agency_name", HolderKind.DEVICE: "device_name"}
_OWN = frozenset({"title", "agency", "email"})
"""Rows that have an option of their own and are no details."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form. ``request``: the value of a :class:`~.model.RequestKind`, or ``minutes``. ``kind``: for whom, or any.

    ``rows``: keys of what it asks for, in order; ``needed``: those that may not stay empty.
    """

    code: str
    request: str
    kind: HolderKind | None
    title: str
    about: str
    rows: tuple[str, ...]
    needed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms, the Vietnamese and English labels of their rows, and the provider to whom requests go."""

    forms: tuple[Form, ...]
    labels: Mapping[str, tuple[str, str]]
    to: str

    def find(self, code: str) -> Form:
        """By its code. Refuses HOLDING_FORM_UNKNOWN."""
        for form in self.forms:
            if form.code == code:
                return form
        raise self._unknown(code, "?")

    def of_request(self, request: RequestKind, kind: HolderKind) -> Form:
        """The form with which something is asked for. Refuses HOLDING_FORM_UNKNOWN."""
        for form in self.forms:
            if form.request == request.value and form.kind in {None, kind}:
                return form
        raise self._unknown(request.value, kind.value)

    def _unknown(self, form: str, kind: str) -> Refused:
        present = ", ".join(each.code for each in self.forms)
        return Refused(HOLDING_FORM_UNKNOWN, form=one_line(form, 40), kind=kind, present=present)


def read_forms(own: Path | None = None) -> Forms:
    """The packaged forms, or a file of the same shape. Refuses HOLDING_RULES_INVALID."""
    try:
        text = own.read_text("utf-8") if own else (resources.files(__package__) / "forms.toml").read_text("utf-8")
        members = tomllib.loads(text)
        labels = {key: (str(vi), str(en)) for key, (vi, en) in members["labels"].items()}
        return Forms(tuple(_form(row, labels) for row in members["form"]), labels, str(members["to"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(HOLDING_RULES_INVALID, file=own or "forms.toml", why=one_line(str(error), 120)) from error


def _form(row: Mapping[str, Any], labels: Mapping[str, tuple[str, str]]) -> Form:
    rows = [str(each) for each in row["rows"]]
    keys = tuple(each.rstrip("?") for each in rows)
    unknown = [key for key in keys if key not in labels]
    if unknown:
        raise ValueError(f"rows: {unknown[0]}")
    kind = HolderKind(row["kind"]) if "kind" in row else None
    needed = frozenset(each for each in rows if not each.endswith("?"))
    request = str(row["request"])
    if request != MINUTES:
        RequestKind(request)
    return Form(str(row["code"]), request, kind, str(row["title"]), str(row["about"]), keys, needed)


def fill(forms: Forms, form: Form, holding: Holding) -> list[tuple[str, str]]:
    """The rows of a form, label and value, from a holding. Refuses HOLDER_INCOMPLETE with all that is missing."""
    values = _values(forms, holding)
    missing = [key for key in form.rows if key in form.needed and not values.get(key)]
    if missing:
        raise _incomplete(forms, form, missing)
    return [(_label(forms, key, holding.holder.kind), values[key]) for key in form.rows if values.get(key)]


def require_complete(forms: Forms, holder: Holder) -> None:
    """Refuse a request for issue whose form could not be filled. HOLDER_INCOMPLETE."""
    form = forms.of_request(RequestKind.ISSUE, holder.kind)
    values = _of_holder(holder)
    missing = [key for key in form.rows if key in form.needed and not values.get(key)]
    if missing:
        raise _incomplete(forms, form, missing)


def _incomplete(forms: Forms, form: Form, missing: list[str]) -> Refused:
    vi, en = (", ".join(forms.labels[key][each] for key in missing) for each in (0, 1))
    keys = ", ".join(f"--{key}" if key in _OWN else f"--detail {key}=…" for key in missing)
    return Refused(HOLDER_INCOMPLETE, form=form.code, missing_vi=vi, missing_en=en, keys=keys)


def _label(forms: Forms, key: str, kind: HolderKind) -> str:
    # The forms for any kind of holder say "name"; the label is that of the kind.
    return forms.labels[_NAMES[kind] if key == "name" else key][0]


def _of_holder(holder: Holder) -> dict[str, str]:
    values = {key: text.strip() for key, text in holder.details.items()}
    values |= {"title": holder.title, "agency": holder.agency, "managing": holder.agency, "email": holder.email}
    return values | dict.fromkeys(_NAMES.values(), holder.name)


def _values(forms: Forms, holding: Holding) -> dict[str, str]:
    values = _of_holder(holding.holder)
    values["device"] = holding.device
    if holding.current is not None:
        begin, end = holding.current.not_valid_before_utc, holding.current.not_valid_after_utc
        values["serial"] = f"{holding.current.serial_number:x}"
        values["valid"] = f"{begin.astimezone(VIETNAM):%d/%m/%Y} - {end.astimezone(VIETNAM):%d/%m/%Y}"
    if holding.request is not None:
        values["reason"] = holding.request.reason
        if holding.request.changed is not None:
            values["changed"] = _difference(forms, holding.holder, holding.request.changed)
    return values


def _difference(forms: Forms, old: Holder, new: Holder) -> str:
    before, now = _of_holder(old), _of_holder(new)
    keys = [key for key in now if key in forms.labels and now[key] != before.get(key, "") and key != "managing"]
    named = [key for key in keys if key not in _NAMES.values() or key == _NAMES[new.kind]]
    return "; ".join(f"{forms.labels[key][0]}: {before.get(key) or '-'} → {now[key]}" for key in named)
