"""What every package builds on: rows of an organization, events, number sequences, idempotency keys, jobs."""

import uuid
from typing import Any, Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OrganizationQuerySet(models.QuerySet):
    """Every query begins here: rows of the actor's organization and of no other."""

    def of(self, actor: Any) -> Self:
        return self.filter(organization_id=actor.organization_id)


class OrganizationModel(models.Model):
    """A row that belongs to one organization. The database holds related rows to the same one by composite keys."""

    organization = models.ForeignKey(
        "accounts.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("organization"),
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        abstract = True


class MadeModel(OrganizationModel):
    """A row that says who made it and when."""

    created_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Event(OrganizationModel):
    """Something that happened: audit trail, history tab and outbox in one. Append-only.

    `refs` names every object whose history shows the event, as "app.model:id".
    """

    name = models.CharField(max_length=64)
    subject_type = models.CharField(_("kind of object"), max_length=64)
    subject_id = models.BigIntegerField(_("key of the object"))
    refs = ArrayField(models.CharField(max_length=80), default=list)
    actor_user = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    actor_name = models.CharField(_("by whom"), max_length=150)
    at = models.DateTimeField(_("moment"), default=timezone.now)
    reason = models.TextField(_("reason"), blank=True, default="")
    data = models.JSONField(default=dict)
    idempotency_key = models.UUIDField(null=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("audit trail")
        indexes = [
            GinIndex(fields=["refs"], name="event_refs"),
            models.Index(fields=["organization", "-id"], name="event_organization_id"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject_type}:{self.subject_id}"


@pghistory.track(exclude=["last"])
class Sequence(OrganizationModel):
    """The gap-free numbers of one kind of document in an organization.

    `last` moves only through the database function `take_numbers`; a number taken is used in the same transaction.
    """

    kind = models.CharField(max_length=32)
    prefix = models.CharField(_("prefix"), max_length=12, blank=True)
    width = models.PositiveSmallIntegerField(_("digits"), default=6)
    last = models.BigIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("numbering")
        verbose_name_plural = _("numbering")
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind"], name="sequence_once_per_kind"),
            models.CheckConstraint(condition=models.Q(last__gte=0), name="sequence_not_negative"),
            models.CheckConstraint(condition=models.Q(width__range=(1, 12)), name="sequence_width"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.prefix}{self.last}"


class IdempotencyKey(OrganizationModel):
    """A form's hidden key, claimed in the same transaction as the work it stands for (X1, X2)."""

    key = models.UUIDField()
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    request_hash = models.BinaryField()
    location = models.CharField(max_length=500, blank=True, default="")
    message = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user", "key"], name="idempotency_key_once"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class Job(OrganizationModel):
    """Long work in the background: its progress, its result, and the wish to stop it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    parameters = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True, default="")
    stop_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "-id"], name="job_organization_id")]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("job", args=[self.pk])

    @property
    def percent(self) -> int:
        """How far the job is, 0 to 100."""
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0
