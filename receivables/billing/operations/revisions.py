"""What every change of an invoice is made of: a revision with its lines and taxes, and the difference it posts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from receivables.billing.charges import Priced, price
from receivables.billing.models import ChargeKind, Invoice, Load, Revision, RevisionLine, RevisionTax
from receivables.billing.queries import LoadState
from receivables.billing.rules import revision_day_blocker
from receivables.core.compiled import Arg, Compiled
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.rows import insert, update
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account, Customer
from receivables.ledger.models import GLAccount, OpenItem
from receivables.ledger.posting import Draft, Line, convert, post
from receivables.ledger.queries import PostingDays, role_accounts
from receivables.ledger.rates.overriding import Override, document_rate

# What a load keeps of its charges when they are put on an invoice.
BILLED = ("charges_total", "billed_charges", "version")
LINES = Compiled(
    lambda: RevisionLine.objects.filter(revision_id__any=Arg("revisions")).values_list(
        "revision_id", "gl_account_id", "net", "tax", "tax_code__gl_account_id"
    )
)
CUSTOMERS = Compiled(lambda: Customer.objects.filter(pk__any=Arg("keys")).select_related("terms"))


def customers_of(accounts: Iterable[Account]) -> dict[int, Customer]:
    """The customers of accounts with their terms, by key."""
    keys = {account.customer_id for account in accounts}
    return {customer.pk: customer for customer in CUSTOMERS.fetch(keys=list(keys))}


def bill_to(customer: Customer) -> dict[str, str]:
    """The customer as the document will always show them."""
    fields = ("number", "name", "address", "city", "region", "postal_code", "country", "tax_id", "email")
    return {field: getattr(customer, field) for field in fields}


@dataclass(frozen=True)
class Written:
    """A revision to be written: what an invoice says from now on, and why."""

    invoice: Invoice
    priced: Priced
    number: int
    cause: str
    posting_date: date
    bill_to: dict[str, str]
    reason: str = ""
    internal: bool = False


def write_revisions(actor: Any, wanted: Sequence[Written]) -> list[Revision]:
    """Freeze what invoices say, with their lines and taxes, each table in one statement."""
    revisions = insert(_header(actor, each) for each in wanted)
    written = list(zip(revisions, wanted, strict=True))
    insert(
        RevisionLine(
            organization=actor.organization, revision=revision, line_no=line_no, load_id=line.charge.load_id,
            accessorial_id=line.charge.accessorial_id, kind=line.charge.kind, description=line.charge.description,
            quantity=line.charge.quantity, rate=line.charge.rate, currency=revision.currency, net=line.net,
            tax_code_id=line.tax.code_id if line.tax else None, tax_rate=line.tax.rate if line.tax else Decimal(0),
            tax=line.tax_amount, total=line.total, gl_account_id=line.charge.gl_account_id,
        )
        for revision, each in written
        for line_no, line in enumerate(each.priced.lines, start=1)
    )  # fmt: skip
    insert(
        RevisionTax(
            organization=actor.organization, revision=revision, tax_code_id=tax.code_id, name=tax.name, rate=tax.rate,
            currency=revision.currency, net=net, tax=amount,
        )
        for revision, each in written
        for tax, net, amount in each.priced.taxes
    )  # fmt: skip
    return revisions


def _header(actor: Any, wanted: Written) -> Revision:
    invoice, priced = wanted.invoice, wanted.priced
    return Revision(
        organization=actor.organization, invoice=invoice, number=wanted.number, cause=wanted.cause,
        currency=invoice.currency, net=priced.net, tax=priced.tax, total=priced.total,
        organization_total=convert(priced.total, invoice.rate, actor.organization.currency),
        bad_debt=priced.given(ChargeKind.BAD_DEBT), price_concession=priced.given(ChargeKind.PRICE_CONCESSION),
        bill_to=wanted.bill_to, digest=priced.digest, line_count=len(priced.lines), internal=wanted.internal,
        reason=wanted.reason, posting_date=wanted.posting_date, created_by=actor.user,
    )  # fmt: skip


def accounts_of(revisions: Sequence[Revision]) -> dict[int, dict[int, Decimal]]:
    """What each GL account was credited with by the lines and taxes of each revision: revision -> account -> amount."""
    credited: dict[int, dict[int, Decimal]] = {revision.pk: {} for revision in revisions}
    for revision, gl_account, net, tax, tax_account in LINES.fetch(revisions=list(credited)):
        by = credited[revision]
        by[gl_account] = by.get(gl_account, Decimal(0)) + net
        if tax_account is not None:
            by[tax_account] = by.get(tax_account, Decimal(0)) + tax
    return credited


def difference(
    actor: Any, invoice: Invoice, revision: Revision, credited: dict[int, Decimal], before: dict[int, Decimal],
    *, receivable: Decimal, organization_receivable: Decimal, document_date: date,
) -> Draft:  # fmt: skip
    """The entry of what a revision changes: receivables by `receivable`, every other account by its own difference."""
    control = role_accounts(actor.organization_id, GLAccount.Role.RECEIVABLES)[GLAccount.Role.RECEIVABLES]
    lines = []
    if receivable or organization_receivable:
        lines.append(
            Line(
                control, receivable, open_item_id=invoice.open_item_id, opens=True, agreement_id=invoice.agreement_id,
                organization_amount=organization_receivable,
            )
        )  # fmt: skip
    for account in sorted(credited.keys() | before.keys()):
        change = credited.get(account, Decimal(0)) - before.get(account, Decimal(0))
        if change:
            lines.append(Line(account, -change, for_agreement_id=invoice.agreement_id))
    return Draft(
        kind=revision.cause, source=revision, document_date=document_date, posting_date=revision.posting_date,
        currency=invoice.currency, rate=invoice.rate, lines=lines, memo=f"{invoice.number} v{revision.number}",
    )  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """What a new invoice is made from, beside its charges. Dates: of the document, and of its posting."""

    account: Account
    agreement_id: int
    currency: str
    reference: str
    issue_date: date
    posting_date: date
    summary: bool = False
    override: Override | None = None


def issue_invoice(actor: Any, made_from: Issue, priced: Priced) -> tuple[Invoice, Revision]:
    """A new invoice: number, open item, revision 1 and its journal entry. Raises `Refused` without an exchange rate."""
    rate = document_rate(actor, made_from.currency, made_from.issue_date, made_from.override)
    customer = customers_of([made_from.account])[made_from.account.customer_id]
    control = role_accounts(actor.organization_id, GLAccount.Role.RECEIVABLES)[GLAccount.Role.RECEIVABLES]
    sequence_number, number = take_numbers(actor.organization_id, {"invoice": 1})["invoice"][0]
    due = made_from.issue_date + timedelta(days=customer.terms.days)
    shared = {
        "organization": actor.organization, "account": made_from.account, "agreement_id": made_from.agreement_id,
        "number": number, "currency": made_from.currency, "due_date": due,
    }  # fmt: skip
    item = OpenItem(gl_account_id=control, kind=OpenItem.Kind.INVOICE, document_date=made_from.issue_date, **shared)
    insert([item])
    invoice = Invoice(
        sequence_number=sequence_number, open_item=item, rate=rate, issue_date=made_from.issue_date,
        terms_days=customer.terms.days, reference=made_from.reference, summary=made_from.summary, **shared,
    )  # fmt: skip
    insert([invoice])
    written = Written(invoice, priced, 1, Revision.Cause.GENERATED, made_from.posting_date, bill_to(customer))
    revision = write_revisions(actor, [written])[0]
    post(
        actor,
        difference(
            actor, invoice, revision, priced.by_account(), {}, receivable=revision.total,
            organization_receivable=revision.organization_total, document_date=made_from.issue_date,
        ),
    )  # fmt: skip
    return invoice, revision


def bill_loads(billed: Sequence[tuple[Load, Priced]], *fields: str) -> None:
    """Save that the charges of loads, as they are now, stand on their invoice; their next versions."""
    for load, own in billed:
        load.charges_total = load.billed_charges = own.total
        load.version += 1
    update([load for load, _own in billed], [*BILLED, *fields])


def chosen_posting_date(actor: Any, document_date: date, chosen: date | None) -> date:
    """The chosen date if its period is open (else `Refused`), or the first open day for the document date."""
    return PostingDays(actor.organization_id).chosen(document_date, chosen)


@dataclass(frozen=True)
class Next:
    """The next revision of an invoice, whose load is locked: what it says, why, and the day it is posted on."""

    state: LoadState
    priced: Priced
    cause: str
    reason: str
    posted_on: date

    @property
    def documents(self) -> tuple[Invoice, Revision]:
        """The invoice, and what it says until now."""
        if self.state.invoice is None or self.state.revision is None:
            raise TypeError("a load without an invoice has no next revision")
        return self.state.invoice, self.state.revision

    @property
    def billed(self) -> list[tuple[Load, Priced]]:
        """All loads of the document, with what their charges add up to."""
        others = [(each.load, price(each.charges, each.load.currency)) for each in self.state.others]
        return [(self.state.load, self.state.own), *others]


def next_revision(
    actor: Any, state: LoadState, priced: Priced, *, cause: str, reason: str, posting_date: date | None
) -> Revision:
    """Write and post the next revision of a load's invoice, dated by the act; its loads are billed as they are now."""
    posted_on = revision_day(actor, state, PostingDays(actor.organization_id), posting_date)
    wanted = Next(state, priced, cause, reason, posted_on)
    revisions, drafts = next_revisions(actor, [wanted])
    post(actor, *drafts)
    bill_loads(wanted.billed)
    return revisions[0]


