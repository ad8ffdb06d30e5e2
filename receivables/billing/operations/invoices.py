"""Generating, regenerating, reissuing and voiding invoices.

An invoice is a snapshot: every change is a new revision, and the ledger gets exactly the difference, on the accounts
that changed. Number, issue date, due date and exchange rate stay those of revision 1.
"""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.charges import price
from receivables.billing.models import Invoice, Load, Revision
from receivables.billing.operations.locking import locked_load, number_format
from receivables.billing.operations.revisions import (
    Issue,
    bill_loads,
    chosen_posting_date,
    issue_invoice,
    next_revision,
)
from receivables.billing.queries import LoadState
from receivables.billing.rules import (
    generate_invoice_blocker,
    regenerate_invoice_blocker,
    reissue_invoice_blocker,
    void_invoice_blocker,
)
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.events import build, record, record_all
from receivables.core.models import Event
from receivables.core.operations import operation
from receivables.ledger.rates.overriding import Override, said_of


@operation
def generate_invoice(
    *, actor: Any, load: Load, issue_date: date | None = None, posting_date: date | None = None,
    seen: int | None = None, override: Override | None = None,
) -> Invoice:  # fmt: skip
    """Issue the invoice of a load: number, revision 1, open item and journal entry. The load leaves Draft.

    `override` is an exchange rate of its own, which needs the permission for it.
    """
    state = locked_load(actor, load, seen)
    refuse(generate_invoice_blocker(state.facts(number_format(actor))))
    current = state.load
    issue_date = issue_date or today(actor.organization)
    invoice, revision = issue_invoice(
        actor,
        Issue(
            current.account, current.agreement_id, current.currency, current.reference, issue_date,
            chosen_posting_date(actor, issue_date, posting_date), override=override,
        ),
        state.priced,
    )  # fmt: skip
    current.invoice = invoice
    bill_loads([(current, state.own)], "invoice")
    record(
        actor, "generate_invoice", invoice, about=[current, current.account], total=revision.total,
        currency=invoice.currency, revision=1, **said_of(override),
    )  # fmt: skip
    return invoice


@operation
def regenerate_invoice(
    *, actor: Any, load: Load, reason: str = "", posting_date: date | None = None, seen: int | None = None
) -> Revision:
    """Make the next revision from the charges as they are now; the ledger gets the difference.

    Raises `Refused` with the first of the conditions that fails; the database refuses it as well while a payment
    stands on the invoice.
    """
    return regenerate(actor, locked_load(actor, load, seen), reason=reason, posting_date=posting_date)


def regenerate(actor: Any, state: LoadState, *, reason: str, posting_date: date | None) -> Revision:
    """Regenerate the invoice of a load that is locked. Raises `Refused` as the rule says."""
    refuse(regenerate_invoice_blocker(state.facts(number_format(actor))))
    revision = next_revision(
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
    revision = next_revision(
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
    revision = next_revision(
        actor, state, nothing, cause=Revision.Cause.VOIDED, reason=reason, posting_date=posting_date
    )
    return _recorded(actor, "void_invoice", state, revision, reason)


def _recorded(actor: Any, name: str, state: LoadState, revision: Revision, reason: str) -> Revision:
    record_all(actor, [revised(actor, name, state, revision, reason)])
    return revision


def revised(
    actor: Any, name: str, state: LoadState, revision: Revision, reason: str
) -> tuple[Event, Invoice | Load]:  # fmt: skip
    """The event of a new revision of an invoice, not recorded yet, and its subject."""
    load, subject, old = state.load, state.invoice or state.load, state.revision
    event = build(
        actor, name, subject, about=[*state.loads, load.account], reason=reason, revision=revision.number,
        currency=revision.currency, before={"total": old.total if old else None}, after={"total": revision.total},
    )  # fmt: skip
    return event, subject
