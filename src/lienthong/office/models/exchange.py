"""What goes out and what comes back: messages for the courier, deliveries, statuses."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.office.models.document import Document
from lienthong.office.states import DeliveryState
from lienthong.webkit.people.models import Account, Agency


class Message(models.Model):
    """Việc gửi qua trục: written in the transaction of what it tells, handed to the courier afterwards.

    ``kind``: ``document``, ``status``, ``recall``, ``replacement``; an issued document is not updated, but replaced or
    corrected by another one (D30 art. 18.3–18.6). ``key``: the same key is the same message for ever. ``state``:
    ``waiting``, ``handed`` (the courier has it), ``sent``, ``refused``.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="messages")
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=120)
    members = models.JSONField()
    state = models.CharField(max_length=10, default="waiting")
    job = models.CharField(max_length=64, blank=True)
    reason_vi = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agency", "key"), name="message_once"),)
        indexes = (
            models.Index(fields=("id",), condition=Q(state__in=("waiting", "handed")), name="message_open"),
            models.Index(fields=("document",)),
        )


class Delivery(models.Model):
    """Nơi nhận: one recipient of an outgoing document, how it gets there and what is known of it.

    ``covers``: envelopes of paper that went; ``taken_by``: who signed for them at the post (the postal register).
    ``status``: newest business status that the recipient reported (01–06, 15, 16), 0 when none.
    By e-mail: ``mailing``: number of the letter to this recipient, from 1; ``tries``: how often it was begun to be
    handed to the mail server; ``next_at``: when that happens (again), None when the worker has nothing to do.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.CASCADE, related_name="deliveries")
    code = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=300)
    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=12, default=DeliveryState.PLANNED.value)
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(default=0)
    status_text = models.CharField(max_length=500, blank=True)
    status_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)
    mailing = models.PositiveSmallIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    covers = models.PositiveSmallIntegerField(default=1)
    taken_by = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("document",)),
            models.Index(fields=("agency", "state", "-id"), name="delivery_by_state"),
            models.Index(fields=("agency", "code", "-id"), condition=~Q(code=""), name="delivery_by_code"),
            models.Index(fields=("agency",), condition=Q(next_at__isnull=False), name="delivery_to_mail"),
        )


class StatusEvent(models.Model):
    """One status that was sent or came back, in order; the newest of a recipient is also in its delivery."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.CASCADE, null=True, related_name="statuses")
    outward = models.BooleanField()
    code = models.PositiveSmallIntegerField()
    party = models.CharField(max_length=64)
    text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("document", "id")),)
