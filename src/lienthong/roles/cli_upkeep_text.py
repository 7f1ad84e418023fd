"""How documents of the renewal calendar are told: a line for people, members for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lienthong.base.clock import VIETNAM, to_text
from lienthong.base.errors import Refused
from lienthong.roles.cli_output import language, say
from lienthong.signing.documents import Level
from lienthong.signing.upkeep.keeping import Entry, Outcome
from lienthong.signing.upkeep.standing import Cause, Limit


def why(limit: Limit) -> tuple[str, str]:
    """What ends first, in both languages."""
    day = f"{limit.until.astimezone(VIETNAM):%d/%m/%Y}"
    if limit.cause is Cause.SIGNER:
        return (
            f"chưa có dấu thời gian; chứng thư số «{limit.what}» hết hạn {day}",
            f"no time stamp yet; the certificate “{limit.what}” ends {day}",
        )
    if limit.cause is Cause.AUTHORITY:
        return (
            f"chứng thư số «{limit.what}» của dấu thời gian hết hạn {day}",
            f"the certificate “{limit.what}” of the time stamp ends {day}",
        )
    return f"thuật toán {limit.what} hết được dùng {day}", f"the algorithm {limit.what} ends {day}"


def entry_line(entry: Entry, now: datetime) -> str:
    """One row of the calendar: date, level, file, reason."""
    if entry.standing is None or entry.standing.limit is None:
        said = entry.refused.sentence(language()) if entry.refused is not None else ""
        return f"–           –      {entry.file}  " + say("bỏ qua: ", "skipped: ") + said
    limit = entry.standing.limit
    mark = "! " if entry.is_due(now) else "  "
    day = f"{limit.renew_by.astimezone(VIETNAM):%d/%m/%Y}"
    return f"{mark}{day}  {entry.standing.level.value:<5}  {entry.file}  {say(*why(limit))}"


def entry_members(entry: Entry, now: datetime) -> dict[str, Any]:
    """One row for programs."""
    members: dict[str, Any] = {"file": str(entry.file), "level": None, "renew_by": None, "due": entry.is_due(now)}
    standing = entry.standing
    if standing is None:
        return members | {"skipped": _refusal(entry.refused)}
    members |= {"level": standing.level.value, "signatures": {n: each.value for n, each in standing.levels.items()}}
    if standing.limit is not None:
        vi, en = why(standing.limit)
        members |= {
            "renew_by": to_text(standing.limit.renew_by), "holds_until": to_text(standing.limit.until),
            "cause": standing.limit.cause.value, "why": {"vi": vi, "en": en},
        }  # fmt: skip
    if standing.newest is not None and standing.newest.stamp is not None:
        stamp = standing.newest.stamp
        made = stamp.made
        members["archive_timestamp"] = {
            "field": standing.newest.name, "time": to_text(stamp.time), "digest": stamp.imprint,
            "algorithm": made.algorithm.value if made.algorithm else None,
            "certificate_ends": to_text(made.path[0].not_valid_after_utc),
        }  # fmt: skip
    return members


def action_line(outcome: Outcome, wanted: Level) -> str:
    """What was done with one document, or why nothing was."""
    said = "; ".join(each.sentence(language()) for each in outcome.missing)
    standing = outcome.entry.standing
    if standing is None:
        return f"– {outcome.entry.file}: " + say("bỏ qua: ", "skipped: ") + said
    mark = "✓" if not standing.is_below(wanted) and not said else "!"
    verbs = {
        "complete": say("đã bổ sung", "completed"), "renew": say("đã gia hạn", "renewed"), "": say("đã đạt", "reached")
    }  # fmt: skip
    done = verbs[outcome.action] if outcome.changed or not outcome.action else say("chưa đạt", "not reached")
    day = f"{standing.limit.renew_by.astimezone(VIETNAM):%d/%m/%Y}" if standing.limit is not None else "–"
    next_day = say(f"gia hạn trước {day}", f"renew by {day}")
    return f"{mark} {outcome.entry.file}: {done} {standing.level.value}, {next_day}" + (f"; {said}" if said else "")


def outcome_members(outcome: Outcome) -> dict[str, Any]:
    """What was done, for programs."""
    standing = outcome.entry.standing
    return {
        "file": str(outcome.entry.file), "action": outcome.action, "changed": outcome.changed,
        "level": standing.level.value if standing is not None else None,
        "renew_by": to_text(outcome.entry.renew_by) if outcome.entry.renew_by is not None else None,
        "missing": [_refusal(each) for each in outcome.missing],
    }  # fmt: skip


def _refusal(refused: Refused | None) -> dict[str, str] | None:
    if refused is None:
        return None
    return {
        "code": refused.code.name, "vi": refused.sentence("vi"), "en": refused.sentence("en"),
        "advice_vi": refused.advice("vi"), "advice_en": refused.advice("en"),
    }  # fmt: skip
