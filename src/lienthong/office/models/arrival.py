"""What has come in and waits for the registrar."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.office.states import ArrivalState
from lienthong.webkit.people.models import Account, Agency


class Arrival(models.Model):
    """Văn bản chờ tiếp nhận: one item of a tray, from the axis, a scanner, a mailbox or the counter.

    ``reference``: identifier at its source; the same one again is the same arrival. ``fields``: what the packet or the
    page says, proposals for the registrar. ``verdict``: packet and signatures, with reasons. ``duplicates``: ids of
    documents and arrivals that may be the same, each with its reason.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    source = models.CharField(max_length=10)
    state = models.CharField(max_length=12, default=ArrivalState.CHECKING.value)
    reference = models.CharField(max_length=255)
    received_at = models.DateTimeField()
    sender_code = models.CharField(max_length=64, blank=True)
    sender_name = models.CharField(max_length=300, blank=True)
    identifier = models.CharField(max_length=255, blank=True)
    title = models.CharField(max_length=500)
    urgency = models.PositiveSmallIntegerField(default=0)
    fields = models.JSONField(default=dict)
    verdict = models.JSONField(null=True)
    duplicates = models.JSONField(default=list)
    document = models.OneToOneField("office.Document", models.SET_NULL, null=True, related_name="arrival")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agency", "source", "reference"), name="arrival_once"),
            models.CheckConstraint(condition=~Q(state="returned") | ~Q(reason=""), name="return_has_reason"),
        )
        indexes = (
            models.Index(fields=("agency", "state", "-urgency", "id"), name="arrival_tray"),
            models.Index(fields=("agency",), condition=Q(state="checking"), name="arrival_to_check"),
            models.Index(
                fields=("agency", "sender_code", "-id"), condition=~Q(sender_code=""), name="arrival_by_sender"
            ),
            models.Index(fields=("agency", "identifier"), condition=~Q(identifier=""), name="arrival_by_identifier"),
        )
