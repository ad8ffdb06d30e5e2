"""Settings of people: members and their roles, the organization itself, and for the platform's staff the users."""

import logging
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import admin_core, second_factor, sessions, tasks  # noqa: F401  admin_core registers its own pages
from accounts.admin_forms import OrganizationForm
from accounts.admin_pages import HistoryMixin, RefusalMixin, SettingsAdmin
from accounts.admin_site import receivables_admin
from accounts.einvoicing import FIELDS as EINVOICE_FIELDS
from accounts.models import Membership, Organization, User, validate_permission_names
from accounts.operations import change_member, deactivate_member, invite_member
from accounts.roles import permission_choices

log = logging.getLogger("accounts.security")


class PermissionsField(forms.TypedMultipleChoiceField):
    """Verbs and bundles of the table of roles, grouped as they are there."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("base_field", None)
        kwargs.pop("max_length", None)
        widget = forms.SelectMultiple(attrs={"size": 12})
        super().__init__(coerce=str, choices=permission_choices, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> list[str]:
        names = list(super().clean(value))
        validate_permission_names(names)
        return names


class MemberForm(OrganizationForm):
    """A member by email; who is new gets a mail to set a password."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    full_name = forms.CharField(label=_("Full name"), max_length=150, help_text=_("Used if this person is new here."))
    granted = PermissionsField(label=_("Granted besides the role"))
    denied = PermissionsField(label=_("Denied"), help_text=_("A denial wins over the role and over a grant."))

    class Meta:
        model = Membership
        fields = ["role", "granted", "denied", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["email"], self.fields["full_name"]


@admin.register(Membership, site=receivables_admin)
class MembershipAdmin(SettingsAdmin):
    """The people of the organization. Every change is one of the three operations."""

    verb = "manage_members"
    view_verb = "view_members"
    section = "people"
    place = 1
    about = _("Who works here, in which role, and what is granted or denied on top of it.")
    form = MemberForm
    list_display = ["user", "email", "role", "active"]
    list_filter = ["role", "active"]
    search_fields = ["user__full_name", "user__email"]
    ordering = ["-active", "user__full_name"]

    @admin.display(description=_("email"), ordering="user__email")
    def email(self, membership: Membership) -> str:
        return membership.user.email

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["role", "granted", "denied", "active"] if obj else ["email", "full_name", "role", "granted", "denied"]

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """One's own membership is there to look at."""
        own = obj is not None and obj.user_id == request.user.pk
        return super().has_change_permission(request, obj) and not own

    def save_model(self, request: Any, obj: Membership, form: Any, change: bool) -> None:
        facts = {name: form.cleaned_data[name] for name in ("role", "granted", "denied")}
        if not change:
            email, full_name = form.cleaned_data["email"], form.cleaned_data["full_name"]
            member = invite_member(actor=request.actor, email=email, full_name=full_name, **facts)
            tasks.invite(member.user, domain=request.get_host(), https=request.is_secure())
            obj.pk, obj.user = member.pk, member.user
            obj._state.adding = False
        elif form.changed_data == ["active"] and not form.cleaned_data["active"]:
            deactivate_member(actor=request.actor, membership=obj)
        elif form.changed_data:
            change_member(actor=request.actor, membership=obj, active=form.cleaned_data["active"], **facts)


@admin.register(Organization, site=receivables_admin)
class OrganizationAdmin(SettingsAdmin):
    """One's own organization. The currency is fixed: every balance is in it."""

    verb = "manage_organization"
    view_verb = "view_settings"
    section = "organization"
    place = 1
    about = _("Name and address, number and date format, language, work days, and what stands on e-invoices.")
    list_display = ["name", "slug", "currency", "country", "active"]
    readonly_fields = ["currency", "slug", "active", "created_at"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "currency", "active", "created_at", "pay_off_policy_granted"]}),
        (_("Name and address on documents"), {"fields": [
            "legal_name", "address_line_1", "address_line_2", "city", "region", "postal_code", "country", "tax_id",
        ]}),
        (_("On e-invoices"), {"fields": [*EINVOICE_FIELDS]}),
        (_("Language and formats"), {"fields": [
            "language", "timezone", "date_format", "decimal_mark", "group_mark", "grouping", "digits",
        ]}),
        (_("Signing in"), {"fields": ["second_factor_required"]}),
        (_("Days"), {"fields": ["days_mode", "work_days"]}),
        (_("Payments"), {"fields": ["payment_distribution"]}),
        (_("Exchange rates"), {"fields": ["exchange_warn_days", "exchange_refuse_days", "exchange_tolerance"]}),
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.may(request, "grant_pay_off_policy")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or self.may(request, "grant_pay_off_policy")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """The platform's staff decide who manages the pay-off limit, and nothing else here."""
        names = [field.name for field in Organization._meta.concrete_fields if field.name != "id"]
        open_to = set() if not self.may(request, "grant_pay_off_policy") else {"pay_off_policy_granted"}
        if self.may(request, "manage_organization"):
            open_to |= set(names) - {"pay_off_policy_granted", *self.readonly_fields}
        return [name for name in names if name not in open_to]


@admin.register(User, site=receivables_admin)
class UserAdmin(HistoryMixin, RefusalMixin, admin.ModelAdmin):
    """Users of all organizations, for the platform's staff: let somebody out or in, help after a lost phone."""

    section = "people"
    place = 9
    about = _("People of all organizations: let somebody out, or help after a lost phone.")
    list_display = ["full_name", "email", "is_active", "is_platform_staff", "last_login"]
    search_fields = ["full_name", "email"]
    list_filter = ["is_active", "is_platform_staff"]
    ordering = ["full_name"]
    fields = ["full_name", "email", "is_active", "is_platform_staff", "date_joined", "last_login"]
    readonly_fields = ["full_name", "email", "is_platform_staff", "date_joined", "last_login"]
    actions = ["remove_second_factor"]

    def is_for(self, request: Any) -> bool:
        return request.actor is not None and request.actor.can("manage_users")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_for(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_for(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody lets themselves in or out."""
        return self.is_for(request) and (obj is None or obj.pk != request.user.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.save(update_fields=["is_active"])
        log.warning("user %s active=%s by user=%s", obj.pk, obj.is_active, request.user.pk)
        if not obj.is_active:
            sessions.end_all_of(obj)

    @admin.action(description=_("Remove the second factor (lost phone)"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, users: Any) -> None:
        others = users.exclude(pk=request.user.pk)
        with transaction.atomic():
            for user in others:
                second_factor.remove(user)
                sessions.end_all_of(user)
                log.warning("second factor of user=%s removed by user=%s", user.pk, request.user.pk)
        count = len(others)
        sentence = ngettext("%(n)s person has no second factor now.", "%(n)s persons have no second factor now.", count)
        messages.success(request, sentence % {"n": count})
