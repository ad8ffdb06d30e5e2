"""What every change of an invoice is made of: a revision with its lines and taxes, and the difference it posts."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from receivables.billing.charges import Priced, price
from receivables.billing.models import ChargeKind, Invoice, Load, Revision, RevisionLine, RevisionTax
from receivables.billing.queries import LoadState
from receivables.billing.rules import revision_day_blocker
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.sequences import take_numbers
from receivables.customers.models import Account, Customer
from receivables.ledger.models import GLAccount, OpenItem
from receivables.ledger.posting import Draft, Line, convert, post
from receivables.ledger.queries import posting_date_blocker, posting_date_for, role_accounts
from receivables.ledger.rates.overriding import Override, document_rate

# What a load keeps of its charges when they are put on an invoice.
BILLED = ("charges_total", "charges_digest", "billed_charges", "version")


def bill_to(customer: Customer) -> dict[str, str]:
    """The customer as the document will always show them."""
    fields = ("number", "name", "address", "city", "region", "postal_code", "country", "tax_id", "email")
    return {field: getattr(customer, field) for field in fields}


def write_revision(
    actor: Any, invoice: Invoice, priced: Priced, *, number: int, cause: str, posting_date: date,
    bill_to: dict[str, str], reason: str = "", internal: bool = False,
) -> Revision:  # fmt: skip
    """Freeze what an invoice says as revision `number`, with its lines and taxes, each table in one statement."""
    revision = Revision.objects.create(
        organization=actor.organization, invoice=invoice, number=number, cause=cause, currency=invoice.currency,
        net=priced.net, tax=priced.tax, total=priced.total,
        organization_total=convert(priced.total, invoice.rate, actor.organization.currency),
        bad_debt=priced.given(ChargeKind.BAD_DEBT), price_concession=priced.given(ChargeKind.PRICE_CONCESSION),
        bill_to=bill_to, digest=priced.digest, line_count=len(priced.lines), internal=internal, reason=reason,
        posting_date=posting_date, created_by=actor.user,
    )  # fmt: skip
    RevisionLine.objects.bulk_create(
        RevisionLine(
            organization=actor.organization, revision=revision, line_no=line_no, load_id=line.charge.load_id,
            accessorial_id=line.charge.accessorial_id, kind=line.charge.kind, description=line.charge.description,
            quantity=line.charge.quantity, rate=line.charge.rate, currency=invoice.currency, net=line.net,
            tax_code_id=line.tax.code_id if line.tax else None, tax_rate=line.tax.rate if line.tax else Decimal(0),
            tax=line.tax_amount, total=line.total, gl_account_id=line.charge.gl_account_id,
        )
        for line_no, line in enumerate(priced.lines, start=1)
    )  # fmt: skip
    RevisionTax.objects.bulk_create(
        RevisionTax(
            organization=actor.organization, revision=revision, tax_code_id=tax.code_id, name=tax.name, rate=tax.rate,
            currency=invoice.currency, net=net, tax=amount,
        )
        for tax, net, amount in priced.taxes
    )  # fmt: skip
    return revision


def accounts_of(revision: Revision) -> dict[int, Decimal]:
    """What each GL account was credited with by a revision's lines and taxes."""
    credited: dict[int, Decimal] = {}
    lines = RevisionLine.objects.filter(revision=revision).values_list(
        "gl_account_id", "net", "tax", "tax_code__gl_account_id"
    )
    for gl_account, net, tax, tax_account in lines:
        credited[gl_account] = credited.get(gl_account, Decimal(0)) + net
        if tax_account is not None:
            credited[tax_account] = credited.get(tax_account, Decimal(0)) + tax
    return credited


