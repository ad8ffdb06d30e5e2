"""The page "Collections and assignments": money of a customer, spread over the open invoices of an account.

While one types, only the cells that are worked out come back, never a field; without JavaScript a button does it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.billing.operations.locking import number_format
from receivables.collections.actions import record
from receivables.collections.assigning import drafts
from receivables.collections.assigning.across import Across, own_rate, read_across, typed_across
from receivables.collections.assigning.filling import (
    asking,
    filled_exactly,
    filled_oldest_first,
    filled_ticked,
    repaired,
    split_further,
)
from receivables.collections.assigning.grid import Grid, read_grid
from receivables.collections.assigning.models import PaymentDraft
from receivables.collections.assigning.typed import Typed, typed_rows
from receivables.collections.excess.acting import standing_excesses
from receivables.collections.excess.actions import made_text
from receivables.collections.forms import PaymentOnAccountForm
from receivables.collections.payoff_queries import limit_text, policy_of
from receivables.collections.queries import bank_accounts
from receivables.collections.recoveries.forms import Section, read_section, recoveries_in
from receivables.collections.recoveries.texts import recovered_text
from receivables.collections.rules import payable_blocker
from receivables.collections.texts import asked_text, paid_off_text, recorded_text
from receivables.core.access import fetch
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.forms import DayField, key_of
from receivables.core.idempotency import post_once
from receivables.core.money import parse_money
from receivables.core.views import FormView
from receivables.customers.models import Account

ROW_BUTTONS = ("repair", "leave_open", "ask", "unask", "split")
FILLING: dict[str, Callable[[Grid], dict[int, Typed]]] = {
    "recompute": filled_ticked,
    "oldest": filled_oldest_first,
    "exact": filled_exactly,
    "clear": lambda grid: {},
}


class PaymentOnAccount(FormView):
    """Record money of a customer: on open invoices, with what is given up of them, or left on account."""

    verb = "record_payment"
    template = "collections/assign_payment.html"
    form_class = PaymentOnAccountForm

    @cached_property
    def account(self) -> Account:
        return fetch(self.request.actor, Account.objects.select_related("customer"), self.kwargs["pk"], self.verb)

    def form_kwargs(self) -> dict[str, Any]:
        return {**super().form_kwargs(), "obj": self.account}

    def blocker(self) -> Blocker | None:
        own = self.request.actor.organization.currency
        has_bank = bank_accounts(self.request.actor).exists()
        return payable_blocker(number=self.account.number, voided=False, currency=own, has_bank_account=has_bank)

    def context(self) -> dict[str, Any]:
        actor = self.request.actor
        return {
            "title": _("Collections and assignments"), "section": _("Payments"), "submit_label": _("Save"),
            "breadcrumb": [
                {"label": _("Payments"), "url": reverse("payments")},
                {"label": _("Record payment"), "url": reverse("new_payment")},
            ],
            "cancel_url": reverse("new_payment"), "account": self.account,
            "summary": f"{self.account.customer.name} · {self.account.number}",
            "may_give_up": actor.can("pay_bill"), "find": self.request.POST.get("find", ""),
            "limit": limit_text(actor, policy_of(actor).maximum),
        }  # fmt: skip

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = drafts.draft_of(request.actor, self.account)
        if draft is not None and "draft" in request.GET:
            return self.resume(draft)
        form = self.form_class(**{**self.form_kwargs(), "initial": self._suggested()})
        bank = form["bank_account"].value()
        asked = {"bank_account": str(bank or ""), **recoveries_in(request.GET), **self._suggested()}
        grid = self.grid({}, asked, anew=True)
        return self.show(form, blocker=self.blocker(), grid=grid, draft=draft)

    def resume(self, draft: PaymentDraft) -> HttpResponse:
        """The page as it was left, with the figures of now."""
        data = drafts.resumed(draft)
        form = self.form_class(**{**self.form_kwargs(), "initial": data})
        grid = self.grid(typed_rows(data), data, anew=True)
        return self.show(form, blocker=self.blocker(), grid=grid, kept=draft)

    def grid(
        self, typed: Mapping[int, Typed], data: Mapping[str, str], *, anew: bool = False, touched: int | None = None,
        said: tuple[str, str] = ("", ""),
    ) -> Grid:  # fmt: skip
        """The grid for a header as it is typed, readable or not; `said`: a field of a recovery with its refusal."""
        actor = self.request.actor
        bank = bank_accounts(actor).filter(pk=key_of(data.get("bank_account")) or 0).first()
        currency = bank.currency if bank else actor.organization.currency
        try:
            received = parse_money(data.get("amount", ""), currency, number_format(actor))
        except ValidationError:
            received = None
        try:
            day = DayField().clean(data.get("date") or None)
        except ValidationError:
            day = today(actor.organization)
        own, account = own_rate(actor, currency, data), self.account
        recoverable, others = Section(), Across()
        # The answer to what is typed in a row speaks of the other sections only as far as they take of the money.
        if not touched or recoveries_in(data):
            recoverable = read_section(actor, account, currency, data, said)
        if not touched or typed_across(data):
            others = read_across(actor, account, currency, data, day=day, own=own, said=said)
        return read_grid(
            actor, account, typed, currency=currency, received=received, day=day, find=data.get("find", ""), anew=anew,
            touched=touched, recoverable=recoverable, across=others, excess=bool(data.get("excess")), own=own,
        )  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        data = request.POST.dict()
        typed, step = typed_rows(data), data.get("step", "save")
        if step == "discard":
            drafts.discard(request.actor, self.account)
            return redirect("payment_on_account", self.account.pk)
        if step == "preview":
            return self.preview(typed, data)
        if step != "save" or any(key_of(data.get(name)) for name in ROW_BUTTONS):
            return self.filled(typed, data, step)
        return self.save(typed, data)

    def filled(self, typed: dict[int, Typed], data: dict[str, str], step: str) -> HttpResponse:
        """The page again with the fields filled as a button asks for; nothing is posted."""
        grid = self.grid(typed, data, anew=True)
        button = next((name for name in ROW_BUTTONS if key_of(data.get(name))), "")
        key = key_of(data.get(button)) or 0
        if button == "repair":
            typed = repaired(grid, key)
        elif button == "leave_open":
            typed = {pk: replace(row, pay_bill=row.pay_bill and pk != key) for pk, row in typed.items()}
        elif button in ("ask", "unask"):
            typed = asking(grid, key, button == "ask")
        elif button == "split":
            typed = split_further(grid, key)
        elif step in FILLING:
            typed = FILLING[step](grid)
        form = self.form_class(**{**self.form_kwargs(), "initial": data})
        return self.show(
            form, grid=self.grid(typed, data, anew=True), focus=str(key or ""), focus_split=button == "split"
        )

    def preview(self, typed: dict[int, Typed], data: dict[str, str]) -> HttpResponse:
        """The worked-out cells of the row that was touched, and of all others whose cells may have changed with it.

        Only ticking Pay bill? also fills a field: what is applied on its row, if that is empty.
        """
        cause, key = [*self.request.headers.get("HX-Trigger", "").split("-"), ""][:2]
        touched = key_of(key) or 0 if cause in ("row", "pay", "short", "why") else 0
        grid = self.grid(typed, data, touched=touched)
        filled = {}
        if cause == "pay":
            filled = filled_ticked(grid, touched)
            grid = self.grid({**typed, **filled}, data, touched=touched)
        rows = [] if cause == "across" else grid.changed_by(touched)
        said = next((row.message for row in rows if row.invoice.pk == touched), "") or grid.totals.message
        context = {"rows": rows, "grid": grid, "live": True, "may_give_up": self.request.actor.can("pay_bill")}
        context["account"] = self.account
        context["across"] = grid.across.rows if cause in ("across", "assign") else []
        context["kept"] = drafts.keep(self.request.actor, self.account, data)
        context["filled"] = [row for row in rows if row.typed != typed.get(row.invoice.pk)]
        answer = render(self.request, "collections/assign_preview.html", context)
        if said:
            answer["HX-Trigger"] = json.dumps({"announce": said})
        return answer

    def save(self, typed: dict[int, Typed], data: dict[str, str]) -> HttpResponse:
        """Post all or nothing; what was refused, or has moved since it was shown, is marked. Before the form's key is
        asked only what can't be read is refused: a form that is sent twice gets the same answer twice."""
        form = self.form_class(self.request.POST, **self.form_kwargs())
        grid = self.grid(typed, data)
        if not form.is_valid() or any(row.error for row in grid.rows) or grid.recoverable.refused or grid.across.unread:
            return self.show_refused(form, grid, 422)
        try:
            return post_once(self.request, lambda: self.record(form.cleaned_data, grid))
        except Refused as refused:
            stale = refused.code == "stale"
            grid = self.grid(typed, data, said=(refused.field, str(refused.blocker.message)))
            field = refused.field if refused.field in form.fields and not grid.refused else None
            form.add_error(field, str(refused.blocker.message))
            return self.show_refused(form, grid, 409 if stale else 422)

    def show_refused(self, form: forms.Form, grid: Grid, status: int) -> HttpResponse:
        """The figures of now with what was wrong; what moved counts as seen once it is shown."""
        marked = len(grid.refused)
        if marked:
            message = ngettext("Fix the %(n)s marked row first.", "Fix the %(n)s marked rows first.", marked)
            form.add_error(None, message % {"n": marked})
        elif grid.recoverable.refused and form.is_valid():
            form.add_error(None, _("Fix the marked recovery first."))
        elif grid.across.unread and form.is_valid():
            form.add_error(None, _("Fix the marked invoice in another currency first."))
        rows = [replace(row, typed=replace(row.typed, seen=row.facts.digest)) for row in grid.rows]
        return self.show(form, status=status, grid=replace(grid, rows=rows))

    def record(self, data: dict[str, Any], grid: Grid) -> tuple[str, str]:
        actor = self.request.actor
        refuse(grid.blocker)
        made = record(actor, self.account, data, grid.assignments(), grid.recoverable.parts, grid.across.assignments())
        drafts.discard(actor, self.account)
        applied = sum((each.applied for each in grid.assignments()), grid.recoverable.total + grid.across.total)
        said = [
            recorded_text(actor, made, None, applied, Decimal(0)),
            paid_off_text(actor, made),
            asked_text(actor, made),
        ]
        said.append(recovered_text(actor, list(made.recoveries.select_related("invoice"))))
        said += [made_text(actor, each) for each in standing_excesses(made)]
        return made.get_absolute_url(), " ".join(filter(None, said))
