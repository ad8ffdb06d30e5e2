"""Settings of authority: how much a role, or one person, may give away without asking, and how many people decide."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import SettingsAdmin
from accounts.admin_site import receivables_admin
from accounts.models import Membership
from receivables.approvals.authority import Limit, authority_blocker, limit_of
from receivables.approvals.models import MOST_DECISIONS, ApprovalStep, AuthorityKind, AuthorityLimit
from receivables.approvals.reasons import AuthorityReason, authority_reasons, reason_labels
from receivables.approvals.rules import default_authority
from receivables.core.access import lock_rows
from receivables.core.errors import Blocker, refuse


class AuthorityForm(OrganizationForm):
    """One limit, of a role or of a person, in one currency, for one reason or for all of a kind."""

    reason_key = forms.ChoiceField(
        label=gettext_lazy("Reason"), required=False,
        help_text=gettext_lazy("A limit for one reason counts instead of those for all reasons of its kind."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason_key" in self.fields:
            self.reasons = {reason.key: reason for reason in authority_reasons(self.actor)}
            choices: Any = self.fields["reason_key"]
            choices.choices = reason_choices(list(self.reasons.values()))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance.pk is None:
            self.check_whose(data)
        low, high = data.get("minimum"), data.get("maximum")
        if low is not None and low < 0:
            self.add_error("minimum", _("Enter zero or more."))
        if low is not None and high is not None and high < low:
            self.add_error("maximum", _("The maximum is not below the minimum."))
        if not self.errors:
            blocker = self.own_authority()
            if blocker is not None:
                self.add_error(blocker.field, str(blocker.message))
        return data

    def check_whose(self, data: dict[str, Any]) -> None:
        """Exactly one of role and person, and no second row for the same."""
        if "reason_key" in self.errors:
            return
        role, person = data.get("role"), data.get("membership")
        if bool(role) == bool(person):
            self.add_error("role", _("Choose either a role or a person."))
            return
        reason = self.reasons.get(data.get("reason_key") or "")
        if reason is not None and data.get("kind") and reason.kind != data["kind"]:
            words = {"kind": AuthorityKind(reason.kind).label}
            self.add_error("reason_key", _("This reason is of another kind: %(kind)s.") % words)
            return
        same = AuthorityLimit.objects.of(self.actor).filter(
            kind=data.get("kind"), currency=data.get("currency"), reason_key=data.get("reason_key") or ""
        )
        if same.filter(role=role or "", membership=person).exists():
            self.add_error("kind", _("There is a limit for this already; change that one."))

    def own_authority(self) -> Blocker | None:
        """Whether the actor would gain by this, judged while nobody else changes the limits."""
        row, data = self.instance, self.cleaned_data
        touched = Limit(
            data.get("role", row.role) or "",
            data["membership"].pk if data.get("membership") else row.membership_id,
            data.get("kind", row.kind),
            data.get("currency", row.currency),
            data["minimum"],
            data["maximum"],
            data.get("reason_key", row.reason_key) or "",
        )
        rest = locked_limits(self.actor, without=row.pk)
        before = [*rest, *_as_it_stands(row)]
        return authority_blocker(self.actor, before, [*rest, touched], touched)


def reason_choices(reasons: list[AuthorityReason]) -> list[tuple[Any, Any]]:
    """The reasons by their kind, after "all"."""
    grouped = groupby(sorted(reasons, key=lambda each: (each.kind, each.label)), key=lambda each: each.kind)
    groups = [(AuthorityKind(kind).label, [(each.key, each.label) for each in group]) for kind, group in grouped]
    return [("", _("All reasons of the kind")), *groups]


def locked_limits(actor: Any, *, without: int | None) -> list[Limit]:
    """All limits but one, while the actor's own row is locked: one change at a time by the same person."""
    lock_rows(Membership.objects.filter(organization_id=actor.organization_id), [actor.pk])
    return [limit_of(row) for row in AuthorityLimit.objects.of(actor).exclude(pk=without)]


def _as_it_stands(row: AuthorityLimit) -> list[Limit]:
    stored = AuthorityLimit.objects.filter(pk=row.pk).first() if row.pk is not None else None
    return [limit_of(stored)] if stored is not None else []