def post_difference(
    actor: Any, invoice: Invoice, revision: Revision, credited: dict[int, Decimal], before: dict[int, Decimal],
    *, receivable: Decimal, organization_receivable: Decimal, document_date: date,
) -> None:  # fmt: skip
    """Post what a revision changes: receivables by `receivable`, every other account by its own difference."""
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
    post(
        actor,
        Draft(
            kind=revision.cause, source=revision, document_date=document_date, posting_date=revision.posting_date,
            currency=invoice.currency, rate=invoice.rate, lines=lines, memo=f"{invoice.number} v{revision.number}",
        ),
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
    customer = Customer.objects.select_related("terms").get(pk=made_from.account.customer_id)
    control = role_accounts(actor.organization_id, GLAccount.Role.RECEIVABLES)[GLAccount.Role.RECEIVABLES]
    sequence_number, number = take_numbers(actor.organization_id, {"invoice": 1})["invoice"][0]
    due = made_from.issue_date + timedelta(days=customer.terms.days)
    shared = {
        "organization": actor.organization, "account": made_from.account, "agreement_id": made_from.agreement_id,
        "number": number, "currency": made_from.currency, "due_date": due,
    }  # fmt: skip
    item = OpenItem.objects.create(
        gl_account_id=control, kind=OpenItem.Kind.INVOICE, document_date=made_from.issue_date, **shared
    )
    invoice = Invoice.objects.create(
        sequence_number=sequence_number, open_item=item, rate=rate, issue_date=made_from.issue_date,
        terms_days=customer.terms.days, reference=made_from.reference, summary=made_from.summary, **shared,
    )  # fmt: skip
    revision = write_revision(
        actor, invoice, priced, number=1, cause=Revision.Cause.GENERATED, posting_date=made_from.posting_date,
        bill_to=bill_to(customer),
    )  # fmt: skip
    post_difference(
        actor, invoice, revision, priced.by_account(), {}, receivable=revision.total,
        organization_receivable=revision.organization_total, document_date=made_from.issue_date,
    )  # fmt: skip
    return invoice, revision


def bill_load(load: Load, own: Priced, *fields: str) -> None:
    """Save that a load's charges, as they are now, stand on its invoice; its next version."""
    load.charges_total = load.billed_charges = own.total
    load.charges_digest = own.digest
    load.version += 1
    load.save(update_fields=[*BILLED, *fields])


def chosen_posting_date(actor: Any, document_date: date, chosen: date | None) -> date:
    """The chosen date if its period is open (else `Refused`), or the first open day for the document date."""
    if chosen is None:
        return posting_date_for(actor.organization_id, document_date)
    refuse(posting_date_blocker(actor.organization_id, chosen))
    return chosen


def next_revision(
    actor: Any, state: LoadState, priced: Priced, *, cause: str, reason: str, posting_date: date | None
) -> Revision:
    """Write and post the next revision of a load's invoice, dated by the act; its loads are billed as they are now."""
    invoice, old = state.invoice, state.revision
    if invoice is None or old is None:
        raise TypeError("a load without an invoice has no next revision")
    day = today(actor.organization)
    refuse(revision_day_blocker(number=old.number, posted=old.posting_date, posting_date=posting_date))
    posted_on = chosen_posting_date(actor, max(day, old.posting_date), posting_date)
    revision = write_revision(
        actor, invoice, priced, number=old.number + 1, cause=cause, posting_date=posted_on,
        bill_to=bill_to(state.load.account.customer),
        reason=reason, internal=_differs_by_bad_debt_only(priced, old),
    )  # fmt: skip
    post_difference(
        actor, invoice, revision, priced.by_account(), accounts_of(old), receivable=revision.total - old.total,
        organization_receivable=revision.organization_total - old.organization_total, document_date=day,
    )  # fmt: skip
    bill_load(state.load, state.own)
    for other in state.others:
        bill_load(other.load, price(other.charges, other.load.currency))
    return revision


def _differs_by_bad_debt_only(priced: Priced, old: Revision) -> bool:
    """Bad debt is no business of the customer's: such a revision stays in the house unless a person sends it."""
    given = priced.given(ChargeKind.BAD_DEBT)
    return given != old.bad_debt and priced.total + given == old.total + old.bad_debt
