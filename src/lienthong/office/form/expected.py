"""What is known of a document before it is checked: the registrar's data, against which the print is compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lienthong.office.form.model import Draft
from lienthong.vocabulary.kinds import Kind

WITHOUT_ABSTRACT = {24, 25, 29}
"""Places in Appendix III: giấy giới thiệu, giấy nghỉ phép, thư công: their sample forms have no abstract."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the document should say; whatever is absent is not compared.

    ``issuer``, ``superior``: full names. ``issuer_sign``: the issuer's abbreviation in a symbol («SNV»); ``unit_sign``:
    that of the drafting unit, in a công văn. ``title``: printed in place of the kind. ``names``: the signers'.
    """

    kind: Kind | None = None
    title: str = ""
    superior: str = ""
    issuer: str = ""
    issuer_sign: str = ""
    unit_sign: str = ""
    year: int | None = None
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, draft: Draft) -> Expected:
        """What a draft of our own should look like in print."""
        issuer_sign, _, unit_sign = draft.symbol.partition("-")
        if draft.kind.abbreviation:
            issuer_sign, unit_sign = unit_sign, ""
        names = tuple(signer.name for signer in draft.signers)
        return cls(draft.kind, draft.title, draft.superior, draft.issuer, issuer_sign, unit_sign, draft.year, names)

    @property
    def is_letter(self) -> bool:
        """A công văn has no kind printed."""
        return self.kind is not None and self.kind.decree30 == 18

    @property
    def heading(self) -> str:
        """The kind as it must be printed, empty when it is not known."""
        if self.title:
            return self.title.upper()
        return self.kind.name.partition("(")[0].strip().upper() if self.kind else ""

    @property
    def decides(self) -> bool:
        """A decision or resolution: it has legal bases and articles."""
        return self.kind is not None and self.kind.decree30 in {1, 2}

    def symbols(self, printed: str) -> Iterator[str]:
        """The symbol that should stand instead of the printed one, if that is wrong."""
        if self.kind is None:
            return
        parts = printed.split("-")
        if self.kind.abbreviation is not None:
            wanted = f"{self.kind.abbreviation}-{self.issuer_sign or '-'.join(parts[1:]) or '…'}"
        elif self.issuer_sign:
            wanted = f"{self.issuer_sign}-{self.unit_sign or '-'.join(parts[1:]) or '…'}"
        else:
            return
        if printed != wanted:
            yield wanted


NOTHING_KNOWN = Expected()
"""A document that came without data: only what holds for all documents is checked."""
