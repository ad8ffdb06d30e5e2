"""The page of a load: its charges, its invoice, and why something may not be done yet."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.billing.models import Accessorial, Entity, Load, RevisionLine
from receivables.billing.pages import (
    ZERO,
    administrator,
    amount_text,
    billed_lines,
    billing_status,
    facts_of,
    live_accessorials,
    number_format,
    settled_as_loss,
    split_of,
    state_of,
    status_of,
)
from receivables.billing.queries import LoadState, with_documents
from receivables.billing.rules import InvoiceFacts, regenerate_checks, regenerate_invoice_blocker
from receivables.billing.summary.parts import part_of
from receivables.billing.views.shown import panels_of
from receivables.core.access import fetch
from receivables.core.dates import today
from receivables.core.history import timeline
from receivables.core.money import format_money
from receivables.core.views import member_view


@member_view("view_receivables")
def load(request: HttpRequest, pk: int) -> HttpResponse:
    """A load with everything that can be done about its billing."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, with_documents(Load.objects.all()), pk)
    found.__dict__["_with_documents"] = True
    state, facts = state_of(found, actor), facts_of(found, actor)
    lines, rows = billed_lines(state), live_accessorials(state)
    context = {
        "title": _("Load %(number)s") % {"number": found.number},
        "section": _("Loads"),
        "breadcrumb": [{"label": _("Loads"), "url": reverse("loads")}],
        "crumb": found.number,
        "load": found,
        "state": state,
        "status": billing_status(found),
        "figures": figures(state, actor),
        "charges": charge_rows(state, rows, lines),
        "gone": gone_lines(state, lines),
        "regenerate": regenerate_reason(facts, actor),
        "notices": [*notices(state, facts), *waiting_notices(rows, actor)],
        "payments": panels_of(request, found, "payments"),
        "sendings": panels_of(request, found, "sending"),
        "steps": panels_of(request, found, "steps"),
        "marks": panels_of(request, found, "marks"),
        "history": timeline(actor, *[each for each in (found, state.invoice) if each is not None]),
    }
    if state.invoice is not None:
        context.update(_invoice_context(state, lines, actor))
    if not actor.can("add_accessorial"):
        context["ask_accessorials"] = ask_for(_("Accessorials"), administrator(actor))
    return render(request, "billing/load.html", context)


def ask_for(permission: str, name: str) -> str:
    """Whom to ask for a permission one does not have."""
    return _("You need the “%(permission)s” permission. Ask %(name)s.") % {"permission": permission, "name": name}


def _invoice_context(state: LoadState, lines: list[RevisionLine], actor: Any) -> dict[str, Any]:
    if state.invoice is None or state.revision is None or state.item is None:
        return {}
    invoice, revision = state.invoice, state.revision
    split = split_of(invoice, revision.price_concession, revision.bad_debt, settled_as_loss(state.item))
    return {
        "invoice": invoice,
        "revision": revision,
        "revisions": invoice.revisions.order_by("-number")[:20],
        "split": split,
        "invoice_status": status_of(invoice, split, actor),
        "billed": sum((line.total for line in lines), ZERO),
        "sent": sent_state(invoice, revision),
    }


def sent_state(invoice: Any, revision: Any) -> dict[str, Any]:
    """What of an invoice went out to the customer, in words."""
    current, sent = invoice.current_revision, invoice.sent_revision
    in_house = revision.internal and sent and sent < current
    if in_house and not invoice.revisions.filter(number__gt=sent, internal=False).exists():
        words = {"n": current, "sent": sent}
        return {"text": _("Revision %(n)s is internal; %(sent)s was sent") % words, "at": None, "tone": "neutral"}
    if sent == current:
        return {"text": _("Revision %(n)s sent") % {"n": sent}, "at": invoice.sent_at, "tone": "success"}
    text = _("Revision %(n)s not sent") % {"n": current}
    return {"text": text, "at": None, "tone": "warning" if invoice.voided_at is None else "neutral"}


def figures(state: LoadState, actor: Any) -> list[dict[str, Any]]:
    """The four figures at the top of the page."""
    fmt, currency = number_format(actor), state.load.currency

    def text(amount: Decimal) -> str:
        return format_money(amount, currency, fmt)

    if state.item is None or state.invoice is None or state.revision is None:
        return [{"label": _("Charges"), "value": text(state.priced.total), "unit": currency}]
    if state.on_summary:
        return _part_figures(state, text)
    item, invoice = state.item, state.invoice
    late = (today(actor.organization) - invoice.due_date).days if item.balance and not invoice.voided_at else 0
    given = []
    if item.amount - item.balance - item.paid or state.revision.price_concession or state.revision.bad_debt:
        split = split_of(invoice, state.revision.price_concession, state.revision.bad_debt, settled_as_loss(item))
        given = [
            {"label": _("Credited"), "value": text(split.credited), "unit": currency},
            {"label": _("Written off"), "value": text(split.written_off), "unit": currency},
            *([{"label": _("Moved"), "value": text(split.moved), "unit": currency}] if split.moved else []),
        ]
    overdue = ngettext("%(n)s day", "%(n)s days", late) % {"n": late} if late > 0 else _("No")
    return [
        {"label": _("Invoice total"), "value": text(item.amount), "unit": currency},
        {"label": _("Paid"), "value": text(item.paid), "unit": currency},
        *given,
        {"label": _("Balance"), "value": text(item.balance), "unit": currency},
        {"label": _("Overdue"), "value": overdue, "tone": "danger" if late > 0 else ""},
    ]


