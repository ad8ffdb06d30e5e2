"""Bankruptcies as they are clicked: what it would come to, done in full and rolled back, and then done."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.queries import asked_text, sent_to_text
from receivables.billing.credit_notes.actions import sides
from receivables.billing.pages import amount_text
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.core.transactions import preview
from receivables.customers.holds import on_plan
from receivables.customers.models import Account, Agreement
from receivables.ledger.models import Allocation, JournalEntry
from receivables.writeoffs.bankruptcy.dividends import digest_of, money_of, record_dividend
from receivables.writeoffs.bankruptcy.drafting import Draft, Filing, Moving, drafted, exceeds_authority, standing
from receivables.writeoffs.bankruptcy.forms import RecordDividendForm, StartBankruptcyForm, dividend_of, filing_of
from receivables.writeoffs.bankruptcy.operations import carry_out, owed_of, start_bankruptcy
from receivables.writeoffs.bankruptcy.rules import dividend_possible_blocker, started_blocker
from receivables.writeoffs.models import Bankruptcy, MovedDebt, WriteOff
from receivables.writeoffs.queries import entries
from receivables.writeoffs.writing import plan_effects

State = Agreement.State


def _started(account: Account, actor: Any) -> Blocker | None:
    return started_blocker(started=standing(actor, account).exists())


def _confirm(account: Account, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Customer"), "value": account.customer.name},
            {"label": _("Account"), "value": account},
        ],
        "effects": [
            _("The service of this account stops with the filing date."),
            _("What was owed then moves to the bankruptcy type, also what was written off before. It can't be paid."),
            _("Money that was received stays on account: nothing is set off."),
            _("An account for later service is opened, to which goes what was billed after the petition."),
            _("This account gets an alert."),
        ],
        "tone": "warning",
        "submit_label": _("Check"),
    }


def approval_text(actor: Any, asked: tuple[str, Decimal]) -> str:
    """Who has to approve what exceeds one's authority; "" where nobody has to."""
    currency, amount = asked
    return sent_to_text(actor, AuthorityKind.WRITE_OFF, currency, amount) if exceeds_authority(actor, asked) else ""


def shown(actor: Any, moving: Moving, made: list[WriteOff], effects: list[str]) -> dict[str, Any]:
    """What the page says of debt that moves to the bankruptcy type, read after the trial."""
    return {
        "title": _("Nothing has been changed yet."),
        "posting_date": moving.posting_date,
        "approval": approval_text(actor, moving.asked),
        "moves": [
            {"number": debt.number, "before": amount_text(actor, debt.balance, debt.currency)} for debt in moving.moved
        ],
        "totals": [amount_text(actor, each.amount, each.currency) for each in made],
        "effects": effects,
        "journals": [
            {"currency": each.currency, "lines": [line for entry in entries(each) for line in sides(entry)]}
            for each in made
        ],
        "hidden": {"previewed": moving.digest},
    }


def tried(actor: Any, filing: Filing) -> dict[str, Any]:
    """What a bankruptcy comes to: done in full, also where it would wait, in a transaction that is rolled back."""
    draft = drafted(actor, filing)
    planned = on_plan(actor, {debt.agreement_id for debt in draft.moved})
    made = carry_out(actor, draft, author=actor.user)
    effects = [*plan_effects(actor, planned), *_effects(actor, draft, made)]
    return shown(actor, draft, list(made.write_offs.order_by("pk")), effects)


def _effects(actor: Any, draft: Draft, made: Bankruptcy) -> list[str]:
    """What becomes of the agreements and accounts, read after the trial."""
    said = []
    for agreement in Agreement.objects.of(actor).filter(pk__in=[each.pk for each in draft.stopping]).order_by("pk"):
        words = {"number": agreement.number, "left": amount_text(actor, agreement.payoff_balance, agreement.currency)}
        if agreement.state == State.CLOSED:
            said.append(_("Agreement %(number)s is stopped, owes nothing then and closes.") % words)
        else:
            said.append(_("Agreement %(number)s is stopped; %(left)s stays owed on it.") % words)
    said += _later_effects(actor, draft, made)
    if money_of(actor, made).exists():
        said.append(_("Money on account stays there: nothing is set off."))
    said.append(_("Account %(number)s is opened for later service.") % {"number": made.new_account.number})
    return said


