"""Sentences of invented documents: abstracts, bodies, directives, names of people, all from one source of chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from lienthong.office.seeding import words

_KINDS = tuple(words.KIND_SHARES)
_SHARES = tuple(words.KIND_SHARES.values())


@dataclass(frozen=True, slots=True)
class Subject:
    """What one document is about; the same words come again in its abstract and its body."""

    action: str
    matter: str
    scope: str


@dataclass(frozen=True, slots=True)
class Text:
    """What a document says. ``paragraphs``: of its body, without the abstract."""

    abstract: str
    paragraphs: Sequence[str]

    @property
    def body(self) -> str:
        """The text of its page."""
        return "\n".join((self.abstract, *self.paragraphs))


class Phrases:
    """Composes sentences. The same chance gives the same sentences in the same order."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def kind(self) -> str:
        """A kind of document, as often as in a real office."""
        return self._chance.choices(_KINDS, _SHARES)[0]

    def person(self) -> str:
        """Full name of an invented person: family name, mark, given name."""
        pick = self._chance.choice
        return f"{pick(words.FAMILIES)} {pick(words.PERSON_MARKS)} {pick(words.GIVEN)}"

    def subject(self) -> Subject:
        """What a document may be about."""
        pick = self._chance.choice
        return Subject(pick(words.ACTIONS), pick(words.MATTERS), pick(words.SCOPES))

    def text(self, kind: str, issuer: str, unit: str, day: date) -> Text:
        """A document of a kind, issued on a day; ``unit`` is the unit of the issuer that is named in it."""
        subject, pick = self.subject(), self._chance.choice
        parts = self._parts(subject, day) | {"issuer": issuer, "unit": unit}
        time = pick(words.TIMES).format_map(parts)
        abstract = " ".join((pick(words.LEADS[kind]).format_map(parts), subject.scope, time)).split()
        chosen = self._chance.sample(words.SENTENCES, self._chance.randint(4, 9))
        half = len(chosen) // 2
        paragraphs = (
            _tidy(pick(words.OPENINGS).format_map(parts)),
            *(" ".join(each.format_map(self._parts(subject, day) | parts | self._chances()) for each in some)
              for some in (chosen[:half], chosen[half:])),
            pick(words.CLOSINGS).format_map(parts),
        )  # fmt: skip
        return Text(" ".join(abstract), paragraphs)

    def said(self, phrases: Sequence[str], unit: str, due: date | None) -> str:
        """One of these phrases for a unit and a deadline."""
        fitting = phrases if due is not None else [each for each in phrases if "{due}" not in each]
        return self._chance.choice(fitting).format(unit=unit, due=_written(due) if due is not None else "")

    def _parts(self, subject: Subject, day: date) -> dict[str, object]:
        return {
            "action": subject.action, "matter": subject.matter, "scope": subject.scope,
            "Action": subject.action[0].upper() + subject.action[1:], "year": day.year, "later": day.year + 5,
            "month": day.month, "day": _written(day), "due": _written(day.replace(day=min(28, day.day + 7))),
            "other": self._chance.choice(words.MATTERS),
        }  # fmt: skip

    def _chances(self) -> dict[str, object]:
        number = self._chance.randint
        return {
            "percent": number(45, 99), "few": number(3, 19), "count": number(20, 900),
            "other": self._chance.choice(words.MATTERS),
        }  # fmt: skip


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _tidy(text: str) -> str:
    """Without the blanks that an empty part leaves."""
    return " ".join(text.split()).replace(" .", ".").replace(" ,", ",")
