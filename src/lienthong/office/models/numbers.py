"""Registers and the numbers given in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.webkit.people.models import Account, Agency


class Register(models.Model):
    """Sổ đăng ký văn bản: one series of numbers of one year (D30 art. 15, 16, 22).

    ``kinds``: names of the document kinds that are numbered here; none: all that have no register of their own.
    ``next_number``: the number that comes next; it moves only in the transaction that writes a :class:`NumberEntry`.
    ``closed_sha256``: the register on paper as it stood at closing; none for one that came closed from another system.
    ``signed_sha256``: the same paper signed by whoever answers for it; none while the signature is waited for.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    direction = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    kinds = models.JSONField(default=list)
    next_number = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    closed_sha256 = models.BinaryField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    signed_sha256 = models.BinaryField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(signed_sha256=None, signed_at=None, signed_by=None)
                | Q(
                    closed_sha256__isnull=False,
                    signed_sha256__isnull=False,
                    signed_at__isnull=False,
                    signed_by__isnull=False,
                ),
                name="register_signed_after_closing",
            ),
            models.UniqueConstraint(fields=("agency", "direction", "year", "code"), name="register_once"),
            # One series for paper and electronic documents together (D30 art. 22.2).
            models.UniqueConstraint(
                fields=("agency", "year"), condition=Q(direction="incoming"), name="one_incoming_register"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


class NumberEntry(models.Model):
    """Một số trong sổ: given to a document, or void with its reason. It stays for ever; numbers have no gaps."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    register = models.ForeignKey(Register, models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    document = models.OneToOneField("office.Document", models.PROTECT, null=True, related_name="number_entry")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    void_at = models.DateTimeField(null=True)
    void_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    void_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("register", "number"), name="number_once"),
            models.CheckConstraint(
                condition=Q(void_at__isnull=True, document__isnull=False)
                | Q(void_at__isnull=False) & ~Q(void_reason=""),
                name="number_used_or_void",
            ),
        )
