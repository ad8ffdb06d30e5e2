"""Opening balances written set-based: customers, then each table of an invoice in one COPY, every guard on.

Rows are the same as those that billing's own operations write; a statement-level trigger sees a whole batch at once.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.charges import Charge, Priced, PricedLine
from receivables.billing.importing.parsing import Row
from receivables.billing.models import ChargeKind, Invoice, Revision, RevisionLine
from receivables.billing.operations.revisions import bill_to
from receivables.core import events
from receivables.core.access import lock_rows
from receivables.core.bulk import copy, take_keys
from receivables.core.errors import Blocker, Refused
from receivables.core.models import Event
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account, Agreement, AgreementType, CollectionClass, Customer, PaymentTerms
from receivables.ledger.models import ExchangeRate, GLAccount, JournalEntry, JournalLine, OpenItem
from receivables.ledger.posting import convert
from receivables.ledger.queries import closed_months, month_of, posting_date_for, role_accounts
from receivables.ledger.rates.queries import newest_first

CAUSE = Revision.Cause.IMPORTED
OPEN_STATES = [
    Agreement.State.PENDING_START, Agreement.State.ACTIVE, Agreement.State.PENDING_STOP, Agreement.State.STOPPED,
]  # fmt: skip
ZERO = Decimal(0)


@dataclass(frozen=True)
class Holder:
    """Whose invoice it is: customer, account, and the agreement in the invoice's currency."""

    customer: Customer
    account: Account
    agreement: Agreement


@dataclass(frozen=True)
class Posted:
    """An invoice on its way into the tables: the row, whose it is, its keys and its derived facts."""

    row: Row
    holder: Holder
    item: int
    invoice: int
    revision: int
    entry: int
    rate: Decimal
    value: Decimal
    posting_date: date


def setting(found: Any, what: Any) -> Any:
    """A setting that every organization starts with. Raises `Refused` naming it if it is gone."""
    if found is None:
        raise Refused(Blocker("no_setting", _("Nothing can be imported without %(what)s.") % {"what": what}))
    return found


def default_terms(actor: Any) -> PaymentTerms:
    """The terms of new customers: the first active ones."""
    terms = PaymentTerms.objects.of(actor).filter(active=True).order_by("pk").first()
    return setting(terms, _("payment terms"))


