"""What a connection's system was seen to have, and how far it was looked through."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.models import OrganizationModel
from receivables.integrations.linking import reading
from receivables.integrations.models import Connection


class Directory(OrganizationModel):
    """The last look through what a system has; `problem` says why it failed.

    `position` is where a look stands that takes several visits of a program over there.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Being looked through")
        DONE = "done", _("Looked through")
        FAILED = "failed", _("Not looked through")

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="directories", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")
    position = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("look through a system")
        verbose_name_plural = _("looks through systems")
        constraints = [models.UniqueConstraint(fields=["organization", "connection"], name="directory_once")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.state}"


class Counterpart(OrganizationModel):
    """A customer, product or account over there as it was seen last. `seen_at` is the look that saw it."""

    class What(models.TextChoices):
        CUSTOMER = reading.CUSTOMER, _("Customer")
        ITEM = reading.ITEM, _("Product or service")
        ACCOUNT = reading.ACCOUNT, _("Account")

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="counterparts", db_index=False)
    what = models.CharField(max_length=10, choices=What)
    key = models.CharField(max_length=100)
    number = models.CharField(max_length=100, blank=True, default="")
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True, default="")
    tax_id = models.CharField(max_length=60, blank=True, default="")
    currency = models.CharField(max_length=3, blank=True, default="")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("counterpart over there")
        verbose_name_plural = _("counterparts over there")
        constraints = [models.UniqueConstraint(fields=["connection", "what", "key"], name="counterpart_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})" if self.number and self.number != self.name else str(self.name)