@admin.register(AuthorityLimit, site=receivables_admin)
class AuthorityLimitAdmin(SettingsAdmin):
    """Whose limit it is and of what is fixed; a limit may be taken away, and the default holds again."""

    form = AuthorityForm
    verb = "manage_authority"
    section, place = "people", 20
    deletable = True
    about = gettext_lazy(
        "How much a role, or one person, may give away without asking. A person's own limit counts instead of the "
        "role's; what exceeds it waits for somebody with more authority. Nobody widens their own."
    )
    list_display = ["whose", "kind", "reason_key", "currency", "minimum", "maximum"]
    empty_words = {"maximum": gettext_lazy("no maximum")}
    list_filter = ["kind", "role"]
    ordering = ["kind", "currency", "role", "membership", "reason_key"]
    fields = ["role", "membership", "kind", "reason_key", "currency", "minimum", "maximum"]
    fixed = ("role", "membership", "kind", "currency")

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return [_shown(name, obj) for name in super().get_fields(request, obj)]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        names = super().get_readonly_fields(request, obj)
        return [*(_shown(name, obj) for name in names), *(["reason_name"] if obj is not None else [])]

    def get_list_display(self, request: Any) -> Any:
        labels = reason_labels(request.actor)

        def reason(limit: AuthorityLimit) -> str:
            return labels.get(limit.reason_key, limit.reason_key) or _("all")

        reason.short_description = _("reason")  # type: ignore[attr-defined]
        return [reason if name == "reason_key" else name for name in super().get_list_display(request)]

    @admin.display(description=gettext_lazy("reason"))
    def reason_name(self, limit: AuthorityLimit) -> str:
        return reason_labels(limit).get(limit.reason_key, limit.reason_key) or _("All reasons of the kind")

    @admin.display(description=gettext_lazy("role or person"))
    def whose(self, limit: AuthorityLimit) -> str:
        return str(limit.membership or limit.get_role_display())

    def get_actions(self, request: HttpRequest) -> Any:
        """One at a time: each is judged by itself."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        found: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "maximum":
            found.help_text = _("Empty: no maximum.")
        if db_field.name == "membership":
            found.help_text = _("Instead of a role.")
        return found

    def words(self) -> dict[str, Any]:
        return {**super().words(), "sentences": default_words()}

    def delete_model(self, request: Any, obj: AuthorityLimit) -> None:
        rest = locked_limits(request.actor, without=obj.pk)
        gone = limit_of(obj)
        refuse(authority_blocker(request.actor, [*rest, gone], rest, gone))
        obj.delete()


def _shown(name: str, limit: AuthorityLimit | None) -> str:
    """A reason that stands is read by its name; its key says nothing to a person."""
    return "reason_name" if name == "reason_key" and limit is not None else name


def default_words() -> list[str]:
    """What holds where nothing is set, in words, from the same table that the rule reads."""
    sentences = []
    for is_admin, who in ((False, _("Everybody else")), (True, _("Admins and Partner Admins"))):
        free = [str(kind.label) for kind in AuthorityKind if default_authority(kind, is_admin=is_admin).maximum is None]
        asked = [str(kind.label) for kind in AuthorityKind if str(kind.label) not in free]
        facts = {"who": who, "free": ", ".join(free), "asked": ", ".join(asked)}
        if asked:
            sentence = _("%(who)s, where nothing is set: no maximum for %(free)s; must ask for any %(asked)s.")
        else:
            sentence = _("%(who)s, where nothing is set: no maximum for %(free)s.")
        sentences.append(sentence % facts)
    return sentences[::-1]


class StepForm(OrganizationForm):
    """From which amount on how many people decide."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        amount, decisions = data.get("amount_from"), data.get("decisions")
        if amount is not None and amount < 0:
            self.add_error("amount_from", _("Enter zero or more."))
        if decisions is not None and not 1 <= decisions <= MOST_DECISIONS:
            self.add_error("decisions", _("Enter a number from 1 to %(most)s.") % {"most": MOST_DECISIONS})
        if self.instance.pk is None and not self.errors:
            same = ApprovalStep.objects.of(self.actor).filter(
                kind=data["kind"], currency=data["currency"], amount_from=amount
            )
            if same.exists():
                self.add_error("amount_from", _("There is a step from this amount already; change that one."))
        return data


@admin.register(ApprovalStep, site=receivables_admin)
class ApprovalStepAdmin(SettingsAdmin):
    """What a step is about is fixed; one decision is as if it were not there."""

    form = StepForm
    verb = "manage_authority"
    section, place = "people", 21
    about = gettext_lazy(
        "From which amount on more than one person must approve what somebody asks for. Each decides within their own "
        "limits, nobody twice, and never who asked. Requests that wait already keep the number they were asked with."
    )
    list_display = ["kind", "currency", "amount_from", "decisions"]
    list_filter = ["kind"]
    ordering = ["kind", "currency", "amount_from"]
    fields = ["kind", "currency", "amount_from", "decisions"]
    fixed = ("kind", "currency", "amount_from")