def revision_day(actor: Any, state: LoadState, days: PostingDays, chosen: date | None) -> date:
    """The day on which the next revision of an invoice is posted. `Refused` for one before the revision it changes."""
    old = state.revision
    if old is None:
        raise TypeError("a load without an invoice has no next revision")
    refuse(revision_day_blocker(number=old.number, posted=old.posting_date, posting_date=chosen))
    return days.chosen(max(today(actor.organization), old.posting_date), chosen)


def next_revisions(actor: Any, wanted: Sequence[Next]) -> tuple[list[Revision], list[Draft]]:
    """Write the next revisions of invoices; they are returned with the entries that the caller posts, in their order.

    The caller saves the loads as billed, too.
    """
    day = today(actor.organization)
    before = accounts_of([each.documents[1] for each in wanted])
    customers = customers_of(each.state.load.account for each in wanted)
    revisions = write_revisions(
        actor,
        [
            Written(
                invoice, each.priced, old.number + 1, each.cause, each.posted_on,
                bill_to(customers[each.state.load.account.customer_id]), each.reason,
                _differs_by_bad_debt_only(each.priced, old),
            )
            for each in wanted
            for invoice, old in [each.documents]
        ],
    )  # fmt: skip
    drafts = [
        difference(
            actor, invoice, revision, each.priced.by_account(), before[old.pk], receivable=revision.total - old.total,
            organization_receivable=revision.organization_total - old.organization_total, document_date=day,
        )
        for each, revision in zip(wanted, revisions, strict=True)
        for invoice, old in [each.documents]
    ]  # fmt: skip
    return revisions, drafts


def _differs_by_bad_debt_only(priced: Priced, old: Revision) -> bool:
    """Bad debt is no business of the customer's: such a revision stays in the house unless a person sends it."""
    given = priced.given(ChargeKind.BAD_DEBT)
    return given != old.bad_debt and priced.total + given == old.total + old.bad_debt
