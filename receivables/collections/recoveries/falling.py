"""Taking recoveries back: alone, with the payment whose money they are, and with the bad debt that they recovered.

What the customer paid for bad debt is on account again, since the invoice is owed again or the money is gone.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from receivables.billing.models import CreditNote, Invoice, Revision
from receivables.collections.models import TaxRelief
from receivables.collections.recoveries.losses import live_recoveries
from receivables.collections.recoveries.models import Recovery, RecoveryReversal
from receivables.collections.tax_relief.undoing import undo_reliefs
from receivables.core.access import lock_rows
from receivables.core.compiled import Arg, Compiled
from receivables.core.dates import today
from receivables.core.events import record
from receivables.customers.models import Account
from receivables.ledger.models import JournalEntry
from receivables.ledger.posting import mirror, post
from receivables.ledger.queries import posting_date_for


def falling_with(payment: Any, *, granted: bool) -> list[Recovery]:
    """What is taken back with a payment: what its own money recovered, and what was recovered of the bad debt that was
    given with it and falls with it; with `granted`, where the money never came, also of what somebody granted."""
    given = Q(allocation__pay_off__payment=payment.pk)
    given = given if granted else given & Q(allocation__pay_off__asked__isnull=True)
    own = Q(payment=payment.pk)
    found = live_recoveries().filter(own | given).select_related("invoice", "payment")
    return list(found.order_by("-pk"))


def accounts_of(recoveries: Iterable[Recovery]) -> set[int]:
    """The accounts that are locked when these are taken back."""
    return {key for each in recoveries for key in (each.payment.account_id, each.invoice.account_id)}


def undo_recoveries(
    actor: Any, wanted: Iterable[Recovery], *, reason: str, chosen: date | None = None
) -> list[RecoveryReversal]:
    """Mirror the entries of these recoveries, the newest first, in the transaction and under the locks of the caller.

    Posted on the day that was chosen or today, never before the recovery itself.
    """
    keys = [each.pk for each in wanted]
    if not keys:
        return []
    rows = Recovery.objects.of(actor).filter(pk__in=keys, reversal__isnull=True)
    found = list(rows.select_related("payment__account", "invoice__account").order_by("-pk"))
    lock_rows(Account.objects.of(actor), accounts_of(found))
    return [_undo(actor, each, reason, chosen) for each in found]


def _undo(actor: Any, recovery: Recovery, reason: str, chosen: date | None) -> RecoveryReversal:
    usual = posting_date_for(actor.organization_id, max(today(actor.organization), recovery.posting_date))
    posted_on = chosen if chosen is not None and chosen >= recovery.posting_date else usual
    reversal = RecoveryReversal.objects.create(
        organization=actor.organization, recovery=recovery, reason=reason, posting_date=posted_on,
        created_by=actor.user,
    )  # fmt: skip
    entry = (
        JournalEntry.objects.of(actor)
        .prefetch_related("lines")
        .get(source_type=recovery._meta.label_lower, source_id=recovery.pk, kind="recovery")
    )
    lines = list(entry.lines.all())
    post(actor, mirror(entry, lines, kind="recovery_reversed", source=recovery, posting_date=posted_on))
    record(
        actor, "reverse_recovery", recovery, about=about(recovery), reason=reason, amount=recovery.amount,
        currency=recovery.currency,
    )  # fmt: skip
    return reversal


def about(recovery: Recovery) -> list[Any]:
    """In whose history a recovery shows."""
    invoice = recovery.invoice
    return [recovery.payment, recovery.payment.account, invoice, invoice.account, *invoice.loads.all()]


def fall_with_payment(actor: Any, payment: Any, *, granted: bool, reason: str, chosen: date | None) -> None:
    """Take back what falls with a payment that is deleted, or bounced (`granted`)."""
    said = reason.strip() or _("Payment %(number)s was taken back.") % {"number": payment.number}
    undo_recoveries(actor, falling_with(payment, granted=granted), reason=said, chosen=chosen)


def fall_with_settlements(actor: Any, settlements: Sequence[int], *, reason: str, chosen: date | None = None) -> None:
    """Take back what was recovered of bad debt that is taken back itself, and its tax relief."""
    reliefs = TaxRelief.objects.of(actor).filter(allocation__in=settlements)
    undo_reliefs(actor, reliefs, reason=reason, chosen=chosen)
    undo_recoveries(actor, live_recoveries().filter(allocation__in=settlements), reason=reason, chosen=chosen)


def fall_with_credit_note(*, actor: Any, event: Any, subject: CreditNote) -> None:
    """Reaction to a credit note that is reversed."""
    said = _("Credit note %(number)s was reversed.") % {"number": subject.number}
    fall_with_settlements(actor, list(subject.lines.values_list("allocation", flat=True)), reason=said)


OF_INVOICES = Compiled(
    lambda: (
        live_recoveries()
        .filter(invoice_id__any=Arg("invoices"), allocation__isnull=True)
        .select_related("invoice")
        .order_by("-pk")
    )
)


def fall_with_revisions(actor: Any, pairs: Sequence[tuple[Any, Any]]) -> None:
    """Reaction to new revisions of invoices: what is recovered beyond the bad debt that an invoice still has is taken
    back, the newest first."""
    keys = [subject.pk for _event, subject in pairs if isinstance(subject, Invoice)]
    recovered: dict[int, list[Recovery]] = {}
    for each in OF_INVOICES.fetch(invoices=keys):
        recovered.setdefault(each.invoice_id, []).append(each)
    for those in recovered.values():
        invoice = those[0].invoice
        said = _("The bad debt on invoice %(number)s was taken back.") % {"number": invoice.number}
        undo_recoveries(actor, _beyond(those, _lost_on(invoice)), reason=said)


def _lost_on(invoice: Invoice) -> Decimal:
    """The bad debt that the newest revision of an invoice has."""
    return Revision.objects.filter(invoice=invoice).order_by("-number").values_list("bad_debt", flat=True)[0]


def _beyond(recoveries: Sequence[Recovery], lost: Decimal) -> list[Recovery]:
    """Those that must go, from the first on, so that no more is recovered than was lost."""
    left, falling = sum((each.amount for each in recoveries), Decimal(0)), []
    for each in recoveries:
        if left > lost:
            falling.append(each)
            left -= each.amount
    return falling
