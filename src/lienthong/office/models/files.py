"""Files of documents and arrivals: bytes lie in the blob store under their digest and never change."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.office.models.arrival import Arrival
from lienthong.office.models.document import Document
from lienthong.webkit.people.models import Account, Agency


class StoredFile(models.Model):
    """Tệp: one version of one file. ``slot``: which file of the document (0 the document itself, then attachments);
    ``version``: from 1; the newest one counts, the others stay.

    ``role``: ``document``, ``attachment``, ``editable`` (the DOCX behind a draft), ``evidence``. ``verdict``: report on
    its signatures, for PDF; None until looked at. ``text_state``: ``none``, ``read``, ``recognised``, ``failed``.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.CASCADE, null=True, related_name="files")
    arrival = models.ForeignKey(Arrival, models.CASCADE, null=True, related_name="files")
    slot = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    role = models.CharField(max_length=12)
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    pages = models.PositiveIntegerField(null=True)
    verdict = models.JSONField(null=True)
    text_state = models.CharField(max_length=12, default="none")
    comment = models.CharField(max_length=500, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(document__isnull=False) | Q(arrival__isnull=False), name="file_belongs"),
            models.UniqueConstraint(fields=("document", "slot", "role", "version"), name="file_version_once"),
        )
        indexes = (
            models.Index(fields=("sha256", "agency"), name="stored_file_of_bytes"),
            models.Index(fields=("arrival",)),
        )


class PageWords(models.Model):
    """Chữ trên trang: the words recognised on one scanned page, with their places.

    Recognising costs seconds a page, so it is kept; the words of a page that holds text are read from the file when
    somebody looks. ``page``: from 1; ``rows``: as :mod:`lienthong.trust.pdf.words` packs them.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="words")
    page = models.PositiveIntegerField()
    rows = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("file", "page"), name="page_words_once"),)
