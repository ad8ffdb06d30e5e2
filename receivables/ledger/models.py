"""The one source of every balance: GL accounts, periods, journal entries and lines, open items, allocations.

Signs: a debit is positive, a credit negative, everywhere. Amounts are in the document's currency unless a name says
`organization_amount`. Balances on open items and agreements are moved by triggers alone (see migration 0003).
"""

from decimal import Decimal

import pghistory
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.core.fields import CurrencyField, MoneyField
from receivables.core.models import OrganizationModel
from receivables.ledger.movements import AgreementTransaction  # noqa: F401  a table of this package
from receivables.ledger.rates.models import ExchangeRate  # noqa: F401  another
from receivables.ledger.totals import AccountTotal, Counted  # noqa: F401  two more


@pghistory.track()
class GLAccount(OrganizationModel):
    """An account of the general ledger. As a distribution code it says where written-off debt goes."""

    class Kind(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        EQUITY = "equity", _("Equity")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expense")

    class Role(models.TextChoices):
        NONE = "", _("None")
        RECEIVABLES = "receivables", _("Receivables control")
        UNAPPLIED = "unapplied", _("Unapplied money")
        TRANSFER = "transfer", _("Transfer (nets to zero)")
        CURRENCY_CLEARING = "currency_clearing", _("Currency clearing")
        EXCHANGE = "exchange", _("Realized exchange gain or loss")
        WRITE_OFF = "write_off", _("Write-off expense")
        OPENING = "opening", _("Opening balances")
        REVENUE = "revenue", _("Default revenue")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True, default=Role.NONE)
    active = models.BooleanField(_("active"), default=True)
    write_off_type = models.ForeignKey(
        "customers.AgreementType",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("write-off agreement type"),
        help_text=_("Debt that was booked to this account is written off to an agreement of this type."),
    )
    write_off_override = models.BooleanField(
        _("debit this account on write-off"),
        default=False,
        help_text=_("For liabilities such as taxes: this account is debited instead of the agreement type's own."),
    )

    class Meta:
        verbose_name = _("GL account")
        verbose_name_plural = _("GL accounts")
        constraints = [
            models.UniqueConstraint("organization", Upper("code"), name="gl_account_code_once"),
            models.UniqueConstraint(
                fields=["organization", "role"], condition=~models.Q(role=""), name="gl_account_role_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("gl_account", args=[self.pk])


class Period(OrganizationModel):
    """A calendar month of an organization. Nothing posts into a closed one, also while it is being closed (J5)."""

    month = models.DateField(_("month"))
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "month"], name="period_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="period_is_a_month"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False),
                name="period_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        return reverse("periods")


class JournalEntry(OrganizationModel):
    """A balanced posting. Never changed: a correction is a new entry that reverses it, once.

    `document_date` may lie in a closed period, `posting_date` may not. `total` is the sum of its debits.
    """

    kind = models.CharField(_("kind"), max_length=32)
    source_type = models.CharField(max_length=64)
    source_id = models.BigIntegerField()
    document_date = models.DateField(_("document date"))
    posting_date = models.DateField(_("posting date"))
    currency = CurrencyField()
    line_count = models.PositiveIntegerField()
    total = MoneyField(_("total"))
    organization_total = MoneyField()
    memo = models.CharField(_("text"), max_length=200, blank=True, default="")
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by", db_constraint=False
    )
    posted_by = models.ForeignKey(
        "accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("posted by"),
    )  # fmt: skip
    posted_at = models.DateTimeField(_("posted at"), default=timezone.now)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source_type", "source_id", "kind"], name="journal_entry_source_once"
            ),
            models.CheckConstraint(condition=models.Q(line_count__gte=2), name="journal_entry_two_lines"),
        ]
        indexes = [models.Index(fields=["organization", "posting_date", "id"], name="journal_entry_posting_date")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_type}:{self.source_id}"

    def get_absolute_url(self) -> str:
        return reverse("journal_entry", args=[self.pk])


