"""What a customer already has with us, used for debt of its account before anything worse happens to that debt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from receivables.collections.distribution.paying import Paid, Source, pay_from
from receivables.collections.held.acting import stop_with_service
from receivables.collections.held.queries import Role, deposits_of_stopped_service, overpayments
from receivables.collections.unapplied.queries import on_account
from receivables.core.events import record
from receivables.ledger.models import OpenItem


@dataclass(frozen=True)
class OwnMoney:
    """What was overpaid, what is on account, and the deposits of stopped service, in the order of use."""

    sources: tuple[Source, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((source.amount for source in self.sources), Decimal(0))


def own_money(actor: Any, account_id: int, currency: str) -> OwnMoney:
    """What an account has in a currency; a deposit counts once no service runs any more."""
    return OwnMoney(
        (
            *(Source(each.payment, each) for each in overpayments(actor, account_id, currency)),
            *(Source(each) for each in on_account(actor, account=account_id, currency=currency)),
            *(Source(each.payment, each) for each in deposits_of_stopped_service(actor, account_id, currency)),
        )
    )


def use_own_money(
    actor: Any, money: OwnMoney, shares: Mapping[int, Decimal], *, posting_date: date | None, reason: str
) -> Paid:
    """Pay these shares (by open item) out of it. The caller holds the account's lock and checked the amounts, and that
    the debts take payments; an event says what each payment was used for."""
    items = OpenItem.objects.of(actor).select_related("agreement").in_bulk(list(shares))
    for holding in (source.holding for source in money.sources if source.holding):
        if holding.agreement.type.special_role == Role.DEPOSIT:
            stop_with_service(actor, holding)
    paid = pay_from(actor, money.sources, items, shares, reason=reason, chosen=posting_date)
    for act in paid.acts:
        record(
            actor, "distribute_payment", act.payment, about=[act.payment.account], reason=reason, amount=act.amount,
            currency=act.currency, directed=True,
        )  # fmt: skip
    return paid
