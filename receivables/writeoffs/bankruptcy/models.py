"""What a filing stopped, and that it was withdrawn. Nothing here is ever changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.models import MadeModel, OrganizationModel
from receivables.customers.models import Agreement


class BankruptcyStop(OrganizationModel):
    """Service that a filing stopped, as it was before: so a filing that was made in error can be taken back."""

    bankruptcy = models.ForeignKey(
        "writeoffs.Bankruptcy", on_delete=models.PROTECT, related_name="stops", db_constraint=False
    )
    agreement = models.ForeignKey(
        "customers.Agreement", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    state = models.CharField(max_length=16, choices=Agreement.State)
    stop_date = models.DateField(null=True)
    awaits_final_bill = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("service stopped by a bankruptcy")
        verbose_name_plural = _("service stopped by bankruptcies")
        constraints = [
            models.UniqueConstraint(fields=["bankruptcy", "agreement"], name="bankruptcy_stops_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending_start", "active", "pending_stop"]),
                name="bankruptcy_stops_service",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bankruptcy_id} {self.agreement_id}"


class BankruptcyWithdrawal(MadeModel):
    """What took back a bankruptcy that was started in error, once and whole: the debt stands where it stood, and the
    filing stays in the history."""

    bankruptcy = models.OneToOneField(
        "writeoffs.Bankruptcy", on_delete=models.PROTECT, related_name="withdrawal", db_constraint=False
    )
    reason = models.TextField(_("reason"))
    posting_date = models.DateField(_("posting date"))

    class Meta:
        verbose_name = _("withdrawal of a bankruptcy")
        verbose_name_plural = _("withdrawals of bankruptcies")
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="bankruptcy_withdrawal_says_why")]

    def __str__(self) -> str:
        return str(self.bankruptcy)

    def get_absolute_url(self) -> str:
        return self.bankruptcy.get_absolute_url()
