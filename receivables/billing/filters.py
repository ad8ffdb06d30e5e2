"""What lists of loads and invoices can be narrowed by. Typed text is looked up in prefix indexes."""

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.fields import BooleanField
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.queries import TROUBLE, invoices_in_state, newest_state
from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.queries import OUT_OF_DATE
from receivables.billing.summary.parts import WRITTEN_OFF_KINDS, part_settled, with_parts
from receivables.billing.transferred import MOVED, OWED, transfer_state
from receivables.core.dates import today
from receivables.core.listing import readable
from receivables.customers.models import Account
from receivables.ledger.models import Allocation

MANY = 300  # a text that fits more customers or invoices than this is no search yet
LONGEST = 80

LIVE = Q(invoice__isnull=False, invoice__voided_at__isnull=True)
NOT_LIVE = Q(invoice__isnull=True) | Q(invoice__voided_at__isnull=False)
SETTLED = Q(invoice__open_item__balance=0) | part_settled()
OPEN = ~Q(invoice__open_item__balance=0) & ~part_settled()
NEVER_SENT = Q(invoice__sent_revision__isnull=True)

LOAD_STATUSES = {
    "draft": NOT_LIVE & Q(tonu=False),
    "queued": LIVE & OPEN & NEVER_SENT & Q(tonu=False),
    "invoiced": LIVE & OPEN & ~NEVER_SENT & Q(tonu=False),
    "completed": LIVE & SETTLED,
    "tonu": Q(tonu=True) & (NOT_LIVE | OPEN),
    "short_paid": LIVE & OPEN & Q(invoice__open_item__live_payments__gt=0),
}
LOAD_CHOICES = [
    ("draft", _("Draft")),
    ("queued", _("Queued")),
    ("invoiced", _("Invoiced")),
    ("completed", _("Completed")),
    ("tonu", _("TONU")),
    ("short_paid", _("Short paid")),
    ("to_send", _("To send")),
]
INVOICE_CHOICES = [
    ("open", _("Open (all unpaid)")),
    ("part_paid", _("Part paid")),
    ("overdue", _("Overdue")),
    ("paid", _("Paid")),
    ("settled_written_off", _("Settled – written off")),
    ("written_off_owed", _("Written off – still owed")),
    ("moved_owed", _("Moved – still owed")),
    ("void", _("Void")),
]


# Statuses of invoices whose debt stands on another agreement.
ELSEWHERE = {"written_off_owed": OWED, "moved_owed": MOVED}


def _current_revision(invoice: str, field: str) -> Subquery:
    current = Revision.objects.filter(invoice_id=OuterRef(invoice), number=OuterRef(_joined(invoice)))
    return Subquery(current.values(field)[:1])


def _joined(invoice: str) -> str:
    return "current_revision" if invoice == "pk" else "invoice__current_revision"


def _settled_by(item: str, kinds: Sequence[str]) -> Subquery:
    live = Allocation.objects.filter(
        debit_item_id=OuterRef(item), kind__in=kinds, reverses__isnull=True, reversed_by__isnull=True
    )
    return Subquery(live.order_by().values("debit_item_id").annotate(total=Sum("amount")).values("total"))


def listed_loads(actor: Any) -> QuerySet[Load]:
    """Loads with what their list shows, in one query."""
    return (
        with_parts(Load.objects.of(actor))
        .select_related("account__customer", "invoice__open_item")
        .annotate(
            out_of_date=Case(When(OUT_OF_DATE, then=Value(True)), default=Value(False), output_field=BooleanField()),
            bad_debt=_current_revision("invoice_id", "bad_debt"),
            sending=newest_state("invoice_id"),
            settled_as_loss=_settled_by("invoice__open_item_id", WRITTEN_OFF_KINDS),
            transfer=transfer_state("invoice__open_item"),
        )
    )


def listed_invoices(actor: Any) -> QuerySet[Invoice]:
    """Invoices with the split of what was settled, in one query."""
    return (
        Invoice.objects.of(actor)
        .select_related("account__customer", "open_item")
        .annotate(
            bad_debt=_current_revision("pk", "bad_debt"),
            sending=newest_state("pk"),
            price_concession=_current_revision("pk", "price_concession"),
            settled_as_loss=_settled_by("open_item_id", WRITTEN_OFF_KINDS),
            moved_off=_settled_by("open_item_id", [Allocation.Kind.MOVED]),
            transfer=transfer_state("open_item"),
        )
    )


def invoice_keys(request: Any, most: int) -> list[int]:
    """The invoices of the list with the filters of the address, one more than `most` if there are more."""
    rows = readable(InvoiceFilter(request.GET, queryset=listed_invoices(request.actor), request=request))
    return list(rows.order_by("pk").values_list("pk", flat=True)[: most + 1])


def to_send() -> Q:
    """Loads whose invoice never went out, or has a revision since that is no internal one."""
    since = Revision.objects.filter(
        invoice_id=OuterRef("invoice_id"), number__gt=OuterRef("invoice__sent_revision"), internal=False
    )
    newer = Q(invoice__sent_revision__lt=F("invoice__current_revision")) & Q(Exists(since))
    return LIVE & (NEVER_SENT | newer)


# What a list is narrowed by: never sent, or the state of the newest sending.
SENDING_CHOICES = [
    ("not_sent", _("Not sent")),
    ("trouble", _("Failed, incomplete, uncertain or bounced")),
    *((state.value, state.label) for state in Dispatch.State),
]


