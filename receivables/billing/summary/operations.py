"""Making summary invoices, changing which loads they are over, and saying which load a payment is for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.charges import Priced, price
from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.operations.locking import locked_load, number_format
from receivables.billing.operations.revisions import (
    Issue,
    bill_loads,
    chosen_posting_date,
    issue_invoice,
    next_revision,
)
from receivables.billing.queries import LoadState, Member, members_of, price_document, revenue_account
from receivables.billing.summary.parts import Part, parts_of, share_out, shares_of
from receivables.billing.summary.rules import (
    Candidate,
    ShareFacts,
    change_summary_loads_blocker,
    generate_summary_invoice_blocker,
    split_by_load_blocker,
)
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse, stale_blocker
from receivables.core.events import record
from receivables.core.money import format_money
from receivables.core.operations import operation
from receivables.customers.models import Account
from receivables.ledger.models import Allocation


def candidate(member: Member) -> Candidate:
    """A load as the rules look at it."""
    load = member.load
    live = load.invoice is not None and load.invoice.voided_at is None
    return Candidate(
        load.number, load.account_id, load.agreement_id, load.currency, load.agreement.state,
        str(load.invoice) if live else "", any(charge.amount for charge in member.charges),
        price(member.charges, load.currency).total,
    )  # fmt: skip


def members(actor: Any, loads: Sequence[Load]) -> list[Member]:
    """These loads as they are now, with their charges, in the order of the document. `Refused` if one is not there."""
    wanted = {load.pk for load in loads}
    rows = Load.objects.of(actor).filter(pk__in=wanted).select_related("agreement", "invoice", "tax_code", "account")
    found = list(rows.order_by("pk"))
    if len(found) != len(wanted):
        raise Refused(Blocker("not_found", _("A load was not found.")))
    for load in found:
        load.organization = actor.organization
    return members_of(found, revenue_account(actor))


@operation
def generate_summary_invoice(
    *, actor: Any, loads: Sequence[Load], issue_date: date | None = None, posting_date: date | None = None,
    reference: str = "", seen: Mapping[int, int] | None = None,
) -> Invoice:  # fmt: skip
    """Issue one invoice over several loads of an account: one number, one open item, one entry, details per load.

    `seen` are the versions of the loads that a person was shown. Tax is worked out over the whole document.
    """
    lock_rows(Account.objects.of(actor), {load.account_id for load in loads})
    found = members(actor, loads)
    refuse(generate_summary_invoice_blocker([candidate(member) for member in found]))
    for member in found:
        refuse(stale_blocker(member.load.version, (seen or {}).get(member.load.pk)))
    first = found[0].load
    issued_on = issue_date or today(actor.organization)
    made_from = Issue(
        first.account, first.agreement_id, first.currency, reference or first.reference, issued_on,
        chosen_posting_date(actor, issued_on, posting_date), summary=True,
    )  # fmt: skip
    invoice, revision = issue_invoice(actor, made_from, price_document(found, first.currency))
    for member in found:
        member.load.invoice = invoice
    bill_loads([(member.load, price(member.charges, first.currency)) for member in found], "invoice")
    record(
        actor, "generate_summary_invoice", invoice, about=[*(member.load for member in found), first.account],
        total=revision.total, currency=invoice.currency, revision=1, loads=[member.load.number for member in found],
    )  # fmt: skip
    return invoice


def first_load(actor: Any, invoice: Invoice) -> Load:
    """The load through which a summary invoice is dealt with. `Refused` for an invoice that has none."""
    load = Load.objects.of(actor).filter(invoice=invoice).order_by("pk").first()
    if load is None:
        raise Refused(Blocker("no_load", _("Invoice %(number)s has no load.") % {"number": invoice.number}))
    return load


def changed_document(state: LoadState, joining: Sequence[Member], leaving: Sequence[int]) -> tuple[LoadState, Priced]:
    """The state of a summary invoice with other loads on it, and what its document then adds up to.

    The state's own load is one that stays.
    """
    there = [Member(state.load, _own_charges(state)), *state.others]
    staying = [member for member in there if member.load.pk not in leaving]
    everyone = sorted([*staying, *joining], key=lambda member: member.load.pk)
    document = price_document(everyone, state.load.currency)
    if not staying:
        return state, document
    keeper = staying[0]
    own = price(keeper.charges, state.load.currency)
    rest = [member for member in everyone if member.load.pk != keeper.load.pk]
    return replace(state, load=keeper.load, own=own, priced=document, others=rest), document


def _own_charges(state: LoadState) -> list[Any]:
    return list(dict.fromkeys(line.charge for line in state.own.lines))


@operation
def change_summary_loads(
    *, actor: Any, invoice: Invoice, join: Sequence[Load] = (), leave: Sequence[Load] = (), reason: str,
    posting_date: date | None = None, seen: int | None = None,
) -> Revision:  # fmt: skip
    """Put loads on a summary invoice, or take them off, by regenerating it. What leaves is a draft again.

    Raises `Refused` as regenerating does: no payment may stand on the invoice.
    """
    lock_rows(Account.objects.of(actor), [invoice.account_id])  # before the loads are read: they may have moved on
    state = locked_load(actor, first_load(actor, invoice), seen)
    leaving = {load.pk for load in leave}
    joining = members(actor, join)
    changed, document = changed_document(state, joining, list(leaving))
    facts = replace(state.facts(number_format(actor), (state.own, document)), part=None)
    there = {load.pk: load for load in state.loads}
    strangers = [load.number for load in leave if load.pk not in there]
    refuse(
        change_summary_loads_blocker(
            facts, summary=state.on_summary,
            first=Candidate("", state.load.account_id, state.load.agreement_id, state.load.currency),
            joining=[candidate(member) for member in joining], leaving=len(leaving),
            left=len(set(there) - leaving) + len(joining), stranger=strangers[0] if strangers else "",
        )
    )  # fmt: skip
    if not reason.strip():
        raise Refused(Blocker("no_reason", _("Say why the loads change."), field="reason"))
    for pk in leaving:
        there[pk].invoice, there[pk].billed_charges = None, Decimal(0)
        there[pk].version += 1
        there[pk].save(update_fields=["invoice", "billed_charges", "version"])
    for member in joining:
        member.load.invoice = state.invoice
        member.load.save(update_fields=["invoice"])
    cause = Revision.Cause.REGENERATED if facts.total_changed else Revision.Cause.REISSUED
    revision = next_revision(actor, changed, document, cause=cause, reason=reason, posting_date=posting_date)
    numbers = {"joined": [member.load.number for member in joining], "left": [there[pk].number for pk in leaving]}
    record(
        actor, "change_summary_loads", invoice, reason=reason, revision=revision.number, currency=revision.currency,
        about=[*state.loads, *(member.load for member in joining), state.load.account],
        before={"total": facts.current_total}, after={"total": revision.total}, **numbers,
    )  # fmt: skip
    return revision


def share_facts(
    invoice: Invoice, parts: Mapping[int, Part], shares: Mapping[int, Decimal], own: Mapping[int, Decimal]
) -> list[ShareFacts]:
    """The wanted shares as the rule looks at them; `own` are the shares that the settlement has already."""
    numbers = dict(Load.objects.filter(invoice=invoice, pk__in=shares).values_list("pk", "number"))
    return [
        ShareFacts(
            numbers.get(load, "?"), wanted,
            parts[load].billed - parts[load].settled + own.get(load, Decimal(0)) if load in parts else Decimal(0),
            load in parts,
        )
        for load, wanted in shares.items()
    ]  # fmt: skip


@operation
def split_by_load(*, actor: Any, allocation: Allocation, shares: Mapping[int, Decimal], reason: str = "") -> Allocation:
    """Say for which loads of a summary invoice a settlement is: load -> amount. Replaces what was said before.

    No money moves and nothing is posted; what is not said is for no load until the whole invoice is settled.
    """
    invoice = Invoice.objects.of(actor).filter(open_item=allocation.debit_item_id).first()
    if invoice is None:
        raise Refused(Blocker("not_found", _("This settlement was not found.")))
    lock_rows(Account.objects.of(actor), [invoice.account_id])
    current = Invoice.objects.of(actor).select_related("open_item").get(pk=invoice.pk)
    refuse(reversed_blocker(allocation))
    before = shares_of([allocation])[allocation.pk]
    refuse(split_blocker(actor, current, allocation.amount, shares, before))
    share_out(actor, allocation, {load: amount for load, amount in shares.items() if amount})
    record(
        actor, "split_by_load", current, about=[*current.loads.all(), current.account], reason=reason,
        currency=current.currency, before={str(load): amount for load, amount in before.items()},
        after={str(load): amount for load, amount in shares.items() if amount},
    )  # fmt: skip
    return allocation


def reversed_blocker(allocation: Allocation) -> Blocker | None:
    """Only a settlement that stands is for loads."""
    if allocation.reverses_id is None and not Allocation.objects.filter(reverses=allocation).exists():
        return None
    return Blocker("reversed", _("This settlement was taken back meanwhile."))


def split_blocker(
    actor: Any, invoice: Invoice, applied: Decimal, shares: Mapping[int, Decimal], own: Mapping[int, Decimal]
) -> Blocker | None:
    """Why a settlement of an invoice can't be split like this, as the invoice stands."""
    if not shares:
        return None
    parts = {}
    if invoice.summary:
        parts = parts_of(invoice, Revision.objects.get(invoice=invoice, number=invoice.current_revision))
    fmt = number_format(actor)
    return split_by_load_blocker(
        share_facts(invoice, parts, shares, own), summary=invoice.summary, applied=applied,
        say=lambda amount: format_money(amount, invoice.currency, fmt, with_code=True),
    )  # fmt: skip
