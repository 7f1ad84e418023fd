"""Approvals of a draft, each bound to the digest of the file that was seen, and the chain of signatures."""

from __future__ import annotations

from django.db import models

from lienthong.office.models.document import Document
from lienthong.webkit.people.models import Account, Agency


class Review(models.Model):
    """Duyệt: content (D30 art. 12.1), form (art. 12.2) or office. Stale when the file has another digest now."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.PROTECT, related_name="reviews")
    step = models.CharField(max_length=10)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    for_whom = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    approved = models.BooleanField()
    text = models.TextField(blank=True)
    sha256 = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("document", "id")),)


class SigningStep(models.Model):
    """Bước ký: who signs, in which order; steps of the same ``order`` may sign side by side.

    ``sha256_before``/``sha256_after``: the file before and after the signature. ``field``: name of the signature field.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.PROTECT, related_name="signing_steps")
    order = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    for_whom = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    position = models.CharField(max_length=200)
    capacity = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=40, blank=True)
    signed_at = models.DateTimeField(null=True)
    sha256_before = models.BinaryField(null=True, max_length=32)
    sha256_after = models.BinaryField(null=True, max_length=32)

    class Meta:
        ordering = ("order", "id")
        indexes = (models.Index(fields=("document",)),)
