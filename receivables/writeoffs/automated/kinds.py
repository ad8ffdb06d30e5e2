"""What an event of a process can be."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.models import OrganizationModel


class EventKind(models.TextChoices):
    """Source: the published types of write-off events."""

    REFER = "refer", _("Refer to a collection agency")
    CANCEL_REFERRAL = "cancel_referral", _("Cancel the referral")
    LETTER = "letter", _("Send a letter")
    TO_DO = "to_do", _("Create a to-do")
    CREDIT_RATING = "credit_rating", _("Affect the credit rating")
    WRITE_OFF = "write_off", _("Write off by the accounts it was booked to")
    WRITE_OFF_TO_TYPE = "write_off_to_type", _("Write off to one agreement type")
    FUNCTION = "function", _("Run a function")


class EventDetails(OrganizationModel):
    """What an event does, the same in a template and in a process. Each kind uses the fields that it needs."""

    kind = models.CharField(_("event"), max_length=20, choices=EventKind)
    sequence = models.PositiveSmallIntegerField(
        _("sequence"), default=10, help_text=_("Events of one day happen in this order.")
    )
    text = models.TextField(
        _("text"), blank=True, default="", max_length=2000,
        help_text=_("The words of a letter, what is to be done, or why debt is written off."),
    )  # fmt: skip
    agency = models.ForeignKey(
        "automated.CollectionAgency", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False, verbose_name=_("agency"), help_text=_("Empty: the one that has the least debt to collect."),
    )  # fmt: skip
    to_type = models.ForeignKey(
        "customers.AgreementType", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("write-off type"), limit_choices_to={"special_role": "write_off"},
    )  # fmt: skip
    points = models.PositiveSmallIntegerField(
        _("points"), null=True, blank=True, help_text=_("By how much the credit rating goes down.")
    )
    months = models.PositiveSmallIntegerField(_("months"), null=True, blank=True, help_text=_("For how long it does."))
    by_email = models.BooleanField(
        _("by e-mail"), default=False, db_default=False,
        help_text=_("A letter goes by e-mail where the customer has an address; otherwise it is printed."),
    )  # fmt: skip
    function = models.CharField(_("function"), max_length=40, blank=True, default="")

    class Meta:
        abstract = True
