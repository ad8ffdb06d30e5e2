"""What is kept of an audit: each run with what it found, and the seals of journal entries and events."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.core.models import Job, MadeModel, OrganizationModel


class AuditRun(MadeModel):
    """Every check of the books at one instant, and what each found. Never changed.

    `entries_through` and `events_through` are the newest rows that the run saw: the state of the data it speaks of.
    `seal_number` and `seal_hash` are the head of the chain of seals then. `results` has one object for each check:
    its name, how many rows it found and the first of them.
    """

    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    daily = models.BooleanField(_("daily"), default=False)
    as_of = models.DateTimeField(_("as of"))
    milliseconds = models.PositiveBigIntegerField(_("duration"))
    entries_through = models.BigIntegerField()
    events_through = models.BigIntegerField()
    seal_number = models.BigIntegerField()
    seal_hash = models.CharField(max_length=64, blank=True)
    checks = models.PositiveIntegerField(_("checks"))
    failed = models.PositiveIntegerField(_("findings"))
    results = models.JSONField()

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        constraints = [
            models.CheckConstraint(condition=models.Q(failed__lte=models.F("checks")), name="audit_run_failed_checks")
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="audit_run_organization_id")]

    def __str__(self) -> str:
        return str(_("Audit %(number)s") % {"number": self.pk})

    def get_absolute_url(self) -> str:
        return reverse("audit_run", args=[self.pk])

    def found(self, name: str) -> dict[str, Any] | None:
        """What the check of this name found, None if the run did not have it."""
        return next((result for result in self.results if result["name"] == name), None)


class Seal(OrganizationModel):
    """A link of an organization's chain: the digest of one journal entry (with its lines) or one event.

    `hash` is over the hash before it, this row's own facts and `digest`, so that nothing can be changed, taken out or
    put in without changing every hash behind it. `version` says in which form the row was digested.
    """

    class Kind(models.TextChoices):
        ENTRY = "entry", _("Journal entry")
        EVENT = "event", _("Event")

    number = models.BigIntegerField()
    kind = models.CharField(max_length=5, choices=Kind)
    row_id = models.BigIntegerField()
    version = models.PositiveSmallIntegerField()
    sealed_at = models.DateTimeField(default=timezone.now)
    digest = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="seal_number_once"),
            models.UniqueConstraint(fields=["organization", "kind", "row_id"], name="seal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind} {self.row_id}"

    @property
    def hex(self) -> str:
        """The hash as people keep it."""
        return bytes(self.hash).hex()


class SealMark(OrganizationModel):
    """How far the rows of an organization will be sealed next: up to these keys, as soon as every transaction that
    could still commit one of them is over (all up to `horizon`)."""

    entries_through = models.BigIntegerField()
    events_through = models.BigIntegerField()
    horizon = models.BigIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="seal_mark_once")]

    def __str__(self) -> str:
        return f"{self.entries_through}/{self.events_through}"
