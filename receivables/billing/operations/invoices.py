"""Generating, regenerating, reissuing, sending and voiding invoices.

An invoice is a snapshot: every change is a new revision, and the ledger gets exactly the difference, on the accounts
that changed. Number, issue date, due date and exchange rate stay those of revision 1.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.charges import Priced, price
from receivables.billing.models import ChargeKind, Invoice, Load, Revision, RevisionLine, RevisionTax
from receivables.billing.operations.locking import locked_load, number_format
from receivables.billing.queries import LoadState
from receivables.billing.rules import (
    generate_invoice_blocker,
    regenerate_invoice_blocker,
    reissue_invoice_blocker,
    send_invoice_blocker,
    void_invoice_blocker,
)
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.core.sequences import take_numbers
from receivables.customers.models import Customer
from receivables.ledger.models import ExchangeRate, GLAccount, OpenItem
from receivables.ledger.posting import Draft, Line, convert, post
from receivables.ledger.queries import posting_date_blocker, posting_date_for, role_accounts


def bill_to(customer: Customer) -> dict[str, str]:
    """The customer as the document will always show them."""
    fields = ("number", "name", "address", "city", "region", "postal_code", "country", "tax_id", "email")
    return {field: getattr(customer, field) for field in fields}


def rate_on(actor: Any, currency: str, day: date) -> Decimal:
    """What one unit of `currency` is worth in the organization's on a day. `Refused` if no rate is known."""
    if currency == actor.organization.currency:
        return Decimal(1)
    rate = (
        ExchangeRate.objects.of(actor)
        .filter(currency=currency, date__lte=day)
        .order_by("-date")
        .values_list("rate", flat=True)
        .first()
    )
    if rate is None:
        message = _("There is no exchange rate for %(currency)s on or before this day.")
        raise Refused(Blocker("no_rate", message % {"currency": currency}))
    return rate


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


@operation
def generate_invoice(
    *, actor: Any, load: Load, issue_date: date | None = None, posting_date: date | None = None, seen: int | None = None
) -> Invoice:
    """Issue the invoice of a load: number, revision 1, open item and journal entry. The load leaves Draft."""
    state = locked_load(actor, load, seen)
    refuse(generate_invoice_blocker(state.facts(number_format(actor))))
    current = state.load
    issue_date = issue_date or today(actor.organization)
    posted_on = _posting_date(actor, issue_date, posting_date)
    rate = rate_on(actor, current.currency, issue_date)
    customer = Customer.objects.select_related("terms").get(pk=current.account.customer_id)
    control = role_accounts(actor.organization_id, GLAccount.Role.RECEIVABLES)[GLAccount.Role.RECEIVABLES]
    sequence_number, number = take_numbers(actor.organization_id, {"invoice": 1})["invoice"][0]
    due = issue_date + timedelta(days=customer.terms.days)
    item = OpenItem.objects.create(
        organization=actor.organization, account_id=current.account_id, agreement_id=current.agreement_id,
        gl_account_id=control, kind=OpenItem.Kind.INVOICE, number=number, currency=current.currency,
        document_date=issue_date, due_date=due,
    )  # fmt: skip
    invoice = Invoice.objects.create(
        organization=actor.organization, number=number, sequence_number=sequence_number, account_id=current.account_id,
        agreement_id=current.agreement_id, open_item=item, currency=current.currency, rate=rate, issue_date=issue_date,
        due_date=due, terms_days=customer.terms.days, reference=current.reference,
    )  # fmt: skip
    revision = write_revision(
        actor, invoice, state.priced, number=1, cause=Revision.Cause.GENERATED, posting_date=posted_on,
        bill_to=bill_to(customer),
    )  # fmt: skip
    post_difference(
        actor, invoice, revision, state.priced.by_account(), {}, receivable=revision.total,
        organization_receivable=revision.organization_total, document_date=issue_date,
    )  # fmt: skip
    current.invoice = invoice
    current.charges_total, current.charges_digest = state.priced.total, state.priced.digest
    current.version += 1
    current.save(update_fields=["invoice", "charges_total", "charges_digest", "version"])
    record(
        actor, "generate_invoice", invoice, about=[current, current.account], total=revision.total,
        currency=invoice.currency, revision=1,
    )  # fmt: skip
    return invoice


def _posting_date(actor: Any, document_date: date, chosen: date | None) -> date:
    """The chosen date if its period is open (else `Refused`), or the first open day for the document date."""
    if chosen is None:
        return posting_date_for(actor.organization_id, document_date)
    refuse(posting_date_blocker(actor.organization_id, chosen))
    return chosen


