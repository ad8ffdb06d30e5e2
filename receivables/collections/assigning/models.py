"""What the page "Collections and assignments" keeps of work that is not saved yet."""

from django.db import models
from django.urls import reverse
from django.utils import timezone

from receivables.core.models import OrganizationModel


class PaymentDraft(OrganizationModel):
    """What a person typed about money of an account and did not save yet; one for each person and account.

    It lives in the database, so that it outlives the session and any web server can show it.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey("customers.Account", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user", "account"], name="payment_draft_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.user}"

    def get_absolute_url(self) -> str:
        return f"{reverse('payment_on_account', args=[self.account_id])}?draft=1"