def _part_figures(state: LoadState, text: Callable[[Decimal], str]) -> list[dict[str, Any]]:
    """Of a load on a summary invoice: its own part, and what the whole invoice is about."""
    part, currency, item = part_of(state.load), state.load.currency, state.item
    lost = [{"label": _("Written off"), "value": text(part.written_off), "unit": currency}] if part.written_off else []
    whole = {"n": len(state.loads), "total": text(item.amount if item else ZERO)}
    of_whole = ngettext(
        "of %(total)s on a summary invoice over %(n)s load", "of %(total)s on a summary invoice over %(n)s loads",
        len(state.loads),
    )  # fmt: skip
    return [
        {
            "label": _("This load's part"),
            "value": text(part.billed),
            "unit": currency,
            "note": of_whole % whole,
        },
        {"label": _("Paid"), "value": text(part.paid), "unit": currency},
        *lost,
        {"label": _("Open on this load"), "value": text(part.balance), "unit": currency},
    ]


def charge_rows(state: LoadState, accessorials: list[Accessorial], lines: list[RevisionLine]) -> list[dict[str, Any]]:
    """The line haul and every accessorial, each with how it differs from the invoice."""
    billed: dict[int | None, Decimal] = {}
    for line in lines:
        billed[line.accessorial_id] = billed.get(line.accessorial_id, ZERO) + line.total
    now: dict[int | None, Decimal] = {}
    for priced in state.priced.of_load(state.load.pk).lines:
        key = priced.charge.accessorial_id
        now[key] = now.get(key, ZERO) + priced.total
    rows = []
    if state.load.line_haul or not accessorials:
        rows.append(
            {
                "label": _("Line haul") if not state.load.tonu else _("Truck ordered, not used"),
                "entity": Entity.CUSTOMER.label,
                "note": "",
                "amount": state.load.line_haul,
                "badges": _difference(state, billed, now, None),
            }
        )
    for each in accessorials:
        waiting = each.state == Accessorial.State.WAITING
        counts = each.entity == Entity.CUSTOMER and not waiting
        badges = _difference(state, billed, now, each.pk) if counts else []
        if waiting:
            badges = [{"label": _("Waiting for approval"), "tone": "warning"}]
        rows.append(
            {
                "label": each.type.name,
                "entity": each.get_entity_display(),
                "note": each.note,
                "quantity": each.quantity,
                "rate": each.rate,
                "amount": each.amount,
                "badges": badges,
                "accessorial": each,
            }
        )
    return rows


def _difference(
    state: LoadState, billed: dict[int | None, Decimal], now: dict[int | None, Decimal], key: int | None
) -> list[dict[str, Any]]:
    if state.invoice is None or state.invoice.voided_at is not None:
        return []
    if key not in billed:
        return [{"label": _("Not on the invoice yet"), "tone": "warning"}]
    if billed[key] != now.get(key, ZERO):
        return [{"label": _("Changed since the invoice"), "tone": "warning"}]
    return []


def gone_lines(state: LoadState, lines: list[RevisionLine]) -> list[RevisionLine]:
    """What the invoice still says although the load no longer charges it."""
    if state.invoice is None or state.invoice.voided_at is not None:
        return []
    charged = {line.charge.accessorial_id for line in state.priced.of_load(state.load.pk).lines}
    return [line for line in lines if line.accessorial_id not in charged]


def regenerate_reason(facts: InvoiceFacts, actor: Any) -> dict[str, Any]:
    """What stands under Regenerate invoice: why not, or what it will do; for those who may not, whom to ask."""
    if not actor.can("regenerate_invoice"):
        return {"message": ask_for(_("Billing"), administrator(actor)), "tone": "info"}
    if regenerate_invoice_blocker(facts) is not None:
        return {}
    message = _("You can regenerate this invoice. Its total will change from %(old)s to %(new)s.")
    words = {"old": facts.text(facts.current_total), "new": facts.text(facts.new_total)}
    return {"title": message % words, "checks": regenerate_checks(facts), "tone": "success"}


def notices(state: LoadState, facts: InvoiceFacts) -> list[dict[str, Any]]:
    """What a person must know about this invoice now, and what to do about it."""
    if state.revision is None or facts.voided:
        return []
    words: dict[str, Any] = {
        "number": facts.invoice_number,
        "old": facts.text(facts.current_total),
        "new": facts.text(facts.new_total),
        "n": state.revision.number,
    }
    if not facts.total_changed:
        if not facts.details_changed:
            return []
        said = _("Details changed since revision %(n)s. The total stays %(old)s, so nothing is held back.")
        return [{"tone": "info", "text": said % words, "steps": [_("Reissue the invoice if the customer needs it.")]}]
    said = _("Out of date: invoice %(number)s says %(old)s, the charges add up to %(new)s.") % words
    if not facts.payments:
        return [{"tone": "warning", "text": said, "steps": [_("Regenerate the invoice.")]}]
    steps = [_("Delete payment %(payment)s.") % {"payment": payment.number} for payment in facts.payments]
    steps += [_("Regenerate the invoice."), _("Record the payment again.")]
    held = _("A payment stands on it, so it can't be regenerated yet; nothing is sent to accounting meanwhile.")
    return [{"tone": "warning", "text": f"{said} {held}", "steps": steps}]


def waiting_notices(rows: list[Accessorial], actor: Any) -> list[dict[str, Any]]:
    """Reductions that exceed somebody's authority are no charge until they are approved."""
    said = _("%(type)s %(amount)s waits for approval. It is no charge until it is approved.")
    return [
        {
            "tone": "info",
            "text": said % {"type": row.type.name, "amount": amount_text(actor, row.amount, row.currency)},
        }
        for row in rows
        if row.state == Accessorial.State.WAITING
    ]
