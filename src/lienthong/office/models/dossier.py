"""Work files: the yearly file plan, dossiers, and which documents lie in them (D30 art. 28–31)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.office.models.document import Document
from lienthong.webkit.people.models import Account, Agency, Unit


class FilePlan(models.Model):
    """Danh mục hồ sơ: the dossiers expected in a year, approved by the head. ``state``: ``draft`` or ``approved``."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, default="draft")
    decision = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agency", "year"), name="file_plan_once"),)


class FilePlanHeading(models.Model):
    """Đề mục: a large (Roman) or small (Arabic) heading of a file plan. ``abbreviation``: in codes of dossiers."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    plan = models.ForeignKey(FilePlan, models.CASCADE, related_name="headings")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    abbreviation = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")


class Dossier(models.Model):
    """Hồ sơ: related documents on one matter, with the fields of D30 Appendix VI table III.

    ``code``: ``01.TCCB``, unique in its year. ``retention_years``: None is permanent. ``state``: ``planned``, ``open``,
    ``closed``, ``submitted``, ``accepted``. ``ends_on``: when the work ended.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    plan = models.ForeignKey(FilePlan, models.PROTECT, null=True, related_name="dossiers")
    heading = models.ForeignKey(FilePlanHeading, models.PROTECT, null=True, related_name="dossiers")
    year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=500)
    retention_years = models.PositiveSmallIntegerField(null=True)
    rights = models.CharField(max_length=30, blank=True)
    creator = models.ForeignKey(Account, models.PROTECT, null=True, related_name="dossiers")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=50, default="Tiếng Việt")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    due_date = models.DateField(null=True)
    keywords = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, default="planned")
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agency", "year", "code"), name="dossier_code_once"),
            models.CheckConstraint(
                condition=Q(retention_years__isnull=True) | Q(retention_years__gte=2, retention_years__lte=70),
                name="dossier_retention",
            ),
        )
        indexes = (
            models.Index(fields=("agency", "year", "state", "-id"), name="dossier_by_year"),
            models.Index(fields=("creator", "state"), name="dossier_by_creator"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class DossierDocument(models.Model):
    """A document in a dossier, with its ordinal (số thứ tự); the document itself exists once."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="entries")
    document = models.ForeignKey(Document, models.PROTECT, related_name="dossier_entries")
    ordinal = models.PositiveSmallIntegerField()
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("ordinal",)
        constraints = (
            models.UniqueConstraint(fields=("dossier", "document"), name="filed_once"),
            # Looked at when a statement ends: one that moves all later ordinals up passes through double ones.
            models.UniqueConstraint(
                fields=("dossier", "ordinal"), name="ordinal_once", deferrable=models.Deferrable.IMMEDIATE
            ),
        )
        indexes = (models.Index(fields=("document",)),)


class DossierReader(models.Model):
    """Who may read (or also write) a dossier beside its creator: a person or, negated, a unit.

    ``confirmed_at``: in force since; without it the right is only asked for. ``wanted``: a change that waits for the
    competent person (``read``, ``write``, ``none``); until then the former right stays (function F3c).
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="readers")
    principal = models.BigIntegerField()
    may_write = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    until = models.DateField(null=True)
    wanted = models.CharField(max_length=5, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("dossier", "principal"), name="dossier_reader_once"),)
