"""Four eyes for any verb: how much a person may give away alone, and requests for what exceeds it."""

import pghistory
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel


class AuthorityKind(models.TextChoices):
    """What is given away. Each has its own limits per role or person and currency."""

    BAD_DEBT = "bad_debt", _("Bad debt")
    PRICE_CONCESSION = "price_concession", _("Price concession")
    WRITE_OFF = "write_off", _("Write-off")
    REFUND = "refund", _("Refund")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class AuthorityLimit(OrganizationModel):
    """How much a role, or one person, may give away without asking. A person's row beats the role's.

    `minimum` is the smallest amount it speaks of, `maximum` the largest allowed; empty means no maximum.
    """

    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)
    membership = models.ForeignKey(
        "accounts.Membership",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("person"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=AuthorityKind)
    currency = CurrencyField(_("currency"))
    minimum = MoneyField(_("minimum"), default=0)
    maximum = MoneyField(_("maximum"), null=True, blank=True)

    class Meta:
        verbose_name = _("authority limit")
        verbose_name_plural = _("authority limits")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role="", membership__isnull=False)
                | (~models.Q(role="") & models.Q(membership__isnull=True)),
                name="authority_of_role_or_person",
            ),
            models.CheckConstraint(
                condition=models.Q(minimum__gte=0)
                & (models.Q(maximum__isnull=True) | models.Q(maximum__gte=models.F("minimum"))),
                name="authority_range",
            ),
            models.UniqueConstraint(
                fields=["organization", "role", "kind", "currency"],
                condition=models.Q(membership__isnull=True),
                name="authority_role_once",
            ),
            models.UniqueConstraint(
                fields=["membership", "kind", "currency"],
                condition=models.Q(membership__isnull=False),
                name="authority_person_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.currency}"


class ApprovalRequest(OrganizationModel):
    """A request to do what exceeds the requester's authority. Decided once, by somebody else (W3).

    `verb` is the operation that waits, `subject` the row that it waits with; `facts` is what was true when it was
    asked, `preview` what the deciding person is shown.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    verb = models.CharField(max_length=64)
    kind = models.CharField(_("kind"), max_length=20, choices=AuthorityKind)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    currency = CurrencyField()
    amount = MoneyField()
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    preview = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    requested_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "rejected"])
                | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("requested_by"))),
                name="approval_by_somebody_else",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "verb"],
                condition=models.Q(state="waiting"),
                name="approval_asked_once",
            ),
        ]
        indexes = [models.Index(fields=["organization", "state", "-id"], name="approval_state")]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("approval", args=[self.pk])
