"""Debt on a write-off agreement, made by the ledger's posting alone: one transfer, as a pair on either side."""

from decimal import Decimal

from django.db import transaction

from receivables.billing.models import Invoice
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.ledger.models import Allocation, GLAccount, OpenItem
from receivables.ledger.posting import Draft, Line, post
from receivables.ledger.queries import role_accounts


def agreement_of(actor, account: Account, code: str, currency: str = "USD") -> Agreement:
    """The account's agreement of a type, made if there is none."""
    kind = AgreementType.objects.of(actor).get(code=code)
    found = Agreement.objects.filter(account=account, type=kind, currency=currency).first()
    return found or Agreement.objects.create(
        organization=actor.organization, account=account, type=kind, number=f"{code}-{account.number}",
        currency=currency, start_date="2026-01-01",
    )  # fmt: skip


@transaction.atomic
def written_off(actor, invoice: Invoice, amount="", code="WO-STD", gl="") -> OpenItem:
    """Move what an invoice owes, or `amount` of it, to the write-off agreement of its account; the item there.

    `gl` names the account that is debited instead of the type's own, as the override does for taxes.
    """
    source = OpenItem.objects.get(pk=invoice.open_item_id)
    moved = Decimal(amount) if amount else source.balance
    target = agreement_of(actor, invoice.account, code, invoice.currency)
    account = GLAccount.objects.of(actor).get(code=gl) if gl else target.type.gl_account
    transfer = role_accounts(actor.organization_id, "transfer")["transfer"]
    item = OpenItem.objects.create(
        organization=actor.organization, account=invoice.account, agreement=target, gl_account=account,
        kind=OpenItem.Kind.WRITE_OFF, number=invoice.number, currency=invoice.currency, document_date="2026-11-01",
        due_date=source.due_date,
    )  # fmt: skip
    day = source.document_date
    pair = Draft("write_off", item, day, day, invoice.currency, [
        Line(transfer, moved), Line(source.gl_account_id, -moved, source.pk, agreement_id=source.agreement_id),
        Line(account.pk, moved, item.pk, opens=True, agreement_id=target.pk), Line(transfer, -moved),
    ])  # fmt: skip
    entry = post(actor, pair)[0]
    Allocation.objects.create(
        organization=actor.organization, kind=Allocation.Kind.TRANSFER, debit_item=source, entry=entry,
        currency=invoice.currency, amount=moved, date=day,
    )  # fmt: skip
    return OpenItem.objects.get(pk=item.pk)
