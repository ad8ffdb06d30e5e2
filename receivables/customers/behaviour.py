"""How an agreement behaves, in words generated from its type and state."""

from django.utils.translation import gettext as _

from receivables.customers.models import Agreement, AgreementType

Role, State = AgreementType.SpecialRole, Agreement.State
OVER = (State.CLOSED, State.REACTIVATED, State.CANCELLED)


def behaviour(kind: AgreementType, state: str = State.ACTIVE) -> list[str]:
    """Sentences about debt, billing, collection, payments and closing; each follows from one setting of the type, and
    whether anything is billed from the state as well."""
    return [
        _role(kind),
        _billing(kind, state),
        _collection(kind),
        *_payments(kind),
        _closing(kind),
    ]


def _role(kind: AgreementType) -> str:
    words = {
        Role.NONE: _("It holds what the customer owes for service."),
        Role.WRITE_OFF: _("It holds debt that was written off: still owed, and no longer counted as an asset."),
        Role.DEPOSIT: _("It holds a deposit of the customer: money that is owed back."),
        Role.OVERPAYMENT: _("It holds what the customer paid too much: money that is owed back."),
        Role.ARRANGEMENT: _("It holds debt that is paid off in agreed instalments."),
        Role.BUDGET: _("It holds debt that is asked for in equal amounts."),
    }
    return words[Role(kind.special_role)]


def _billing(kind: AgreementType, state: str) -> str:
    if not kind.eligible_for_billing:
        return _("Nothing new is billed on it.")
    if state in OVER:
        return _("Its service is over: nothing new is billed on it. New service takes a new agreement.")
    if state == State.STOPPED:
        return _("Its service has stopped: only the final bill is still billed on it.")
    return _("New invoices may be billed on it.")


def _collection(kind: AgreementType) -> str:
    if kind.debt_class.eligible_for_collection:
        return _("Overdue debt is chased: worklist and reminders.")
    return _("It is not subject to collection: no reminder, no worklist, no late fee.")


def _payments(kind: AgreementType) -> list[str]:
    if not kind.payment_segment_type:
        return [_("It takes no payments: money from this customer goes to other debt or stays on account.")]
    sentences = [_("Payments reduce it.")]
    if kind.do_not_overpay:
        sentences.append(_("It is never paid beyond what is owed."))
    return sentences


def _closing(kind: AgreementType) -> str:
    if kind.one_time_charge:
        return _("It was made for one charge: it closes by itself when it is paid off.")
    if kind.special_role == Role.WRITE_OFF:
        return _("It stays active at zero, in case more debt is written off.")
    return _("Once stopped, it closes by itself when both balances are zero.")


def balances_in_words(agreement: Agreement) -> str:
    """What the two balances mean for this agreement."""
    if agreement.payoff_balance == agreement.current_balance:
        return _("What is truly owed and what is asked for now are the same.")
    return _("What is asked for now differs from what is truly owed, by a budget, an arrangement or a deposit.")
