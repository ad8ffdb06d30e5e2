"""Settings of the automated write-off: controls, criteria, templates, agencies. Every change is kept."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel
from receivables.customers.models import CollectionClass, Named, WriteOffDebtClass
from receivables.writeoffs.automated.kinds import EventDetails


@pghistory.track()
class CollectionAgency(Named):
    """Somebody outside who collects debt for us."""

    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("collection agency")
        verbose_name_plural = _("collection agencies")
        constraints = [models.UniqueConstraint(fields=["organization", "code"], name="agency_code_once")]


@pghistory.track()
class ProcessTemplate(Named):
    """What happens in a process, and when."""

    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("write-off template")
        verbose_name_plural = _("write-off templates")
        constraints = [models.UniqueConstraint(fields=["organization", "code"], name="process_template_code_once")]


@pghistory.track()
class TemplateEvent(EventDetails):
    """An event of a template: what, in which order, how many days after the process begins."""

    template = models.ForeignKey(ProcessTemplate, on_delete=models.PROTECT, related_name="steps", db_index=False)
    days = models.PositiveSmallIntegerField(_("days after the beginning"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("event of a template")
        verbose_name_plural = _("events of a template")
        constraints = [models.UniqueConstraint(fields=["template", "sequence"], name="template_event_sequence_once")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


@pghistory.track()
class WriteOffControl(OrganizationModel):
    """How debt of a write-off debt class is dealt with on accounts of a collection class, in one currency.

    `maximum` is the authority of the automated process over one agreement; above it the write-off is asked for in the
    name of `responsible` (documented: a control by collection class × write-off debt class; the maximum is ours).
    """

    collection_class = models.ForeignKey(
        CollectionClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("collection class")
    )
    write_off_debt_class = models.ForeignKey(
        WriteOffDebtClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("write-off debt class")
    )
    currency = CurrencyField(_("currency"))
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"), default=0, help_text=_("How long after the final bill's due date nothing is done.")
    )
    apply_money = models.BooleanField(
        _("apply money on account"), default=True, help_text=_("Money that the customer has with us pays debt first.")
    )
    move_debt = models.BooleanField(
        _("move debt to running service"), default=True, db_default=True,
        help_text=_("What a stopped agreement still owes moves to one of the same account that is in service."),
    )  # fmt: skip
    write_down_below = MoneyField(
        _("write down debt below"), default=0, help_text=_("Smaller debt is closed as a small difference. 0: never.")
    )
    write_up_below = MoneyField(
        _("write up credit below"), default=0, help_text=_("Smaller credit is closed as a small difference. 0: never.")
    )
    difference_account = models.ForeignKey(
        "ledger.GLAccount", on_delete=models.PROTECT, related_name="+", verbose_name=_("account of small differences")
    )
    refund_credit = models.BooleanField(
        _("refund money on account"), default=False,
        help_text=_("Money left on an account whose service has ended is given back, once somebody approves it."),
    )  # fmt: skip
    inactive_threshold = MoneyField(
        _("leave a process at"), default=0,
        help_text=_("An agreement that owes no more than this leaves its process. 0: only when it closes."),
    )  # fmt: skip
    maximum = MoneyField(
        _("maximum of an agreement"), null=True, blank=True,
        help_text=_("More than this is written off only when somebody approves it. Empty: no maximum."),
    )  # fmt: skip
    responsible = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("responsible"), help_text=_("In whose name approval is asked for."),
    )  # fmt: skip
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("write-off control")
        verbose_name_plural = _("write-off controls")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "collection_class", "write_off_debt_class", "currency"],
                name="write_off_control_once",
            ),
            models.CheckConstraint(
                condition=models.Q(write_down_below__gte=0, write_up_below__gte=0, inactive_threshold__gte=0)
                & (models.Q(maximum__isnull=True) | models.Q(maximum__gte=0)),
                name="write_off_control_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collection_class} · {self.write_off_debt_class} · {self.currency}"


@pghistory.track()
class WriteOffCriterion(OrganizationModel):
    """When debt under a control gets which template. The lowest priority number is tried first, the first one that is
    true wins; without any that is true no process begins (documented)."""

    control = models.ForeignKey(
        WriteOffControl, on_delete=models.PROTECT, related_name="criteria", verbose_name=_("control")
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=50, help_text=_("The lowest number is tried first; the first one that is met wins.")
    )
    test = models.CharField(_("criterion"), max_length=40, default="always")
    currency = CurrencyField(_("currency"))
    amount = MoneyField(_("amount"), null=True, blank=True, help_text=_("For criteria about how much is owed."))
    template = models.ForeignKey(
        ProcessTemplate, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("template")
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("write-off criterion")
        verbose_name_plural = _("write-off criteria")
        constraints = [
            models.UniqueConstraint(fields=["control", "priority"], name="write_off_criterion_priority_once")
        ]

    def __str__(self) -> str:
        return str(_("Criterion %(priority)s") % {"priority": self.priority})