class OpenItem(OrganizationModel):
    """A receivable document, or unapplied money (negative), with what of it is still open.

    `amount` is the sum of its document's lines and moves when a revision changes it; `balance` lies between 0 and
    `amount` (I1). `paid` and `live_payments` are moved by allocations of payments: the sum applied, and how many.
    `origin` is the item that moved debt once stood on, however often it was moved since. `first_posted`, `last_posted`
    and `moved_at` are the days of its first and last posting and the moment of the latest: on a day that they
    enclose, and on no other, its balance is neither nothing nor what it is now.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        PAYMENT = "payment", _("Payment")
        CREDIT_NOTE = "credit_note", _("Credit note")
        WRITE_OFF = "write_off", _("Write-off")
        TRANSFER = "transfer", _("Moved debt")
        DEPOSIT = "deposit", _("Deposit")
        OVERPAYMENT = "overpayment", _("Overpayment")
        FEE = "fee", _("Fee")

    account = models.ForeignKey(
        "customers.Account", on_delete=models.PROTECT, related_name="open_items", db_constraint=False
    )
    agreement = models.ForeignKey(
        "customers.Agreement", null=True, on_delete=models.PROTECT, related_name="open_items", db_constraint=False
    )
    gl_account = models.ForeignKey(
        GLAccount, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=16, choices=Kind)
    origin = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="moved", db_index=False, db_constraint=False
    )
    number = models.CharField(max_length=40)
    currency = CurrencyField()
    document_date = models.DateField()
    due_date = models.DateField()
    amount = MoneyField(default=0)
    organization_amount = MoneyField(default=0)
    balance = MoneyField(default=0)
    organization_balance = MoneyField(default=0)
    paid = MoneyField(default=0)
    live_payments = models.PositiveIntegerField(default=0)
    live_settlements = models.PositiveIntegerField(default=0)
    voided = models.BooleanField(default=False)
    first_posted = models.DateField(null=True)
    last_posted = models.DateField(null=True)
    moved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, balance__gte=0, balance__lte=models.F("amount"))
                | models.Q(amount__lte=0, balance__lte=0, balance__gte=models.F("amount")),
                name="open_item_balance_within_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(voided=False) | models.Q(live_settlements=0), name="open_item_void_takes_nothing"
            ),
            models.CheckConstraint(
                condition=~models.Q(balance=0) | models.Q(organization_balance=0),
                name="open_item_settled_in_both_currencies",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "due_date", "id"],
                include=["balance", "account"],
                condition=~models.Q(balance=0),
                name="open_item_open",
            ),
            # The ageing of a day reads what was posted to after it by its lines: for today nothing.
            models.Index(fields=["organization", "last_posted"], name="open_item_last_posted"),
            models.Index(fields=["account", "due_date", "id"], name="open_item_account"),
            models.Index(fields=["origin"], condition=models.Q(origin__isnull=False), name="open_item_origin"),
            models.Index(
                fields=["organization", "-balance", "-id"],
                condition=models.Q(kind="invoice", balance__gt=0, live_payments__gt=0),
                name="open_item_short",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("open_item", args=[self.pk])

    @property
    def settled_otherwise(self) -> bool:
        """Whether anything but payments settles it, so that it is worth asking what."""
        return self.live_settlements > self.live_payments

    @property
    def document(self) -> models.Model | None:
        """The document that the item stands for: the row that refers to it under the name of the item's kind; of
        written-off debt that was moved, the transfer."""
        return getattr(self, self.kind, None) or getattr(self, "transfer", None)


class JournalLine(OrganizationModel):
    """One side of an entry. `open_item` and `agreement` are what it *moves*; `for_agreement` for whom it was booked.

    `opens`: the line belongs to the item's own document and moves its amount as well as its balance.
    """

    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line_no = models.PositiveIntegerField()
    gl_account = models.ForeignKey(
        GLAccount, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False,
        verbose_name=_("GL account"),
    )  # fmt: skip
    currency = CurrencyField()
    amount = MoneyField(_("amount"))
    organization_amount = MoneyField(_("in own currency"))
    open_item = models.ForeignKey(
        OpenItem, null=True, on_delete=models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    opens = models.BooleanField(default=False)
    agreement = models.ForeignKey(
        "customers.Agreement", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    for_agreement = models.ForeignKey(
        "customers.Agreement", null=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    memo = models.CharField(_("text"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = [
            models.UniqueConstraint(fields=["entry", "line_no"], name="journal_line_no_once"),
            models.CheckConstraint(
                condition=~models.Q(amount=0) | ~models.Q(organization_amount=0), name="journal_line_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(opens=False) | models.Q(open_item__isnull=False), name="journal_line_opens_an_item"
            ),
        ]
        indexes = [
            models.Index(fields=["open_item"], condition=models.Q(open_item__isnull=False), name="journal_line_item"),
            models.Index(
                fields=["agreement"], condition=models.Q(agreement__isnull=False), name="journal_line_agreement"
            ),
            models.Index(
                fields=["gl_account", "entry"],
                include=["amount", "organization_amount"],
                name="journal_line_gl_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gl_account_id} {self.amount}"


class Allocation(OrganizationModel):
    """A settlement between two open items: what is owed, and what pays it. Amount ≥ 0; zero is allowed ($0 payment).

    Undone only by a later row that reverses it, once, and mirrors it. `credit_item` is empty where the other side is
    no item (bad debt by journal, a credit note that is the document of its entry). Money in another currency than the
    debt goes through currency clearing: `taken` is what left the credit item, in its currency, by an entry of its own.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("Payment")
        CREDIT_NOTE = "credit_note", _("Credit note")
        BAD_DEBT = "bad_debt", _("Bad debt")
        DIFFERENCE = "difference", _("Difference")
        TRANSFER = "transfer", _("Transfer to write-off")
        MOVED = "moved", _("Moved to another agreement")

    kind = models.CharField(max_length=16, choices=Kind)
    debit_item = models.ForeignKey(OpenItem, on_delete=models.PROTECT, related_name="settlements", db_constraint=False)
    credit_item = models.ForeignKey(
        OpenItem, null=True, on_delete=models.PROTECT, related_name="uses", db_constraint=False
    )
    entry = models.ForeignKey(
        JournalEntry, null=True, on_delete=models.PROTECT, related_name="allocations", db_constraint=False
    )
    currency = CurrencyField()
    amount = MoneyField()
    taken = MoneyField(null=True)
    taken_currency = CurrencyField(blank=True, default="", db_default="")
    taken_entry = models.ForeignKey(
        JournalEntry, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by", db_constraint=False
    )
    date = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="allocation_not_negative"),
            models.CheckConstraint(
                condition=models.Q(amount=0) | models.Q(entry__isnull=False), name="allocation_posted"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="payment") | models.Q(credit_item__isnull=False),
                name="allocation_has_its_money",
            ),
            models.CheckConstraint(
                condition=models.Q(taken__isnull=True, taken_currency="", taken_entry__isnull=True)
                | (
                    models.Q(kind="payment", taken__gte=0)
                    & ~models.Q(taken_currency="")
                    & ~models.Q(taken_currency=models.F("currency"))
                    & (models.Q(amount=0, taken=0) | models.Q(amount__gt=0, taken__gt=0, taken_entry__isnull=False))
                ),
                name="allocation_crosses_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"

    @property
    def crossed(self) -> bool:
        """Whether the money is of another currency than the debt."""
        return self.taken is not None

    @property
    def spent(self) -> Decimal:
        """What left the credit item, in its own currency."""
        return self.amount if self.taken is None else self.taken

    @property
    def spent_currency(self) -> str:
        return self.taken_currency or self.currency
