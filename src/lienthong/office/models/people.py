"""What belongs to one person's desk: notices, saved views, phrases."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.base.errors import Language
from lienthong.office.notice_words import read
from lienthong.webkit.people.models import Account, Agency, PushDevice, Unit


class Notice(models.Model):
    """Thông báo: something happened that concerns a person. ``where``: path of the page that it is about.

    ``key``, ``members``: the sentence and its values, see ``office.notice_words``. ``text``: the same in Vietnamese.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    account = models.ForeignKey(Account, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=30, blank=True)
    members = models.JSONField(default=dict)
    text = models.CharField(max_length=500)
    where = models.CharField(max_length=200)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("account", "-id")),
            models.Index(fields=("account",), condition=Q(read_at__isnull=True), name="notice_unread"),
        )

    def said(self, language: Language) -> str:
        """What it says, in the reader's language."""
        return read(self.key, self.members, self.text, language)


class PushSending(models.Model):
    """Thông báo đẩy đang chờ gửi: one notice on its way to one device; the row goes when the push service has it.

    ``notice``: None for a trial. ``due_at``: when it could be sent first, in the hours of work. ``next_at``: not before
    this instant; also how a sender keeps others off meanwhile.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="pushes")
    device = models.ForeignKey(PushDevice, models.CASCADE, related_name="pushes")
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("device", "notice"), name="push_once"),)
        indexes = (models.Index(fields=("agency", "next_at"), name="push_due"),)


class PushKey(models.Model):
    """Khóa của hệ thống với máy chủ thông báo đẩy (VAPID, RFC 8292): one for the installation, in row 1, for ever.

    ``sealed``: the private scalar. Another key would end the subscriptions of all browsers.
    """

    sealed = models.BinaryField()
    made_at = models.DateTimeField()


class SavedView(models.Model):
    """Cách xem đã lưu: the query of a list page under a name, of one person or shared with a unit or the agency."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    owner = models.ForeignKey(Account, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False)
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")

    class Meta:
        indexes = (models.Index(fields=("agency", "page")),)


class Phrase(models.Model):
    """Câu mẫu: a quick phrase, of one person or of the agency."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    owner = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    text = models.CharField(max_length=300)
    order = models.PositiveSmallIntegerField(default=0)


class DeviceCertificate(models.Model):
    """Chứng thư số trên thiết bị: whether a certificate that bears a person's name is his, said by an administrator.

    Two people may have one name, so the name alone gives no right to sign. ``sha256``: of the certificate in DER.
    ``confirmed``: None while nobody has decided.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    account = models.ForeignKey(Account, models.PROTECT, related_name="device_certificates")
    sha256 = models.BinaryField()
    subject = models.CharField(max_length=300)
    issuer = models.CharField(max_length=300)
    serial = models.CharField(max_length=50)
    ends_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    confirmed = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "sha256"), name="device_certificate_once"),
            models.CheckConstraint(
                condition=Q(confirmed=None, decided_at=None, decided_by=None)
                | Q(confirmed__isnull=False, decided_at__isnull=False, decided_by__isnull=False),
                name="device_certificate_decided",
            ),
        )
        indexes = (models.Index(fields=("agency", "-id"), name="device_certificate_new"),)
