"""“Send to write-off” as a way to end a short payment: what is left open is transferred to write-off agreements."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.approvals.models import ApprovalRequest
from receivables.approvals.queries import asked_text
from receivables.billing.models import Invoice, Load
from receivables.billing.pages import amount_text, load_balance
from receivables.core.errors import Blocker, Check, Refused, refuse
from receivables.core.forms import MoneyFormField
from receivables.core.registry import Outcome, outcomes
from receivables.core.transactions import preview
from receivables.core.views import ActionForm
from receivables.writeoffs.drafting import DebtKey, Wanted, drafted
from receivables.writeoffs.operations import carry_out, exceeds_authority, request_write_off, write_off_debt
from receivables.writeoffs.rules import part_open_blocker, send_to_write_off_blocker
from receivables.writeoffs.writing import approval_text, written_off_text

RESOLVE = "resolve_short_payment"
ZERO = Decimal(0)


class SentForm(ActionForm):
    """How much of what is open is written off: all of it, unless something else is typed."""

    amount = MoneyFormField(label=gettext_lazy("Amount to write off"), min_value=ZERO)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["seen"]  # the outcome that was shown is compared with what happens
        self.fields["amount"].initial = load_balance(self.obj) if self.obj.invoice is not None else None


def _blocker(load: Load, actor: Any) -> Blocker | None:
    invoice = load.invoice
    return send_to_write_off_blocker(
        has_invoice=invoice is not None,
        balance=load_balance(load) if invoice is not None and invoice.voided_at is None else ZERO,
    )


def _wanted(actor: Any, load: Load, data: dict[str, Any]) -> Wanted:
    if load.invoice is None:
        refuse(_blocker(load, actor))
    invoice = Invoice.objects.of(actor).select_related("account__customer").get(loads=load.pk)
    picks: dict[DebtKey, Decimal] = {(invoice.agreement_id, invoice.open_item_id): data["amount"]}
    if not invoice.summary:
        return Wanted(invoice.account, data["reason"], picks=picks)
    part = load_balance(Load.objects.of(actor).select_related("invoice__open_item").get(pk=load.pk))
    refuse(part_open_blocker(amount=data["amount"], balance=part, text=amount_text(actor, part, invoice.currency)))
    return Wanted(invoice.account, data["reason"], picks=picks, load=load.pk)


def tried(actor: Any, load: Load, data: dict[str, Any], *, ask: bool) -> dict[str, Any]:
    """What it comes to; in a transaction that is rolled back, posted in full also where it would wait."""
    draft = drafted(actor, _wanted(actor, load, data))
    before = draft.picked[0][0].balance
    waits = ask or exceeds_authority(actor, draft)
    made = carry_out(actor, draft, author=actor.user)

    def text(amount: Decimal) -> str:
        return amount_text(actor, amount, made.currency)

    moved = _("%(amount)s is transferred to write-off agreements; it is still owed there.")
    steps = [moved % {"amount": text(made.amount)}]
    if draft.used:
        first = _("%(money)s that the customer has with us pays this debt first.")
        steps.insert(0, first % {"money": text(draft.used)})
    if waits:
        steps.append(approval_text(actor, draft))
    steps.append(_("Nobody reminds the customer of what was written off, and it raises no late fee."))
    after = before - draft.used - made.amount
    return {
        "digest": draft.digest[:32],
        "steps": [Check(True, step) for step in steps],
        "rows": [
            {"label": _("Open on the invoice"), "before": text(before), "after": text(after)},
            {"label": _("Owed on write-off agreements"), "before": text(ZERO), "after": text(made.amount)},
        ],
    }


def _preview(actor: Any, load: Load, data: dict[str, Any]) -> dict[str, Any]:
    return preview(lambda: tried(actor, load, data, ask=False))


def _preview_request(actor: Any, load: Load, data: dict[str, Any]) -> dict[str, Any]:
    return preview(lambda: tried(actor, load, data, ask=True))


def _as_previewed(actor: Any, load: Load, data: dict[str, Any]) -> Wanted:
    """What was previewed, if it still comes to the same; otherwise `Refused`, and nothing has changed."""
    wanted = _wanted(actor, load, data)
    if drafted(actor, wanted).digest[:32] != data["previewed"]:
        raise Refused(Blocker("stale", _("The figures have changed since they were shown. Check them again.")))
    return wanted


def _run(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    made = write_off_debt(actor=actor, wanted=_as_previewed(actor, load, data))
    if isinstance(made, ApprovalRequest):
        return made, asked_text(actor, made)
    return made, written_off_text(actor, made)


def _run_request(actor: Any, load: Load, data: dict[str, Any]) -> tuple[Any, str]:
    made = request_write_off(actor=actor, wanted=_as_previewed(actor, load, data))
    return made, asked_text(actor, made)


def register() -> None:
    """Called once, when the application is ready: for those who may write off, and for those who may ask."""
    outcomes.register(
        Outcome(
            RESOLVE, "write_off_debt", gettext_lazy("Send to write-off"),
            gettext_lazy("What is open is still owed, on a write-off agreement; nobody chases it any more."),
            SentForm, _preview, _run, _blocker,
        )
    )  # fmt: skip
    outcomes.register(
        Outcome(
            RESOLVE, "request_write_off", gettext_lazy("Ask to send it to write-off"),
            gettext_lazy("Somebody else decides; until then nothing changes."),
            SentForm, _preview_request, _run_request, _blocker,
        )
    )  # fmt: skip
