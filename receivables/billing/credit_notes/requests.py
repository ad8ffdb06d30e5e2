"""A credit note beyond somebody's authority: the request that holds it, and what must still be true when granted."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.moved import Fact, facts_moved_blocker
from receivables.approvals.operations import ask, authority_of
from receivables.billing.credit_notes.drafting import Draft, drafted
from receivables.billing.credit_notes.kinds import authority_for
from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.queries import VERB, given_by_settlement
from receivables.billing.models import Accessorial, Entity, Invoice
from receivables.billing.operations.locking import number_format
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import ref
from receivables.core.money import format_money
from receivables.customers.models import Account

ZERO = Decimal(0)


def exceeds_authority(actor: Any, draft: Draft) -> bool:
    """Whether what is given on these invoices in all, of this kind, is more than the actor may give alone."""
    kind = authority_for(draft.reason.kind)
    if not kind:
        return False
    ids = [part.invoice.pk for part in draft.parts]
    given = draft.total + given_by_settlement(ids, kind) + sum(given_by_charges(ids, kind).values(), ZERO)
    return not authority_of(actor, kind, draft.currency, ref(draft.reason)).covers(given)


def given_by_charges(invoice_ids: list[int], kind: str) -> dict[int, Decimal]:
    """What accessorials of each invoice's loads give away, or would once they are approved."""
    rows: Any = Accessorial.objects.filter(
        load__invoice__in=invoice_ids, type__kind=kind, entity=Entity.CUSTOMER, amount__lt=0,
        state__in=[Accessorial.State.ACTIVE, Accessorial.State.WAITING],
    )  # fmt: skip
    return {invoice: -amount for invoice, amount in rows.values_list("load__invoice").annotate(sum=Sum("amount"))}


def ask_for(actor: Any, draft: Draft) -> ApprovalRequest:
    """Put the exact credit note into the inbox."""
    fmt = number_format(actor)

    def text(amount: Decimal) -> str:
        return format_money(amount, draft.currency, fmt, with_code=True)

    words = {"reason": draft.reason.name, "total": text(draft.total), "number": draft.parts[0].invoice.number}
    if len(draft.parts) == 1:
        title = _("Credit note of %(total)s on %(number)s: %(reason)s") % words
    else:
        words["n"] = str(len(draft.parts))
        title = _("Credit note of %(total)s on %(n)s invoices: %(reason)s") % words
    said = _("%(amount)s is taken off invoice %(number)s; %(left)s stays open on it.")
    preview = [
        said
        % {
            "amount": text(part.amount),
            "number": part.invoice.number,
            "left": text(part.invoice.open_item.balance - part.amount),
        }
        for part in draft.parts
    ]
    if draft.tax:
        preview.append(_("%(tax)s of it is tax that is taken back.") % {"tax": text(draft.tax)})
    invoices = [part.invoice for part in draft.parts]
    loads = [load for invoice in invoices for load in invoice.loads.all()]
    return ask(
        actor, verb=VERB, kind=authority_for(draft.reason.kind), subject=invoices[0], title=title,
        currency=draft.currency, amount=draft.total, reason=draft.text, facts=_facts(draft), preview=preview,
        about=[*invoices[1:], *loads, draft.account], reason_key=ref(draft.reason), shown=_shown(invoices),
    )  # fmt: skip


def _shown(invoices: Sequence[Invoice]) -> list[Fact]:
    """What is open on each invoice."""
    said = _("Open on invoice %(number)s")
    return [
        Fact(f"balance {each.pk}", said % {"number": each.number}, each.open_item.balance, each.currency)
        for each in invoices
    ]


def shown_now(actor: Any, request: ApprovalRequest) -> list[Fact]:
    """What a credit note that waits was shown with, as it is now."""
    wanted = [int(pk) for pk, _amount in request.facts["parts"]]
    return _shown(list(Invoice.objects.of(actor).filter(pk__in=wanted).select_related("open_item")))


def _facts(draft: Draft) -> dict[str, Any]:
    return {
        "account": draft.account.pk,
        "reason": draft.reason.pk,
        "parts": [[part.invoice.pk, str(part.amount)] for part in draft.parts],
        "date": draft.date.isoformat(),
        "posting_date": draft.chosen.isoformat() if draft.chosen else "",
        "digest": draft.digest,
    }


def held(actor: Any, request: ApprovalRequest) -> Draft:
    """The credit note that a request holds, worked out anew under the lock. `Refused` where the rule forbids it now."""
    facts = request.facts
    amounts = {int(pk): Decimal(amount) for pk, amount in facts["parts"]}
    invoices = Invoice.objects.of(actor).in_bulk(amounts)
    return drafted(
        actor,
        Account.objects.of(actor).get(pk=facts["account"]),
        Reason.objects.of(actor).get(pk=facts["reason"]),
        [(invoices[pk], amount) for pk, amount in amounts.items()],
        text=request.reason,
        day=date.fromisoformat(facts["date"]),
        posting_date=date.fromisoformat(facts["posting_date"]) if facts["posting_date"] else None,
    )


def refuse_what_moved(actor: Any, request: ApprovalRequest, draft: Draft) -> None:
    """Granted is what was shown, and only within what the decider may give on these invoices in all."""
    refuse(facts_moved_blocker(request, _shown([part.invoice for part in draft.parts]), number_format(actor)))
    if draft.digest != request.facts["digest"]:
        message = _("The invoice or the reason has changed since this was asked; reject it, so that it is asked anew.")
        raise Refused(Blocker("facts_moved", message))
    if exceeds_authority(actor, draft):
        message = _(
            "With what is already given on these invoices it is above your own limit; somebody with more must decide."
        )
        raise Refused(Blocker("above_limit", message))
