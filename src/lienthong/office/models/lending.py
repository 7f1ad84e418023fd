"""Who used the kept copy of a document (D30 art. 19 and Appendix IV)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.office.models.document import Document
from lienthong.webkit.people.models import Account, Agency


class CopyLoan(models.Model):
    """Sử dụng bản lưu: the kept copy of an issued document was lent, and came back or is still out.

    ``user``: who took it, of the agency or not. ``allowed_by``: who permitted it. One copy is lent once at a time.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.PROTECT, related_name="loans")
    used_on = models.DateField()
    user = models.CharField(max_length=100)
    allowed_by = models.CharField(max_length=100)
    returned_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)
    noted_by = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("document",), condition=Q(returned_on=None), name="copy_lent_once"),
            models.CheckConstraint(
                condition=Q(returned_on=None) | Q(returned_on__gte=models.F("used_on")), name="copy_back_after_use"
            ),
        )
        indexes = (models.Index(fields=("agency", "used_on", "id"), name="copy_loan_by_day"),)
