"""What resolving a short payment comes to: tried for the preview, and compared with it when it is done."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from receivables.billing.models import Accessorial, Invoice, Load, Revision
from receivables.collections.models import Payment, Resolution
from receivables.collections.operations import Assignment, record_payment
from receivables.collections.queries import NetLine, bank_accounts, netted
from receivables.collections.resolution import resolve_short_payment
from receivables.collections.resolution_rules import zero_payment_blocker
from receivables.collections.resolving import lock_with_payers
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.ledger.models import Allocation, JournalEntry


@dataclass(frozen=True)
class Figures:
    """An invoice at one moment, in its own currency."""

    total: Decimal
    paid: Decimal
    balance: Decimal
    revision: int


@dataclass(frozen=True)
class Result:
    """The invoice before and after, the payments that went off and on again (number, amount), and what was posted.

    `accessorial` is the reduction, if one was added; `waiting` says that it exceeds the actor's authority;
    `zero_payment` that a payment of zero was recorded afterwards.
    """

    invoice: str
    before: Figures
    after: Figures
    payments: Sequence[tuple[str, Decimal]]
    accessorial: Accessorial | None
    lines: Sequence[NetLine]
    zero_payment: bool = False

    @property
    def waiting(self) -> bool:
        return self.accessorial is not None and self.accessorial.state == Accessorial.State.WAITING

    def digest(self) -> str:
        """Equal for equal outcomes; what a person confirmed is what happens."""
        lines = [(line.gl_account.code, line.amount, line.organization_amount) for line in self.lines]
        added = (self.accessorial.type_id, self.accessorial.amount) if self.accessorial else None
        facts = (
            self.invoice,
            self.before,
            self.after,
            list(self.payments),
            added,
            self.waiting,
            lines,
            self.zero_payment,
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def carry_out(actor: Any, load: Load, data: dict[str, Any]) -> Result:
    """Resolve a short payment and say what changed. In a transaction; `Refused` as the operation refuses."""
    _accounts, payments = lock_with_payers(actor, [load])
    before = _figures(actor, load)
    result = resolve_short_payment(
        actor=actor, load=load, type=data["type"], amount=data["amount"], note=data["note"], reason=data["reason"],
        posting_date=data["posting_date"], seen=data["seen"],
    )  # fmt: skip
    accessorial = result.accessorial if isinstance(result, Resolution) else result
    lines = netted(_entries(actor, result)) if isinstance(result, Resolution) else []
    after = _figures(actor, load)
    zero = bool(data.get("zero_payment")) and isinstance(result, Resolution)
    if zero:
        _record_zero(actor, load, after)
    return Result(
        Load.objects.of(actor).values_list("invoice__number", flat=True).get(pk=load.pk) or "",
        before, after, _numbers(payments), accessorial, lines, zero,
    )  # fmt: skip


def _record_zero(actor: Any, load: Load, after: Figures) -> None:
    """Nothing was received, and some accounting systems want to see that as a payment (source: the short-payment
    procedure, full write-off)."""
    refuse(zero_payment_blocker(after.balance))
    invoice = Invoice.objects.of(actor).select_related("account").get(loads=load.pk)
    record_payment(
        actor=actor, account=invoice.account, amount=Decimal(0), date=today(actor.organization),
        method=Payment.Method.OTHER, bank_account=bank_accounts(actor, invoice.currency)[0],
        assignments=[Assignment(invoice, Decimal(0))],
    )  # fmt: skip


def carry_out_as_previewed(actor: Any, load: Load, data: dict[str, Any]) -> Result:
    """The same, if it comes to what the person was shown; otherwise `Refused`, and nothing has changed."""
    outcome = carry_out(actor, load, data)
    if outcome.digest() != data["previewed"]:
        message = _("We stopped and changed nothing: the figures have changed since they were shown. Check them again.")
        raise Refused(Blocker("stale", message))
    return outcome


def _figures(actor: Any, load: Load) -> Figures:
    invoice = Invoice.objects.of(actor).select_related("open_item").filter(loads=load.pk).first()
    if invoice is None:
        return Figures(Decimal(0), Decimal(0), Decimal(0), 0)
    item = invoice.open_item
    return Figures(item.amount, item.paid, item.balance, invoice.current_revision)


def _numbers(payments: Sequence[Allocation]) -> list[tuple[str, Decimal]]:
    return [(each.credit_item.number, each.amount) for each in payments if each.credit_item]


def _entries(actor: Any, resolution: Resolution) -> list[JournalEntry]:
    revision = Revision.objects.get(invoice_id=resolution.invoice_id, number=resolution.revision_number)
    of_either = Q(source_type=Resolution._meta.label_lower, source_id=resolution.pk) | Q(
        source_type=Revision._meta.label_lower, source_id=revision.pk
    )
    return list(JournalEntry.objects.of(actor).filter(of_either).prefetch_related("lines__gl_account").order_by("pk"))
