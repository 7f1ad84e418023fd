"""The document (văn bản): one row for incoming and outgoing ones, with the fields of D30 Appendix VI Part II."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from lienthong.office.models.numbers import Register
from lienthong.office.states import Direction, Incoming, Outgoing
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.people.models import Account, Agency, Unit


class Document(models.Model):
    """Văn bản: what is registered, handled, filed.

    ``number``: as written (``05``, ``12a``), of the issuer; ``arrival_number`` and ``arrival_date``: of an incoming
    one, in its register. ``due_date``: until when it has to be handled (incoming) or answered (outgoing). ``revision``:
    grows with each change, so that a stale form is noticed. ``secrecy`` is always 0: state secrets are refused here.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    direction = models.CharField(max_length=10)
    state = models.CharField(max_length=20)
    register = models.ForeignKey(Register, models.PROTECT, null=True, related_name="documents")
    year = models.PositiveSmallIntegerField(null=True)
    arrival_number = models.PositiveIntegerField(null=True)
    arrival_date = models.DateField(null=True)
    number = models.CharField(max_length=11, blank=True)
    number_value = models.PositiveIntegerField(null=True)
    symbol = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=100)
    issued_date = models.DateField(null=True)
    issuer_name = models.CharField(max_length=200)
    issuer_code = models.CharField(max_length=64, blank=True)
    abstract = models.CharField(max_length=500)
    language = models.CharField(max_length=30, default="Tiếng Việt")
    pages = models.PositiveIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    signer_position = models.CharField(max_length=100, blank=True)
    signer_name = models.CharField(max_length=50, blank=True)
    signer_capacity = models.CharField(max_length=200, blank=True)
    urgency = models.PositiveSmallIntegerField(default=Urgency.NORMAL.value)
    secrecy = models.PositiveSmallIntegerField(default=0)
    due_date = models.DateField(null=True)
    identifier = models.CharField(max_length=255, blank=True)
    source = models.CharField(max_length=10, blank=True)
    received_at = models.DateTimeField(null=True)
    to_places = models.CharField(max_length=1000, blank=True)
    copies = models.PositiveIntegerField(null=True)
    paper = models.BooleanField(default=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    drafter = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    approver = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    content = models.JSONField(null=True)
    answers = models.ForeignKey("self", models.PROTECT, null=True, related_name="answered_by")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)
    recall_reason = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(direction__in=[each.value for each in Direction]), name="document_direction"
            ),
            models.CheckConstraint(
                condition=Q(direction="incoming", state__in=[each.value for each in Incoming])
                | Q(direction="outgoing", state__in=[each.value for each in Outgoing]),
                name="document_state",
            ),
            models.CheckConstraint(condition=Q(secrecy=0), name="document_not_secret"),
            models.CheckConstraint(
                condition=~Q(direction="incoming")
                | Q(arrival_number__isnull=False, arrival_date__isnull=False, register__isnull=False),
                name="incoming_is_registered",
            ),
            models.UniqueConstraint(fields=("register", "arrival_number"), name="arrival_number_once"),
            models.UniqueConstraint(
                fields=("register", "number_value"), condition=Q(direction="outgoing"), name="outgoing_number_once"
            ),
        )
        indexes = (
            models.Index(fields=("agency", "direction", "-id"), name="document_newest"),
            models.Index(fields=("register", "-arrival_number"), name="document_by_arrival"),
            models.Index(fields=("register", "-number_value"), name="document_by_number"),
            models.Index(fields=("agency", "direction", "state", "-id"), name="document_by_state"),
            models.Index(fields=("agency", "identifier"), condition=~Q(identifier=""), name="document_by_identifier"),
            models.Index(
                fields=("agency", "drafter", "-id"), condition=Q(drafter__isnull=False), name="document_by_drafter"
            ),
            models.Index(
                fields=("agency", "issuer_code", "-id"),
                condition=Q(direction="incoming") & ~Q(issuer_code=""),
                name="document_by_issuer",
            ),
            models.Index(
                fields=("agency", "number", "symbol"),
                condition=Q(direction="incoming"),
                name="document_by_foreign_number",
            ),
        )

    def __str__(self) -> str:
        return self.number_and_symbol or self.abstract

    @property
    def number_and_symbol(self) -> str:
        """``15/QĐ-SNV``; empty while there is no number."""
        return "/".join(part for part in (self.number, self.symbol) if part) if self.number else ""

    @property
    def incoming(self) -> bool:
        return self.direction == Direction.INCOMING.value


class DocumentText(models.Model):
    """What a document is found by. ``exact`` keeps accents, ``plain`` does not; both hold the agency as a word, so
    that the index itself leaves other agencies out. ``body``: text of its files, with page marks (form feeds)."""

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="text")
    agency = models.ForeignKey(Agency, models.PROTECT)
    exact = SearchVectorField()
    plain = SearchVectorField()
    body = models.TextField(blank=True)

    class Meta:
        indexes = (GinIndex(fields=("plain",), name="document_text_plain", fastupdate=False),)


class Reader(models.Model):
    """Who may read a document beside those who may read all: a person, a unit, or the whole agency, and why.

    ``principal``: the account's id, or the unit's id negated, or 0 for everybody in the agency. ``until``: ends with
    a task; None: stays.
    """

    agency = models.ForeignKey(Agency, models.PROTECT)
    document = models.ForeignKey(Document, models.CASCADE, related_name="readers")
    principal = models.BigIntegerField()
    why = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("document", "principal", "why"), name="reader_once"),)
        indexes = (models.Index(fields=("agency", "principal", "-document"), name="reader_newest"),)
