"""The Django admin behind our own door: settings of the active organization, each page with the verb it needs."""

from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.backends import PERMISSION_VERBS
from accounts.models import Organization, User
from accounts.roles import verbs_of
from receivables.core.errors import NotPermitted, Refused
from receivables.core.transactions import as_refusal

# Whoever holds one of these finds a page in the settings.
SETTINGS_VERBS = verbs_of(
    [
        "settings_look", "settings", "write_off_settings", "pay_off_policy_look", "pay_off_policy",
        "people_look", "people",
    ]
)  # fmt: skip


class ReceivablesAdminSite(admin.AdminSite):
    """Signs nobody in by itself: our sign-in, second factor and choice of organization come first."""

    site_header = site_title = index_title = _("Settings")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        actor = getattr(request, "actor", None)
        return actor is not None and any(actor.can(verb) for verb in SETTINGS_VERBS)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refusals are answered and logged like everywhere else in the application."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.has_permission(request):
                raise NotPermitted("view_settings", request.actor)
            try:
                return inner(request, *args, **kwargs)
            except PermissionDenied as denied:
                raise NotPermitted(request.resolver_match.url_name, request.actor) from denied

        return guarded

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Whoever comes here has passed our sign-in already; the middleware sends visitors to it."""
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The admin's own button; signing out is a POST to our own page, which it shows."""
        return redirect("sessions")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change")


receivables_admin = ReceivablesAdminSite(name="admin")


class OrganizationForm(forms.ModelForm):
    """Checks a row as one of the active organization, so that "unique in the organization" is a message."""

    organization: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.organization is not None and self.instance._state.adding:
            self.instance.organization = self.organization

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"organization"}  # type: ignore[misc]


class OwnRowsMixin:
    """Rows and choices of the active organization only, for pages and for the tables inside them."""

    def get_queryset(self, request: HttpRequest) -> Any:
        return own_rows(super().get_queryset(request), request)  # type: ignore[misc]

    def formfield_for_foreignkey(self, field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = own_rows(kwargs.get("queryset") or field.related_model._default_manager.all(), request)
        return super().formfield_for_foreignkey(field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = own_rows(kwargs.get("queryset") or field.related_model._default_manager.all(), request)
        return super().formfield_for_manytomany(field, request, **kwargs)  # type: ignore[misc]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*(super().get_exclude(request, obj) or ()), "organization"]  # type: ignore[misc]


def own_rows(queryset: Any, request: Any) -> Any:
    """The rows of a queryset that belong to the active organization: itself, its members, or what names it."""
    if queryset.model is Organization:
        return queryset.filter(pk=request.organization.pk)
    if queryset.model is User:
        members = request.organization.memberships.filter(active=True)
        return queryset.filter(pk__in=members.values("user"))
    if any(field.name == "organization" for field in queryset.model._meta.fields):
        return queryset.filter(organization_id=request.organization.pk)
    return queryset


class VerbPermissionsMixin:
    """Django's four questions answered by the verbs of the active membership."""

    verb = ""
    view_verb = "view_settings"
    deletable = False

    def may(self, request: Any, verb: str) -> bool:
        return bool(verb and request.actor is not None and request.actor.can(verb))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.view_verb) or self.may(request, self.verb)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.verb)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.verb)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.deletable and self.may(request, self.verb)


class RefusalMixin:
    """What a rule or a guard of the database refuses is a message on the page, not an error."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]
        except Refused as refused:
            return self.refused(request, refused)
        except DatabaseError as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            return self.refused(request, refusal)

    def refused(self, request: HttpRequest, refusal: Refused) -> HttpResponse:
        messages.error(request, str(refusal.blocker.message))
        return HttpResponseRedirect(request.get_full_path())


class SettingsAdmin(RefusalMixin, OwnRowsMixin, VerbPermissionsMixin, admin.ModelAdmin):  # type: ignore[misc]
    """A page of settings: `verb` changes it, `view_verb` looks. Rows of other organizations do not exist.

    Only the fields that a form changed are written, so the application's login needs rights on those columns alone.
    Nothing is deleted unless the page says `deletable`.
    """

    form = OrganizationForm
    list_select_related = True

    def __init__(self, model: type[models.Model], site: admin.AdminSite) -> None:
        super().__init__(model, site)
        name = f"{model._meta.app_label}.%s_{model._meta.model_name}"
        PERMISSION_VERBS[name % "view"] = self.view_verb
        for right in ("add", "change"):
            PERMISSION_VERBS[name % right] = self.verb

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.organization = request.organization
        return form

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj is None:
            raise Http404
        return obj

    def get_list_filter(self, request: HttpRequest) -> Any:
        """A filter over a relation offers only what the organization's own rows refer to."""
        return [self._own_filter(item) for item in super().get_list_filter(request)]

    def _own_filter(self, item: Any) -> Any:
        is_relation = isinstance(item, str) and "__" not in item and self._is_relation(item)
        return (item, admin.RelatedOnlyFieldListFilter) if is_relation else item

    def _is_relation(self, name: str) -> bool:
        return name in {field.name for field in self.model._meta.get_fields() if field.is_relation}

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        if not self.deletable:
            actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.save(force_insert=True)
            return
        columns = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in columns]
        if changed:
            obj.save(update_fields=changed)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        """Rows of a table inside the page belong to the organization of the page."""
        for row in formset.save(commit=False):
            if any(field.name == "organization" for field in row._meta.fields):
                row.organization = request.organization
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()


class SettingsInline(OwnRowsMixin, VerbPermissionsMixin, admin.TabularInline):  # type: ignore[misc]
    """A table of rows inside a page of settings, under the same rules."""

    extra = 0