def by_sending(actor: Any, value: str, prefix: str = "") -> Q:
    """Rows whose invoice is in this state of sending; `prefix` is the path to the invoice, "" for invoices."""
    live = Q(**{f"{prefix}voided_at__isnull": True})
    if value == "not_sent":
        return live & Q(**{f"{prefix}sent_revision__isnull": True})
    if value == "trouble":  # nobody waits for an invoice that is void
        return live & Q(**{f"{prefix}pk__in": invoices_in_state(actor, *TROUBLE)})
    return Q(**{f"{prefix}pk__in": invoices_in_state(actor, value)})


def accounts_like(actor: Any, text: str) -> list[int]:
    """The accounts of customers whose number begins with the text or whose name has it."""
    found = Q(customer__number__istartswith=text) | Q(customer__name__icontains=text) | Q(number__istartswith=text)
    return list(Account.objects.of(actor).filter(found).values_list("pk", flat=True)[:MANY])


class TypedFilter(filters.CharFilter):
    """Text as it is typed: short, without surrounding blanks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)


class ByCustomer(filters.FilterSet):
    """What both lists are narrowed by."""

    def by_customer(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(account_id__in=accounts_like(self.request.actor, value))


class LoadFilter(ByCustomer):
    """Loads by number, reference, customer, invoice; by what is to be done with them."""

    q = TypedFilter(method="search", label=_("Number, reference, customer or invoice"))
    status = filters.ChoiceFilter(choices=LOAD_CHOICES, method="by_status", label=_("Billing status"))
    out_of_date = filters.ChoiceFilter(
        choices=[("yes", _("Yes")), ("no", _("No"))], method="by_out_of_date", label=_("Out of date")
    )
    customer = TypedFilter(method="by_customer", label=_("Customer"))
    sending = filters.ChoiceFilter(
        choices=SENDING_CHOICES, method="filter_sending", label=pgettext_lazy("heading", "Sending")
    )

    class Meta:
        model = Load
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        actor = self.request.actor
        invoices = Invoice.objects.of(actor).filter(number__istartswith=value).values_list("pk", flat=True)[:MANY]
        return queryset.filter(
            Q(number__istartswith=value)
            | Q(reference__istartswith=value)
            | Q(account_id__in=accounts_like(actor, value))
            | Q(invoice_id__in=list(invoices))
        )

    def by_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(to_send() if value == "to_send" else LOAD_STATUSES[value])

    def filter_sending(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(by_sending(self.request.actor, value, "invoice__"), invoice__isnull=False)

    def by_out_of_date(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(OUT_OF_DATE) if value == "yes" else queryset.exclude(OUT_OF_DATE)


def _day(field: str, lookup: str, label: Any) -> filters.DateFilter:
    return filters.DateFilter(
        field_name=field,
        lookup_expr=lookup,
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


_more_statuses: dict[str, Q] = {}


def add_invoice_status(code: str, words: Any, which: Q) -> None:
    """Let invoices be listed by what an upper package knows of them. For `AppConfig.ready`."""
    INVOICE_CHOICES.append((code, words))
    _more_statuses[code] = which


def invoice_status(code: str) -> Q | None:
    """Which invoices are in a status that an upper package added; None if none did."""
    return _more_statuses.get(code)


class InvoiceFilter(ByCustomer):
    """Invoices by number, reference, customer; by status and dates."""

    q = TypedFilter(method="search", label=_("Number, reference or customer"))
    status = filters.ChoiceFilter(choices=INVOICE_CHOICES, method="by_status", label=_("Status"))
    customer = TypedFilter(method="by_customer", label=_("Customer"))
    sending = filters.ChoiceFilter(
        choices=SENDING_CHOICES, method="filter_sending", label=pgettext_lazy("heading", "Sending")
    )
    issued_from = _day("issue_date", "gte", _("Issued from"))
    issued_to = _day("issue_date", "lte", _("Issued to"))
    due_from = _day("due_date", "gte", _("Due from"))
    due_to = _day("due_date", "lte", _("Due to"))

    class Meta:
        model = Invoice
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(
            Q(number__istartswith=value)
            | Q(reference__istartswith=value)
            | Q(account_id__in=accounts_like(self.request.actor, value))
        )

    def filter_sending(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(by_sending(self.request.actor, value))

    def by_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Overdue and part paid may both be true of one invoice; it is found under both."""
        if value in _more_statuses:
            return queryset.filter(_more_statuses[value])
        if value == "void":
            return queryset.filter(voided_at__isnull=False)
        live = queryset.filter(voided_at__isnull=True)
        if value == "open":
            return live.exclude(open_item__balance=0)
        if value == "part_paid":
            return live.exclude(open_item__balance=0).filter(open_item__balance__lt=F("open_item__amount"))
        if value == "overdue":
            return live.exclude(open_item__balance=0).filter(due_date__lt=today(self.request.actor.organization))
        settled = live.filter(open_item__balance=0)
        if value in ELSEWHERE:
            return settled.filter(Exact(transfer_state("open_item"), Value(ELSEWHERE[value])))
        return settled.filter(lost()) if value == "settled_written_off" else settled.exclude(lost()).exclude(moved())


def lost() -> Q:
    """Invoices of whose current revision, or by live settlements, something was written off."""
    given = Revision.objects.filter(bad_debt__gt=0, invoice__current_revision=F("number")).values("invoice_id")
    settled = Allocation.objects.filter(
        kind__in=WRITTEN_OFF_KINDS, reverses__isnull=True, reversed_by__isnull=True, amount__gt=0
    ).values("debit_item_id")
    return Q(pk__in=given) | Q(open_item_id__in=settled)


def moved() -> Q:
    """Invoices of which something was moved to another agreement: whether it is paid is seen there."""
    off = Allocation.objects.filter(kind=Allocation.Kind.MOVED, reverses__isnull=True, reversed_by__isnull=True)
    return Q(open_item_id__in=off.values("debit_item_id"))
