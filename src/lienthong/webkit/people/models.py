"""Tables of people: who belongs to which agency and unit, in which position, from when to when."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from lienthong.base.text import fold
from lienthong.webkit.site.duties import Duty


class Agency(models.Model):
    """Cơ quan: a tenant of this installation. ``code``: as in the directory of the axis.

    ``abbreviation``: in symbols of documents (``SNV``). ``place``: địa danh of its documents. ``settings``: choices of
    the agency, each with a default where it is read.
    """

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=300)
    superior = models.CharField(max_length=300, blank=True)
    abbreviation = models.CharField(max_length=40)
    place = models.CharField(max_length=100)
    level = models.CharField(max_length=20)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """Đơn vị: a part of an agency, valid from one day to another; names stay as of the day of a document."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=300)
    abbreviation = models.CharField(max_length=40, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("order", "name")
        indexes = (models.Index(fields=("agency", "parent")),)

    def __str__(self) -> str:
        return self.name


class Account(AbstractBaseUser):
    """Tài khoản: a person who signs in, of one agency.

    ``login``: unique in the installation, lower case. ``sort_name``: given name first, unaccented.
    ``subject``: whose name at the provider of single sign-on it is, unique in the installation; empty without one.
    ``totp_secret``: sealed; with ``totp_since`` it is in use. ``must_change``: the password was given by somebody else.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    login = models.CharField(max_length=100, unique=True)
    full_name = models.CharField(max_length=200)
    sort_name = models.CharField(max_length=200, editable=False)
    email = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    totp_secret = models.BinaryField(null=True)
    totp_since = models.DateTimeField(null=True)
    totp_last_step = models.BigIntegerField(default=0)
    must_change = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="vi")
    preferences = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=300, blank=True)

    USERNAME_FIELD = "login"

    class Meta:
        indexes = (models.Index(fields=("agency", "sort_name")),)
        constraints = (models.UniqueConstraint(fields=("subject",), condition=~Q(subject=""), name="subject_once"),)

    def save(self, *args: object, **values: object) -> None:
        self.sort_name = sort_name(self.full_name)
        super().save(*args, **values)  # type: ignore[arg-type]  # Django's own arguments, passed on

    def __str__(self) -> str:
        return self.full_name


class Appointment(models.Model):
    """Chức vụ: a person's duty in a unit, from one day to another. ``position``: as printed under a signature."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    account = models.ForeignKey(Account, models.PROTECT, related_name="appointments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="appointments")
    duty = models.CharField(max_length=30, choices=[(d.value, d.vi) for d in Duty])
    position = models.CharField(max_length=200)
    capacity = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("account",)), models.Index(fields=("unit", "duty")))
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")), name="appointment_in_order"
            ),
        )

    def in_force(self, day: date) -> bool:
        """Whether the appointment holds on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class Delegation(models.Model):
    """Ủy quyền, vắng mặt: another person acts for somebody for a time, in some of his duties («X thay Y»)."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    principal = models.ForeignKey(Account, models.PROTECT, related_name="given_delegations")
    substitute = models.ForeignKey(Account, models.PROTECT, related_name="held_delegations")
    duties = ArrayField(models.CharField(max_length=30))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="delegation_in_order"),
            models.CheckConstraint(condition=~Q(principal=F("substitute")), name="delegation_to_another"),
        )


class Session(models.Model):
    """Phiên làm việc: one signed-in browser. The cookie's value is not stored, only its digest.

    ``factor``: how far the person has proved who he is: ``password``, ``second`` (password and second factor), ``key``
    (passkey), ``single`` (single sign-on).
    """

    digest = models.BinaryField(primary_key=True, max_length=32)
    agency = models.ForeignKey(Agency, models.PROTECT)
    account = models.ForeignKey(Account, models.CASCADE, related_name="sessions")
    factor = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    address = models.CharField(max_length=64)
    device = models.CharField(max_length=200, blank=True)
    challenge = models.BinaryField(null=True)


class PushDevice(models.Model):
    """Thiết bị nhận thông báo đẩy: one browser that a person has told to show notices while no page is open (RFC 8030).

    ``digest``: of the cookie by which the browser is known again. ``endpoint``, ``point``, ``auth``: where its push
    service takes messages, and the browser's keys (RFC 8291). ``session``: the browser's newest session, while there is
    one. ``sent_at``: when its push service last took a message; ``trouble``: why it did not since.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    account = models.ForeignKey(Account, models.CASCADE, related_name="push_devices")
    session = models.ForeignKey(Session, models.SET_NULL, null=True, related_name="+")
    digest = models.BinaryField(unique=True, max_length=32)
    endpoint = models.CharField(max_length=2000)
    point = models.BinaryField(max_length=65)
    auth = models.BinaryField(max_length=16)
    name = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=100, blank=True)
    trouble_at = models.DateTimeField(null=True)


class Passkey(models.Model):
    """Khóa truy cập (WebAuthn): a person's key in a device."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    account = models.ForeignKey(Account, models.CASCADE, related_name="passkeys")
    credential = models.BinaryField(unique=True, max_length=1024)
    public_key = models.BinaryField(max_length=2048)
    uses = models.BigIntegerField(default=0)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """Mã khôi phục: opens the account once when the second factor is lost; only its digest is stored."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """Mã truy cập của phần mềm: lets a program act as a person at the programming interface, and nowhere else.

    Only its digest is stored. ``may_write``: without it the program can only read.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    account = models.ForeignKey(Account, models.CASCADE, related_name="api_tokens")
    digest = models.BinaryField(unique=True, max_length=32)
    name = models.CharField(max_length=100)
    may_write = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class SignInFailure(models.Model):
    """A failed attempt, kept to slow down guessing. Belongs to no agency: the login may not exist."""

    login = models.CharField(max_length=100)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("login", "at")), models.Index(fields=("address", "at")))


def sort_name(full_name: str) -> str:
    """Vietnamese names are listed by given name, the last word: ``Nguyễn Văn An`` -> ``an nguyen van``."""
    words = fold(full_name).split()
    return " ".join([*words[-1:], *words[:-1]])
