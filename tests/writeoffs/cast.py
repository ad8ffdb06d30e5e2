"""The published example: a bill of 1,000.00 (revenue 900, state tax 80, city tax 20) and a late charge of 50.00."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.billing.filters import listed_invoices
from receivables.billing.models import Invoice, TaxCode
from receivables.billing.operations import add_accessorial, generate_invoice
from receivables.billing.pages import settled_as_loss, split_of, status_of
from receivables.billing.tables import invoice_split
from receivables.core.dates import today
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.customers.operations import create_agreement
from receivables.ledger.models import GLAccount, JournalEntry, OpenItem
from receivables.ledger.write_off_types import give_own_write_off_type
from receivables.writeoffs.bankruptcy.drafting import Filing
from receivables.writeoffs.bankruptcy.operations import start_bankruptcy
from receivables.writeoffs.bankruptcy.withdrawing import withdraw_bankruptcy
from receivables.writeoffs.drafting import Wanted
from receivables.writeoffs.models import Bankruptcy, DebtTransfer, WriteOff
from receivables.writeoffs.operations import write_off_debt
from receivables.writeoffs.transfers.drafting import Move
from receivables.writeoffs.transfers.operations import reverse_transfer, transfer_debt
from tests.builders import make_account, make_invoice, make_load, make_type


def tax_code(actor: Any, account: str, name: str, rate: str) -> TaxCode:
    """A tax with a payable account of its own, which gets its write-off type as the settings page gives it."""
    payable, _made = GLAccount.objects.get_or_create(
        organization=actor.organization, code=account, defaults={"name": name, "kind": "liability"}
    )
    give_own_write_off_type(payable)
    return TaxCode.objects.create(
        organization=actor.organization, code=f"{name} {rate}", name=name, rate=Decimal(rate), gl_account=payable
    )


def bill(actor: Any, account: Account | None = None) -> Invoice:
    """1,000.00 of which 900 are revenue, 80 state tax and 20 city tax."""
    state, city = tax_code(actor, "2210", "State tax", "10"), tax_code(actor, "2220", "City tax", "20")
    load = make_load(actor, account or make_account(actor), "800", tax_code=state)
    detention = make_type(actor, "Detention", "charge", gl="4000", tax_treatment="added", tax_code=city)
    add_accessorial(actor=actor, load=load, type=detention, entity="customer", amount=Decimal(100))
    return generate_invoice(actor=actor, load=load)


def bill_and_late_charge(actor: Any) -> tuple[Account, Invoice, Invoice]:
    """Both invoices on the one account."""
    invoice = bill(actor)
    return invoice.account, invoice, make_invoice(actor, invoice.account, "50")


def write_off(actor: Any, account: Account, reason: str = "Out of business", **wanted: Any) -> WriteOff:
    made = write_off_debt(actor=actor, wanted=Wanted(account, reason, **wanted))
    assert isinstance(made, WriteOff), made
    return WriteOff.objects.get(pk=made.pk)


def move(actor: Any, source: Agreement, target: Agreement, reason: str = "Same service", **wanted: Any) -> DebtTransfer:
    """Move debt from one agreement to another."""
    made = transfer_debt(actor=actor, move=Move(source, target, reason, **wanted))
    return DebtTransfer.objects.get(pk=made.pk)


def second(actor: Any, account: Account, code: str = "FREIGHT") -> Agreement:
    """Another agreement of an account."""
    kind = AgreementType.objects.of(actor).get(code=code)
    return create_agreement(actor=actor, account=account, type=kind)


def move_something(actor: Any) -> DebtTransfer:
    """A transfer that was taken back, and one that stands."""
    invoice = make_invoice(actor, line_haul="40")
    target = second(actor, invoice.account)
    reverse_transfer(actor=actor, transfer=move(actor, invoice.agreement, target), reason="A mistake")
    return move(actor, invoice.agreement, target)


def bankruptcy(actor: Any, account: Account, day: date | None = None) -> Bankruptcy:
    made = start_bankruptcy(actor=actor, filing=Filing(account, day or today(actor.organization), "Court 24-1"))
    assert isinstance(made, Bankruptcy), made
    return made


def file_something(actor: Any) -> Bankruptcy:
    """A bankruptcy that was withdrawn, and one that stands."""
    wrong = bankruptcy(actor, make_invoice(actor, line_haul="35").account)
    withdraw_bankruptcy(actor=actor, bankruptcy=wrong, reason="Another customer of that name")
    return bankruptcy(actor, make_invoice(actor, line_haul="30").account)


def pick(invoice: Invoice, amount: str) -> dict[tuple[int, int | None], Decimal]:
    """An amount of one invoice, as `Wanted` names it."""
    return {(invoice.agreement_id, invoice.open_item_id): Decimal(amount)}


def journal(document: Any) -> list[tuple[str, str, Decimal]]:
    """What a document posted: account, agreement type that it moved (or nothing), debit or credit."""
    entry = JournalEntry.objects.get(source_type=document._meta.label_lower, source_id=document.pk)
    lines = entry.lines.select_related("gl_account", "agreement__type").order_by("line_no")
    return [(line.gl_account.code, line.agreement.type.code if line.agreement else "", line.amount) for line in lines]


def owed(account: Account) -> dict[str, tuple[Decimal, str]]:
    """What an account owes by type of agreement, and the state of that."""
    rows = Agreement.objects.filter(account=account).select_related("type")
    return {row.type.code: (row.payoff_balance, row.state) for row in rows}


def agreement(account: Account, code: str) -> Agreement:
    return Agreement.objects.select_related("type").get(account=account, type__code=code)


def written_off_items(account: Account) -> dict[str, Decimal]:
    """What is still owed of written-off debt, by the account that was debited."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for item in OpenItem.objects.filter(account=account, kind="write_off").select_related("gl_account"):
        sums[item.gl_account.code] += item.balance
    return dict(sums)


def reads(actor: Any, invoice: Invoice) -> list[str]:
    """How an invoice reads on its page and in the list."""
    found = Invoice.objects.select_related("open_item").get(pk=invoice.pk)
    revision = found.revisions.get(number=found.current_revision)
    split = split_of(found, revision.price_concession, revision.bad_debt, settled_as_loss(found.open_item))
    listed = listed_invoices(actor).get(pk=invoice.pk)
    return [status_of(found, split, actor).code, status_of(listed, invoice_split(listed), actor).code]


def one_time(actor: Any, code: str = "WO-STD") -> AgreementType:
    """Make a write-off type one that closes when it is paid off."""
    kind = AgreementType.objects.of(actor).get(code=code)
    kind.one_time_charge = True
    kind.save(update_fields=["one_time_charge"])
    return kind