class Poster:
    """Posts batches of one import. Its caller holds the import lock of the organization and is in a transaction."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.organization = actor.organization
        roles = role_accounts(actor.organization_id, GLAccount.Role.RECEIVABLES, GLAccount.Role.OPENING)
        self.receivables, self.opening = roles[GLAccount.Role.RECEIVABLES], roles[GLAccount.Role.OPENING]
        self.rates: dict[tuple[str, date], Decimal] = {}
        self.closed: set[date] = set()
        self.created = 0

    def post(self, rows: Sequence[Row]) -> int:
        """Write these invoices, and the customers they need; returns how many of those. Raises through the guards."""
        if not rows:
            return 0
        self.created = 0
        holders = self._holders(rows)
        self.closed = closed_months(self.actor.organization_id, min(row.issued for row in rows))
        keys = [take_keys(model, len(rows)) for model in (OpenItem, Invoice, Revision, JournalEntry)]
        posted = [
            self._posted(row, holders[row.customer.upper(), row.currency], *ids)
            for row, *ids in zip(rows, *keys, strict=True)
        ]
        for table, columns, values in self._tables(posted):
            copy(table, columns, values)
        with connection.cursor() as cursor:
            # What is checked at commit is checked batch by batch, so that a large import does not queue it all up.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return self.created

    def _posted(self, row: Row, holder: Holder, item: int, invoice: int, revision: int, entry: int) -> Posted:
        rate = self._rate(row)
        value = row.amount if rate == 1 else convert(row.amount, rate, self.organization.currency)
        day = row.issued
        if month_of(day) in self.closed:
            day = posting_date_for(self.actor.organization_id, day)
        return Posted(row, holder, item, invoice, revision, entry, rate, value, day)

    def _rate(self, row: Row) -> Decimal:
        if row.currency == self.organization.currency:
            return Decimal(1)
        key = (row.currency, row.issued)
        if key not in self.rates:
            known = ExchangeRate.objects.of(self.actor).filter(currency=row.currency, date__lte=row.issued)
            self.rates[key] = setting(newest_first(known).first(), _("an exchange rate")).rate
        return self.rates[key]

    def _holders(self, rows: Sequence[Row]) -> dict[tuple[str, str], Holder]:
        """Customer, account and agreement of every row, locked in order of key, made where they are missing."""
        first = {row.customer.upper(): row for row in reversed(rows)}
        customers = self._existing(first)
        created = self._create_customers([row for key, row in first.items() if key not in customers])
        customers.update(created)
        self.created = len(created)
        accounts = self._accounts(customers, {customer.pk for customer in created.values()})
        wanted = {(row.customer.upper(), row.currency): row for row in reversed(rows)}
        return self._agreements(wanted, customers, accounts)

    def _existing(self, wanted: dict[str, Row]) -> dict[str, Customer]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.id, w.key, w.number FROM unnest(%s::text[], %s::text[]) AS w(key, number)"
                " JOIN customers_customer c ON upper(c.number) = upper(w.number) AND c.organization_id = %s",
                [list(wanted), [row.customer for row in wanted.values()], self.organization.pk],
            )
            keys = {pk: key for pk, key, _number in cursor.fetchall()}
        locked = lock_rows(Customer.objects.of(self.actor), keys)
        lock_rows(
            Account.objects.of(self.actor), Account.objects.filter(customer__in=locked).values_list("pk", flat=True)
        )
        return {keys[customer.pk]: customer for customer in locked}

    def _create_customers(self, rows: Sequence[Row]) -> dict[str, Customer]:
        terms = default_terms(self.actor) if rows else None
        made = Customer.objects.bulk_create(
            Customer(
                organization=self.organization, number=row.customer, name=row.name or row.customer, email=row.email,
                phone=row.phone, country=row.country, terms=terms, currency=row.currency,
            )
            for row in rows
        )  # fmt: skip
        Event.objects.bulk_create(
            events.build(self.actor, "import_customer", customer, number=customer.number) for customer in made
        )
        return {customer.number.upper(): customer for customer in made}

    def _accounts(self, customers: dict[str, Customer], created: set[int]) -> dict[int, Account]:
        """The first account of each customer; those without one get one."""
        old = [customer.pk for customer in customers.values() if customer.pk not in created]
        accounts: dict[int, Account] = {}
        for account in Account.objects.of(self.actor).filter(customer__in=old).order_by("-pk"):
            accounts[account.customer_id] = account
        lacking = [customer for customer in customers.values() if customer.pk not in accounts]
        numbers = take_numbers(self.actor.organization_id, {"account": len(lacking)}).get("account", [])
        classes = CollectionClass.objects.of(self.actor).order_by("pk")
        collection = setting(classes.first(), _("a collection class")) if lacking else None
        made = Account.objects.bulk_create(
            Account(
                organization=self.organization, customer=customer, number=number, name=customer.name,
                collection_class=collection,
            )
            for customer, (_sequence, number) in zip(lacking, numbers, strict=True)
        )  # fmt: skip
        return accounts | {account.customer_id: account for account in made}

    def _agreements(
        self, wanted: dict[tuple[str, str], Row], customers: dict[str, Customer], accounts: dict[int, Account]
    ) -> dict[tuple[str, str], Holder]:
        """The billed agreement of each account in each currency that is asked for."""
        kinds = AgreementType.objects.of(self.actor).filter(
            special_role=AgreementType.SpecialRole.NONE, eligible_for_billing=True, active=True
        )
        kind = setting(kinds.order_by("payment_priority", "pk").first(), _("an agreement type that is billed"))
        found = Agreement.objects.of(self.actor).filter(
            account__in=accounts.values(), type__in=kinds, state__in=OPEN_STATES
        )
        known = {(each.account_id, each.currency): each for each in found.order_by("-pk")}
        account_of = {key: accounts[customers[key[0]].pk] for key in wanted}
        lacking = [key for key in wanted if (account_of[key].pk, key[1]) not in known]
        numbers = take_numbers(self.actor.organization_id, {"agreement": len(lacking)}).get("agreement", [])
        made = Agreement.objects.bulk_create(
            Agreement(
                organization=self.organization, account=account_of[key], type=kind, number=number, currency=key[1],
                start_date=wanted[key].issued,
            )
            for key, (_sequence, number) in zip(lacking, numbers, strict=True)
        )  # fmt: skip
        known |= {(each.account_id, each.currency): each for each in made}
        return {key: Holder(customers[key[0]], account_of[key], known[account_of[key].pk, key[1]]) for key in wanted}

    def _tables(self, posted: Sequence[Posted]) -> Iterable[tuple[type[models.Model], str, Iterable[tuple[Any, ...]]]]:
        """Every table of an invoice with its columns and rows, in the order in which they refer to each other."""
        org, user, now = self.organization.pk, getattr(self.actor.user, "pk", None), timezone.now()
        memo = str(_("Opening balance"))
        bills = {each.holder.customer.pk: json.dumps(bill_to(each.holder.customer)) for each in posted}
        yield OpenItem, ITEM, (
            (p.item, org, p.holder.account.pk, p.holder.agreement.pk, self.receivables, "invoice", p.row.number,
             p.row.currency, p.row.issued, p.row.due, 0, 0, 0, 0, 0, 0, 0, False)
            for p in posted
        )  # fmt: skip
        yield Invoice, INVOICE, (
            (p.invoice, org, p.row.number, None, p.holder.account.pk, p.holder.agreement.pk, p.item, p.row.currency,
             p.rate, p.row.issued, p.row.due, _days(p.row), p.row.reference, False, True, 1, now)
            for p in posted
        )  # fmt: skip
        yield Revision, REVISION, (
            (p.revision, org, p.invoice, 1, CAUSE.value, p.row.currency, p.row.amount, 0, p.row.amount, p.value, 0, 0,
             bills[p.holder.customer.pk], self._digest(p, memo), 1, False, "", p.posting_date, user, now)
            for p in posted
        )  # fmt: skip
        yield (
            RevisionLine,
            REVISION_LINE,
            (
                (org, p.revision, 1, "charge", memo, p.row.currency, p.row.amount, 0, 0, p.row.amount, self.opening)
                for p in posted
            ),
        )
        yield JournalEntry, ENTRY, (
            (p.entry, org, CAUSE.value, "billing.revision", p.revision, p.row.issued, p.posting_date, p.row.currency, 2,
             p.row.amount, p.value, f"{p.row.number} v1", user, now)
            for p in posted
        )  # fmt: skip
        yield JournalLine, LINE, (line for p in posted for line in self._lines(p, org))
        yield Event, EVENT, (self._event(p) for p in posted)

    def _lines(self, p: Posted, org: int) -> Iterable[tuple[Any, ...]]:
        """Dr receivables, Cr opening balances."""
        agreement = p.holder.agreement.pk
        yield (
            p.entry,
            org,
            1,
            self.receivables,
            p.row.currency,
            p.row.amount,
            p.value,
            p.item,
            True,
            agreement,
            None,
            "",
        )
        yield (p.entry, org, 2, self.opening, p.row.currency, -p.row.amount, -p.value, None, False, None, agreement, "")

    def _digest(self, p: Posted, memo: str) -> str:
        charge = Charge(ChargeKind.CHARGE, memo, p.row.amount, self.opening)
        return Priced((PricedLine(charge, p.row.amount, None, ZERO),), p.row.currency).digest

    def _event(self, p: Posted) -> tuple[Any, ...]:
        invoice = Invoice(pk=p.invoice)
        event = events.build(
            self.actor, "import_invoice", invoice, about=[p.holder.account, p.holder.customer], total=p.row.amount,
            currency=p.row.currency, revision=1,
        )  # fmt: skip
        return (
            event.organization_id, event.name, event.subject_type, event.subject_id, event.refs, event.actor_user_id,
            event.actor_name, event.at, event.reason, json.dumps(event.data), event.idempotency_key, event.request_id,
        )  # fmt: skip


def _days(row: Row) -> int:
    return (row.due - row.issued).days if row.due else 0


ITEM = (
    "id, organization_id, account_id, agreement_id, gl_account_id, kind, number, currency, document_date, due_date, "
    "amount, organization_amount, balance, organization_balance, paid, live_payments, live_settlements, voided"
)
INVOICE = (
    "id, organization_id, number, sequence_number, account_id, agreement_id, open_item_id, currency, rate, issue_date, "
    "due_date, terms_days, reference, summary, imported, current_revision, created_at"
)
REVISION = (
    "id, organization_id, invoice_id, number, cause, currency, net, tax, total, organization_total, bad_debt, "
    "price_concession, bill_to, digest, line_count, internal, reason, posting_date, created_by_id, created_at"
)
REVISION_LINE = (
    "organization_id, revision_id, line_no, kind, description, currency, net, tax_rate, tax, total, gl_account_id"
)
ENTRY = (
    "id, organization_id, kind, source_type, source_id, document_date, posting_date, currency, line_count, total, "
    "organization_total, memo, posted_by_id, posted_at"
)
LINE = (
    "entry_id, organization_id, line_no, gl_account_id, currency, amount, organization_amount, open_item_id, opens, "
    "agreement_id, for_agreement_id, memo"
)
EVENT = (
    "organization_id, name, subject_type, subject_id, refs, actor_user_id, actor_name, at, reason, data, "
    "idempotency_key, request_id"
)
