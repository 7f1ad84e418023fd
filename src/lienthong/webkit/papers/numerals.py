"""Numbers as Vietnamese papers write them: in words, in Roman letters, with points between thousands.

The words follow spoken Vietnamese of the north, which official papers use: linh before a lone unit, mốt, lăm and tư
after a ten. Source: project decision after the closing lines of the forms of Decree 30/2020/NĐ-CP Appendix V.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

LARGEST = 999_999_999
_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("triệu", "nghìn", "")
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def in_words(number: int) -> str:
    """A count in Vietnamese words: 1025 is ``một nghìn không trăm hai mươi lăm``.

    From 0 to 999,999,999; any other is a ValueError, because no paper counts so far.
    """
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} is not between 0 and {LARGEST}")
    if number == 0:
        return _DIGITS[0]
    words: list[str] = []
    for place, name in zip((1_000_000, 1000, 1), _GROUPS, strict=True):
        group = number // place % 1000
        if group:
            # After a higher group the hundreds are always said: one thousand and five is "không trăm linh năm".
            words += [*_group_words(group, full=bool(words)), name]
    return " ".join(filter(None, words))


def _group_words(group: int, *, full: bool) -> list[str]:
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words = [_DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens > 1:
        words += [_DIGITS[tens], "mươi"]
    elif tens:
        words.append("mười")
    elif units and words:
        words.append("linh")
    if units:
        words.append(_unit_word(tens, units))
    return words


def _unit_word(tens: int, units: int) -> str:
    if units == 5 and tens:
        return "lăm"
    if tens > 1:
        return {1: "mốt", 4: "tư"}.get(units, _DIGITS[units])
    return _DIGITS[units]


def roman(number: int) -> str:
    """A number from 1 to 3999 in Roman letters, as large headings have it; any other is a ValueError."""
    if not 1 <= number <= 3999:
        raise ValueError(f"{number} has no Roman form")
    letters = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        letters += sign * count
    return letters


def two_digits(number: int) -> str:
    """A number below ten with its leading zero, so that no digit can be put before it."""
    return f"{number:02d}" if number >= 0 else str(number)


def counted(number: int) -> str:
    """A count in figures and words: ``05 (năm)``, ``1.215 (một nghìn hai trăm mười lăm)``."""
    return f"{two_digits(number) if number < 1000 else grouped(number)} ({in_words(number)})"


def grouped(number: int) -> str:
    """A whole number with points between thousands: ``1.234.567``."""
    return f"{number:,}".replace(",", ".")


def fraction(number: float | Decimal, decimals: int) -> str:
    """A number with a comma before its decimals, half away from zero as spreadsheets round: ``1.234.567,89``."""
    exact = Decimal(repr(number)) if isinstance(number, float) else number
    if not exact.is_finite():
        return ""
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if not rounded:
        rounded = abs(rounded)
    return f"{rounded:,f}".translate(_VIETNAMESE)


_VIETNAMESE = str.maketrans({",": ".", ".": ","})
