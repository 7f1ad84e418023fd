"""``lienthong operator``: what the operator of an axis asks and does, from any machine with the operator's profile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from lienthong.connector.http import AxisConnection
from lienthong.connector.profile import connection_of
from lienthong.roles.cli_output import REFUSED, answer, say, verb
from lienthong.roles.cli_profile import JsonOption, ProfileOption, open_profile
from lienthong.roles.moments import local

COUNTED = (
    ("accepted", "đã nhận"),
    ("delivered", "đã giao"),
    ("pending", "còn chờ"),
    ("refused", "bị từ chối"),
    ("expired", "quá hạn"),
    ("recalled", "đã thu hồi"),
)
"""Members of the conservation law in its order, with their Vietnamese words."""


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    for function in (conservation, quarantine, requeue):
        app.command()(function)


@verb
def conservation(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Cân đối: nhận = giao + chờ + từ chối + hết hạn + thu hồi · Does the conservation law hold; exit 1 when not."""
    with connection_of(open_profile(profile)) as connection:
        found = connection.get_json("/v1/operator/conservation")
    answer(as_json, found, lambda: _conservation_lines(found))
    if not (found["holds"] and found["evidence_holds"]):
        raise typer.Exit(REFUSED)


@verb
def quarantine(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """Các lượt giao bị cách ly và lý do · Deliveries in quarantine, with reasons."""
    with connection_of(open_profile(profile)) as connection:
        rows = list(_quarantined(connection))
    answer(as_json, {"deliveries": rows}, lambda: _quarantine_lines(rows))


@verb
def requeue(
    delivery: Annotated[list[int], typer.Argument(min=1, help="Số lượt giao trong danh sách · Delivery numbers.")],
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cho lượt giao ra khỏi cách ly để giao lại · Let deliveries out of quarantine; signed evidence says who did."""
    with connection_of(open_profile(profile)) as connection:
        rows = [connection.members("POST", f"/v1/operator/quarantine/{number}/requeue") for number in delivery]

    def lines() -> Iterator[str]:
        for row in rows:
            number = row["delivery"]
            yield say(f"✓ Lượt giao {number} đang chờ nhận lại.", f"✓ Delivery {number} is available again.")

    answer(as_json, {"requeued": rows}, lines)


def _quarantined(connection: AxisConnection) -> Iterator[dict[str, Any]]:
    """The whole quarantine, page by page."""
    question: dict[str, str] = {}
    while True:
        page = connection.get_json("/v1/operator/quarantine", question)
        yield from page["deliveries"]
        if "next" not in page:
            return
        question = {"after": str(page["next"])}


def _conservation_lines(found: dict[str, Any]) -> Iterator[str]:
    good = found["holds"] and found["evidence_holds"]
    yield say("✓ Cân đối.", "✓ The law holds.") if good else say("✗ KHÔNG cân đối!", "✗ The law does NOT hold!")
    for name, vi in COUNTED:
        yield f"  {say(vi, name):<12} {found[name]}"
    yield say("  kiểm lúc: ", "  checked at: ") + local(found["checked_at"])


def _quarantine_lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    if not rows:
        yield say("Không có lượt giao nào bị cách ly.", "Nothing is in quarantine.")
    for row in rows:
        since, until = local(row["since"]), local(row["expires_at"])
        yield f"{row['delivery']}  → {row['agency']}  {row['document_id']}  ({row['from']})"
        yield say(
            f"    {row['reason']}; {row['attempts']} lần thử; từ {since}, hạn {until}",
            f"    {row['reason']}; {row['attempts']} attempts; since {since}, until {until}",
        )
    if rows:
        yield say("→ Cho giao lại: lienthong operator requeue SỐ", "→ Deliver again: lienthong operator requeue NUMBER")
