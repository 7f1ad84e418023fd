"""What programs are told and were answered: subscriptions, calls that wait, answers kept for repeated requests."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.webkit.people.models import Account, Agency


class Webhook(models.Model):
    """Đăng ký nhận báo: an address of a program that is called when something of the wanted kinds happens.

    ``secret``: sealed; ``old_secret`` signs beside it until ``old_until``, so that a change of secret loses no call.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    secret = models.BinaryField()
    old_secret = models.BinaryField(null=True)
    old_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)


class WebhookCall(models.Model):
    """One call to make, written with what it tells. ``state``: ``waiting``, ``heard``, ``given_up``.

    ``body``: the CloudEvent as it is signed and sent, the same at each attempt.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="calls")
    event = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    body = models.TextField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("agency", "next_at"), condition=Q(state="waiting"), name="webhook_call_due"),
            models.Index(fields=("webhook", "-id"), name="webhook_call_newest"),
        )


class KeptAnswer(models.Model):
    """What a program was answered to a request with an ``Idempotency-Key``; the same request again is answered alike.

    ``token``: digest of the program's token. ``request``: digest of method, address and body. Kept for a day.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    token = models.BinaryField(max_length=32)
    key = models.CharField(max_length=200)
    request = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("token", "key"), name="kept_answer_once"),)
        indexes = (models.Index(fields=("agency", "at"), name="kept_answer_age"),)