def _later_effects(actor: Any, draft: Draft, made: Bankruptcy) -> list[str]:
    """What becomes of what was billed after the petition."""
    stays = _(
        "%(amount)s of %(number)s came after the petition and stays where it is: it is disputed, on a plan, or in "
        "another currency than account %(account)s."
    )
    moves = _("%(amount)s of %(number)s came after the petition and moves to account %(account)s.")
    onto = MovedDebt.objects.of(actor).filter(transfer__target__account=made.new_account)
    moved = set(onto.values_list("source_item", flat=True))
    return [
        (moves if debt.item_id in moved else stays)
        % {
            "amount": amount_text(actor, debt.balance, debt.currency), "number": debt.number,
            "account": made.new_account.number,
        }
        for debt in draft.later
    ]  # fmt: skip


def _run(actor: Any, account: Account, data: dict[str, Any]) -> tuple[Any, str]:
    made = start_bankruptcy(actor=actor, filing=filing_of(account, data))
    if isinstance(made, ApprovalRequest):
        return account, asked_text(actor, made)
    words = {"account": account.number, "new": made.new_account.number}
    return made, _("The bankruptcy of account %(account)s was started. Bill later service to account %(new)s.") % words


def _dividend_blocker(bankruptcy: Bankruptcy, actor: Any) -> Blocker | None:
    return dividend_possible_blocker(owed=bool(owed_of(bankruptcy)), money=money_of(actor, bankruptcy).exists())


def _dividend_confirm(bankruptcy: Bankruptcy, actor: Any) -> dict[str, Any]:
    owed = [amount_text(actor, amount, currency) for currency, amount in owed_of(bankruptcy).items()]
    return {
        "facts": [
            {"label": _("Account"), "value": bankruptcy.account},
            {"label": _("Court and case number"), "value": bankruptcy.reference},
            {"label": _("Still owed"), "value": ", ".join(owed) or "–"},
        ],
        "effects": [
            _("That much debt moves back to the ordinary write-off types, a share of every debt."),
            _("The payment is applied there: the expense shrinks, and taxes are owed again."),
        ],
        "submit_label": _("Check"),
    }


def _dividend_tried(actor: Any, bankruptcy: Bankruptcy, data: dict[str, Any]) -> dict[str, Any]:
    made = record_dividend(actor=actor, dividend=dividend_of(bankruptcy, {**data, "previewed": ""}))
    owed = [amount_text(actor, amount, currency) for currency, amount in owed_of(bankruptcy).items()]
    paid = [
        {
            "number": row.agreement.type.name, "before": amount_text(actor, row.open_item.amount, made.currency),
        }
        for row in made.items.select_related("agreement__type", "open_item").order_by("pk")
    ]  # fmt: skip
    left = _("%(owed)s stays owed of this bankruptcy.") % {"owed": ", ".join(owed)}
    return {
        "title": _("Nothing has been changed yet."),
        "posting_date": made.posting_date,
        "moves": paid,
        "totals": [amount_text(actor, made.amount, made.currency)],
        "effects": [left if owed else _("Nothing stays owed of this bankruptcy.")],
        "journals": [
            {"currency": each.currency, "lines": list(sides(each))} for each in [*entries(made), *_paid_with(made)]
        ],
        "hidden": {"previewed": digest_of(made.lines.order_by("line_no").values_list("source_item", "amount"))},
    }


def _paid_with(made: WriteOff) -> list[JournalEntry]:
    """The entries by which the trustee's payment settled what a dividend moved."""
    paid = Allocation.objects.filter(debit_item__write_off__write_off=made, kind=Allocation.Kind.PAYMENT)
    return list(JournalEntry.objects.filter(pk__in=paid.values("entry")).order_by("pk"))


def _dividend_run(actor: Any, bankruptcy: Bankruptcy, data: dict[str, Any]) -> tuple[Any, str]:
    made = record_dividend(actor=actor, dividend=dividend_of(bankruptcy, data))
    words = {"amount": amount_text(actor, made.amount, made.currency), "number": made.number}
    return bankruptcy, _("A dividend of %(amount)s was recorded with %(number)s.") % words


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "start_bankruptcy", "customers.account", gettext_lazy("Start bankruptcy"), _run, form=StartBankruptcyForm,
            blocker=_started, confirm=_confirm, style="outline-danger", template="writeoffs/start_bankruptcy.html",
            preview=lambda actor, account, data: preview(
                lambda: tried(actor, filing_of(account, {**data, "previewed": ""}))
            ),
        )
    )  # fmt: skip
    actions.register(
        Action(
            "record_dividend", "writeoffs.bankruptcy", gettext_lazy("Record dividend"), _dividend_run,
            form=RecordDividendForm, blocker=_dividend_blocker, confirm=_dividend_confirm, style="primary",
            template="writeoffs/record_dividend.html",
            preview=lambda actor, bankruptcy, data: preview(lambda: _dividend_tried(actor, bankruptcy, data)),
        )
    )  # fmt: skip
