"""Which notices wait to be pushed, and until when: written together with the notice, sent by the worker.

Urgent kinds at any hour, the others in the hours of working days; whoever reads the notice in the page meanwhile is
left in peace.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from lienthong.base.clock import VIETNAM
from lienthong.office.deadlines import calendar_of
from lienthong.office.models import Notice, PushSending
from lienthong.office.notice_kinds import AT_ONCE, DIGEST_HOUR, PATIENCE
from lienthong.office.services.preferring import Channel, wants
from lienthong.office.services.push_devices import push_hosts
from lienthong.vocabulary.working_calendar import WorkingCalendar
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import PushDevice

EVENING_HOUR = 18
"""Hour of Vietnam from which only urgent notices are pushed, until the next working day begins."""


def queue_pushes(visit: Visit, notices: Sequence[Notice]) -> None:
    """Have new notices pushed to the devices of those whom they are for, in the transaction of the notices."""
    if not notices or not push_hosts():
        return
    devices = list(
        PushDevice.objects.filter(account__in=[each.account_id for each in notices]).select_related("account")
    )
    if not devices:
        return
    calendar = calendar_of(visit.agency)
    due = {each.pk: not_before(calendar, each.kind, each.at) for each in notices}
    PushSending.objects.bulk_create(
        PushSending(agency=visit.agency, notice=notice, device=device, due_at=due[notice.pk], next_at=due[notice.pk])
        for notice in notices
        for device in devices
        if device.account_id == notice.account_id and wants(device.account, notice.kind, Channel.PUSH)
    )


def not_before(calendar: WorkingCalendar, kind: str, at: datetime) -> datetime:
    """When a notice of this kind may be pushed at the earliest."""
    earliest = at + PATIENCE
    here = earliest.astimezone(VIETNAM)
    today = here.date()
    if kind in AT_ONCE:
        return earliest
    if calendar.is_working_day(today):
        if DIGEST_HOUR <= here.hour < EVENING_HOUR:
            return earliest
        if here.hour < DIGEST_HOUR:
            return datetime.combine(today, time(DIGEST_HOUR), VIETNAM)
    return datetime.combine(calendar.next_working_day(today), time(DIGEST_HOUR), VIETNAM)
