"""The verbs of credit notes as they can be clicked: Issue on an account, Reverse on a credit note."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.queries import asked_text, names_of, possible_approvers
from receivables.billing.credit_notes.drafting import Draft, drafted
from receivables.billing.credit_notes.forms import IssueCreditNoteForm
from receivables.billing.credit_notes.kinds import authority_for
from receivables.billing.credit_notes.models import CreditNote
from receivables.billing.credit_notes.operations import issue_credit_note, post_draft, reverse_credit_note
from receivables.billing.credit_notes.queries import entry_of, reversal_of, usable_reasons
from receivables.billing.credit_notes.requests import exceeds_authority
from receivables.billing.credit_notes.rules import nothing_open_blocker, reverse_credit_note_blocker
from receivables.billing.forms import ReasonForm
from receivables.billing.models import Invoice
from receivables.billing.pages import EffectLine, NoType, administrator, amount_text
from receivables.core.errors import Blocker
from receivables.core.events import ref
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.customers.models import Account
from receivables.ledger.models import JournalEntry

ACCOUNT, NOTE = "customers.account", "billing.creditnote"


def _fact(label: Any, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value}


def sides(entry: JournalEntry, sign: int = 1) -> list[EffectLine]:
    """The lines of an entry, debits and credits apart; with sign -1 as a reversal would have them."""
    posted = entry.lines.select_related("gl_account").order_by("line_no")
    lines = [(str(line.gl_account), sign * line.amount) for line in posted]
    return [EffectLine(name, amount if amount > 0 else None, -amount if amount < 0 else None) for name, amount in lines]


# Issue --------------------------------------------------------------------------------------------------------------


def _issue_blocker(account: Account, actor: Any) -> Blocker | None:
    owed = Invoice.objects.of(actor).filter(account=account, voided_at__isnull=True).exclude(open_item__balance=0)
    return nothing_open_blocker(is_open=owed.exists())


def _no_reason(actor: Any) -> NoType | None:
    """What to say where no reason may be chosen."""
    if usable_reasons(actor).exists():
        return None
    message = _("There is no reason for credit notes. An administrator can add one in Settings > Reasons.")
    return NoType(f"{message} {_('Ask %(name)s.') % {'name': administrator(actor)}}")


def _confirm_issue(account: Account, actor: Any) -> dict[str, Any]:
    return {
        "facts": [_fact(_("Customer"), account.customer.name), _fact(_("Account"), account.number)],
        "no_reason": _no_reason(actor),
        "own_currency": actor.organization.currency,
        "submit_label": _("Check"),
    }


def _preview_issue(actor: Any, account: Account, data: dict[str, Any]) -> dict[str, Any]:
    """The credit note as it would be: posted in full and rolled back."""

    def tried() -> tuple[Draft, bool, list[EffectLine]]:
        draft = drafted(
            actor, account, data["reason"], data["parts"], text=data["text"], day=data["date"],
            posting_date=data["posting_date"],
        )  # fmt: skip
        waits = exceeds_authority(actor, draft)
        note = post_draft(actor, draft, actor.user)
        return draft, waits, sides(entry_of(note))

    draft, waits, journal = preview(tried)
    return {
        "title": _("Nothing has been changed yet."),
        "parts": [_part_row(actor, part) for part in draft.parts],
        "net": amount_text(actor, draft.net, draft.currency),
        "tax": amount_text(actor, draft.tax, draft.currency),
        "total": amount_text(actor, draft.total, draft.currency),
        "posting_date": draft.posting_date,
        "approval": _approval(actor, draft) if waits else "",
        "journal": journal,
        "currency": draft.currency,
    }


def _part_row(actor: Any, part: Any) -> dict[str, Any]:
    def text(amount: Decimal) -> str:
        return amount_text(actor, amount, part.invoice.currency)

    balance = part.invoice.open_item.balance
    return {
        "number": part.invoice.number,
        "before": text(balance),
        "taxes": [f"{line.tax.name}: {text(line.tax_amount)}" for line in part.lines if line.tax is not None],
        "amount": text(part.amount),
        "after": text(balance - part.amount),
    }


def _approval(actor: Any, draft: Draft) -> str:
    kind = authority_for(draft.reason.kind)
    names = names_of(possible_approvers(actor, kind, draft.currency, draft.total, reason_key=ref(draft.reason)))
    if not names:
        return _("This is more than you may give alone, and nobody may approve it yet; ask an administrator.")
    return _("This is more than you may give alone: it goes to %(approver)s for approval.") % {"approver": names}


def _issue(actor: Any, account: Account, data: dict[str, Any]) -> tuple[Any, str]:
    made = issue_credit_note(
        actor=actor, account=account, reason=data["reason"], parts=data["parts"], text=data["text"],
        date=data["date"], posting_date=data["posting_date"],
    )  # fmt: skip
    if isinstance(made, ApprovalRequest):
        return account, asked_text(actor, made)
    words = {"number": made.number, "total": amount_text(actor, made.total, made.currency)}
    return made, _("Credit note %(number)s over %(total)s was issued.") % words


# Reverse ------------------------------------------------------------------------------------------------------------


def _reverse_blocker(note: CreditNote, actor: Any) -> Blocker | None:
    return reverse_credit_note_blocker(
        number=note.number, reversed_already=reversal_of(note) is not None, posted=note.posting_date
    )


def _confirm_reverse(note: CreditNote, actor: Any) -> dict[str, Any]:
    def text(amount: Decimal) -> str:
        return amount_text(actor, amount, note.currency)

    shown = [_fact(_("Customer"), note.account.customer.name), _fact(_("Total"), text(note.total))]
    if _reverse_blocker(note, actor) is not None:
        return {"facts": shown}
    again = _("Invoice %(number)s owes %(amount)s again: its balance goes from %(before)s to %(after)s.")
    effects = []
    for invoice, amount in by_invoice(note):
        balance = invoice.open_item.balance
        words = {"number": invoice.number, "amount": text(amount)}
        effects.append(again % {**words, "before": text(balance), "after": text(balance + amount)})
    effects.append(_("The credit note keeps its number and stays readable, marked as reversed."))
    return {"facts": shown, "effects": effects, "tone": "warning", "journal": sides(entry_of(note), -1)}


def by_invoice(note: CreditNote) -> list[tuple[Invoice, Decimal]]:
    """What the credit note takes off each of its invoices, in the order of its lines."""
    found: dict[int, tuple[Invoice, Decimal]] = {}
    for line in note.lines.select_related("invoice__open_item").order_by("line_no"):
        _invoice, known = found.get(line.invoice_id, (line.invoice, Decimal(0)))
        found[line.invoice_id] = (line.invoice, known + line.total)
    return list(found.values())


def _reverse(actor: Any, note: CreditNote, data: dict[str, Any]) -> tuple[Any, str]:
    reverse_credit_note(actor=actor, credit_note=note, reason=data["reason"], posting_date=data["posting_date"])
    return note, _("Credit note %(number)s was reversed.") % {"number": note.number}


def _stands(note: CreditNote, actor: Any) -> bool:
    return reversal_of(note) is None


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "issue_credit_note", ACCOUNT, gettext_lazy("Issue credit note"), _issue, form=IssueCreditNoteForm,
            blocker=_issue_blocker, confirm=_confirm_issue, preview=_preview_issue, style="secondary",
            template="billing/issue_credit_note.html",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "reverse_credit_note", NOTE, gettext_lazy("Reverse credit note"), _reverse, form=ReasonForm,
            blocker=_reverse_blocker, visible=_stands, confirm=_confirm_reverse, style="outline-danger",
            template="billing/act.html",
        )
    )  # fmt: skip
