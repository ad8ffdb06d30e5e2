"""Four eyes for any verb: how much a person may give away alone, and requests for what exceeds it."""

import pghistory
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import MadeModel, OrganizationModel

REASON_KEY = 64  # letters of "package.model:id"
MOST_DECISIONS = 5


class AuthorityKind(models.TextChoices):
    """What is given away. Each has its own limits per role or person and currency."""

    BAD_DEBT = "bad_debt", _("Bad debt")
    PRICE_CONCESSION = "price_concession", _("Price concession")
    WRITE_OFF = "write_off", _("Write-off")
    REFUND = "refund", _("Refund")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class AuthorityLimit(OrganizationModel):
    """How much a role, or one person, may give away without asking. A person's row beats the role's, and a row of one
    reason beats those of the whole kind.

    `minimum` is the smallest amount it speaks of, `maximum` the largest allowed; empty means no maximum. `reason_key`
    names a reason as `approvals/reasons.py` knows it; empty: every reason of the kind.
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
    reason_key = models.CharField(_("reason"), max_length=REASON_KEY, blank=True, default="", db_default="")
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
                fields=["organization", "role", "kind", "reason_key", "currency"],
                condition=models.Q(membership__isnull=True),
                name="authority_role_once",
            ),
            models.UniqueConstraint(
                fields=["membership", "kind", "reason_key", "currency"],
                condition=models.Q(membership__isnull=False),
                name="authority_person_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.currency}"


@pghistory.track()
class ApprovalStep(OrganizationModel):
    """From `amount_from` on, what is asked for takes this many decisions, each by somebody else."""

    kind = models.CharField(_("kind"), max_length=20, choices=AuthorityKind)
    currency = CurrencyField(_("currency"))
    amount_from = MoneyField(_("from amount"))
    decisions = models.PositiveSmallIntegerField(_("decisions"))

    class Meta:
        verbose_name = _("approval step")
        verbose_name_plural = _("approval steps")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "currency", "amount_from"], name="approval_step_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_from__gte=0, decisions__gte=1, decisions__lte=MOST_DECISIONS),
                name="approval_step_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.currency}"


class ApprovalRequest(OrganizationModel):
    """A request to do what exceeds the requester's authority. Decided once on each of its `levels`, each time by
    somebody else (W3).

    `verb` is the operation that waits, `subject` the row that it waits with; `facts` is what was true when it was
    asked, `preview` what the deciding person is shown. `permission` is what the requester must still hold when it is
    granted, empty if nothing beyond being a member; `reason_key` names the reason whose own limits count.
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
    reason_key = models.CharField(max_length=REASON_KEY, blank=True, default="", db_default="")
    levels = models.PositiveSmallIntegerField(default=1, db_default=1)
    permission = models.CharField(max_length=64, blank=True, default="", db_default="")
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
                condition=models.Q(levels__gte=1, levels__lte=MOST_DECISIONS), name="approval_levels_range"
            ),
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

    @property
    def version(self) -> int:
        """The level that waits: what a person saw of a request, and whether that is still so."""
        return self.decisions.count() + 1

    def get_absolute_url(self) -> str:
        return reverse("approval", args=[self.pk])


class ApprovalDecision(OrganizationModel):
    """What one person decided on one level of a request; never changed.

    `on_behalf_of` is whose limits it was decided with, if those of somebody else.
    """

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    request = models.ForeignKey(
        ApprovalRequest, on_delete=models.PROTECT, related_name="decisions", db_constraint=False
    )
    level = models.PositiveSmallIntegerField(_("level"))
    verdict = models.CharField(_("decision"), max_length=12, choices=Verdict)
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    delegation = models.ForeignKey(
        "approvals.Delegation", null=True, on_delete=models.PROTECT, related_name="decisions", db_constraint=False
    )
    decided_at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(fields=["request", "level"], name="approval_level_decided_once"),
            models.UniqueConstraint(fields=["request", "decided_by"], name="approval_person_decides_once"),
            models.CheckConstraint(
                condition=models.Q(on_behalf_of__isnull=True) | ~models.Q(on_behalf_of=models.F("decided_by")),
                name="approval_on_behalf_of_another",
            ),
            models.CheckConstraint(
                condition=models.Q(on_behalf_of__isnull=True, delegation__isnull=True)
                | models.Q(on_behalf_of__isnull=False, delegation__isnull=False),
                name="approval_on_behalf_by_delegation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} {self.level}"


class Delegation(MadeModel):
    """A member lets another decide with their limits, on days from `starts` to `ends`, both included.

    Kept for ever; ended early by `ended_at`, once.
    """

    of = models.ForeignKey(
        "accounts.Membership", on_delete=models.PROTECT, related_name="+", verbose_name=_("whose"), db_constraint=False
    )
    to = models.ForeignKey(
        "accounts.Membership", on_delete=models.PROTECT, related_name="+", verbose_name=_("to"), db_constraint=False
    )
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    ended_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.CheckConstraint(condition=models.Q(ends__gte=models.F("starts")), name="delegation_has_days"),
            models.CheckConstraint(condition=~models.Q(to=models.F("of")), name="delegation_to_another"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="delegation_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["organization", "ends"], name="delegation_ends")]

    def __str__(self) -> str:
        return f"{self.of.user} → {self.to.user}"

    def get_absolute_url(self) -> str:
        return reverse("delegations")


class ApprovalQuestion(MadeModel):
    """What somebody who may decide asks who asked; the request waits on. One at a time, answered once."""

    request = models.ForeignKey(
        ApprovalRequest, on_delete=models.PROTECT, related_name="questions", db_constraint=False
    )
    text = models.TextField()
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(answered_at__isnull=True), name="approval_question_one_open"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="approval_question_asks"),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (models.Q(answered_at__isnull=False, answered_by__isnull=False) & ~models.Q(answer="")),
                name="approval_question_answered",
            ),
        ]

    def __str__(self) -> str:
        return str(self.text)