def _next_revision(
    actor: Any, state: LoadState, priced: Priced, *, cause: str, reason: str, posting_date: date | None
) -> Revision:
    """Write and post the next revision of a load's invoice, dated by the act."""
    invoice, old = state.invoice, state.revision
    if invoice is None or old is None:
        raise TypeError("a load without an invoice has no next revision")
    day = today(actor.organization)
    revision = write_revision(
        actor, invoice, priced, number=old.number + 1, cause=cause,
        posting_date=_posting_date(actor, day, posting_date), bill_to=bill_to(state.load.account.customer),
        reason=reason, internal=_differs_by_bad_debt_only(priced, old),
    )  # fmt: skip
    post_difference(
        actor, invoice, revision, priced.by_account(), accounts_of(old), receivable=revision.total - old.total,
        organization_receivable=revision.organization_total - old.organization_total, document_date=day,
    )  # fmt: skip
    return revision


def _differs_by_bad_debt_only(priced: Priced, old: Revision) -> bool:
    """Bad debt is no business of the customer's: such a revision stays in the house unless a person sends it."""
    given = priced.given(ChargeKind.BAD_DEBT)
    return given != old.bad_debt and priced.total + given == old.total + old.bad_debt


@operation
def regenerate_invoice(
    *, actor: Any, load: Load, reason: str = "", posting_date: date | None = None, seen: int | None = None
) -> Revision:
    """Make the next revision from the charges as they are now; the ledger gets the difference.

    Raises `Refused` with the first of the conditions that fails; the database refuses it as well while a payment
    stands on the invoice.
    """
    state = locked_load(actor, load, seen)
    refuse(regenerate_invoice_blocker(state.facts(number_format(actor))))
    revision = _next_revision(
        actor, state, state.priced, cause=Revision.Cause.REGENERATED, reason=reason, posting_date=posting_date
    )
    return _recorded(actor, "regenerate_invoice", state, revision, reason)


@operation
def reissue_invoice(
    *, actor: Any, load: Load, reason: str, posting_date: date | None = None, seen: int | None = None
) -> Revision:
    """Issue changed details with an equal total as a new revision that posts only the moves between accounts."""
    state = locked_load(actor, load, seen)
    refuse(reissue_invoice_blocker(state.facts(number_format(actor))))
    if not reason.strip():
        raise Refused(Blocker("no_reason", _("Say why the invoice is reissued."), field="reason"))
    revision = _next_revision(
        actor, state, state.priced, cause=Revision.Cause.REISSUED, reason=reason, posting_date=posting_date
    )
    return _recorded(actor, "reissue_invoice", state, revision, reason)


@operation
def void_invoice(
    *, actor: Any, load: Load, reason: str, posting_date: date | None = None, seen: int | None = None
) -> Revision:
    """Take an invoice back whole: a last revision of zero reverses what it posted. The number is never used again."""
    state = locked_load(actor, load, seen)
    refuse(void_invoice_blocker(state.facts(number_format(actor))))
    if not reason.strip():
        raise Refused(Blocker("no_reason", _("Say why the invoice is voided."), field="reason"))
    nothing = price([], state.load.currency)
    revision = _next_revision(
        actor, state, nothing, cause=Revision.Cause.VOIDED, reason=reason, posting_date=posting_date
    )
    return _recorded(actor, "void_invoice", state, revision, reason)


def _recorded(actor: Any, name: str, state: LoadState, revision: Revision, reason: str) -> Revision:
    load, invoice, old = state.load, state.invoice, state.revision
    load.version += 1
    load.save(update_fields=["version"])
    record(
        actor, name, invoice or load, about=[load, load.account], reason=reason, revision=revision.number,
        currency=revision.currency, before={"total": old.total if old else None}, after={"total": revision.total},
    )  # fmt: skip
    return revision


@operation
def send_invoice(*, actor: Any, load: Load, seen: int | None = None) -> Invoice:
    """Note that the current revision went out to the customer; the load reads Invoiced."""
    state = locked_load(actor, load, seen)
    facts = state.facts(number_format(actor))
    sent = state.invoice.sent_revision if state.invoice else None
    revision = state.revision.number if state.revision else 0
    refuse(send_invoice_blocker(facts, sent_revision=sent, revision=revision))
    invoice = state.invoice
    if invoice is None:
        raise TypeError("the rule lets no load without an invoice through")
    invoice.sent_at, invoice.sent_revision = timezone.now(), revision
    invoice.save(update_fields=["sent_at", "sent_revision"])
    record(actor, "send_invoice", invoice, about=[state.load, state.load.account], revision=revision)
    return invoice
