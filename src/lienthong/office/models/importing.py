"""What was taken over from an older system: each run with its report, and which row became which document."""

from __future__ import annotations

from django.db import models

from lienthong.office.models.document import Document
from lienthong.webkit.people.models import Account, Agency


class ImportRun(models.Model):
    """Một lần nhập dữ liệu chuyển đổi: a table of documents of past years, perhaps with a package of files.

    ``system``: name of the older system; with a row's key it is the row's identity for ever. ``rows``: digest of the
    table as lines of JSON, ``package``: of the ZIP with the files, ``findings``: of the report's lines. ``mapping``:
    field to column number. ``state``: ``mapping``, ``checking``, ``checked``, ``importing``, ``done``, ``failed``.
    ``position``: rows looked at in this state. ``result``: the totals of the trial or of the import.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    system = models.CharField(max_length=40)
    direction = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    header = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    series_by_kind = models.BooleanField(default=False)
    rows = models.BinaryField(max_length=32)
    count = models.PositiveIntegerField()
    package = models.BinaryField(max_length=32, null=True)
    state = models.CharField(max_length=10, default="mapping")
    position = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    findings = models.BinaryField(max_length=32, null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("agency", "-id"), name="import_run_newest"),)


class ImportedRow(models.Model):
    """One row of an older system and the document that it became; the same row again is the same document."""

    agency = models.ForeignKey(Agency, models.PROTECT)
    system = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    document = models.OneToOneField(Document, models.CASCADE, related_name="imported_from")
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="imported")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("agency", "system", "key"), name="imported_row_once"),)
        indexes = (models.Index(fields=("run", "id"), name="imported_row_by_run"),)
