"""Tasks (việc) and opinions: who has to do what with a document until when, and what they said."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.office.models.document import Document
from lienthong.office.states import LIVE, TO_DO
from lienthong.webkit.people.models import Account, Agency, Unit


class Task(models.Model):
    """Việc: given by somebody to a person or a unit, from a document or on its own (D30 art. 24; facts §6.3, §6.6).

    ``kind``/``role``/``state``: as in :mod:`lienthong.office.states`. ``directive``: the giver's words, word
    for word. ``for_whom``: the leader in whose name a substitute gave it. ``due_date``: not after the parent's.
    ``extension``: a date that is asked for, with its reason in ``extension_reason``.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="tasks")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    kind = models.CharField(max_length=12)
    role = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    title = models.CharField(max_length=500, blank=True)
    giver = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    for_whom = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="tasks")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="tasks")
    directive = models.TextField(blank=True)
    needs_answer = models.BooleanField(default=False)
    due_date = models.DateField(null=True)
    given_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True)
    extension = models.DateField(null=True)
    extension_reason = models.CharField(max_length=500, blank=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(account__isnull=False, unit__isnull=True) | Q(account__isnull=True, unit__isnull=False),
                name="task_has_one_owner",
            ),
        )
        indexes = (
            models.Index(fields=("account", "due_date", "id"), condition=Q(state__in=TO_DO), name="task_of_person"),
            models.Index(fields=("unit", "due_date", "id"), condition=Q(state__in=TO_DO), name="task_of_unit"),
            models.Index(fields=("giver", "-id"), name="task_given"),
            models.Index(fields=("document",), name="task_of_document"),
            models.Index(fields=("agency", "due_date"), condition=Q(state__in=LIVE), name="task_by_deadline"),
        )


class Opinion(models.Model):
    """Ý kiến: what somebody said about a document or a task; never deleted, only superseded.

    ``sha256``: the version of the file that he saw. ``page``/``box``: a mark on a page, when there is one.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.PROTECT, related_name="opinions")
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="opinions")
    author = models.ForeignKey(Account, models.PROTECT, related_name="+")
    for_whom = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12)
    text = models.TextField()
    sha256 = models.BinaryField(null=True, max_length=32)
    page = models.PositiveIntegerField(null=True)
    box = models.JSONField(null=True)
    at = models.DateTimeField()
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = (models.Index(fields=("document", "id")),)
