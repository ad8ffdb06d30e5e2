"""The Django admin behind our own door: one site for the settings of the active organization."""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from accounts import admin_history
from accounts.models import Organization, User
from accounts.roles import verbs_of
from receivables.core.errors import NotPermitted
from receivables.core.money import NumberFormat

# Whoever holds one of these finds a page in the settings.
SETTINGS_VERBS = verbs_of(
    [
        "settings_look", "settings", "write_off_settings", "pay_off_policy_look", "pay_off_policy",
        "people_look", "people",
    ]
)  # fmt: skip

# The first page of the settings, in the words of those who use them. A page names its section.
SECTIONS = {
    "billing": _("Billing"),
    "collections": _("Collections"),
    "write_off": _("Write-off"),
    "accounting": _("Accounting"),
    "organization": _("Organization"),
    "people": _("People"),
}


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

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Sections in words instead of packages; a section without a page for this member is not shown."""
        rows = [row for app in super().get_app_list(request) for row in app["models"]]
        found: list[tuple[Any, Any]] = [(self.get_model_admin(row["model"]), row) for row in rows]
        pages = sorted(found, key=lambda pair: pair[0].place)
        return [
            {
                "name": label,
                "app_label": section,
                "app_url": reverse("admin:index"),
                "has_module_perms": True,
                "models": [{**row, "about": page.about} for page, row in pages if page.section == section],
            }
            for section, label in SECTIONS.items()
            if any(page.section == section for page, _row in pages)
        ]

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """There are no packages in the settings; old addresses lead to the sections."""
        return redirect("admin:index")

    def get_urls(self) -> list[Any]:
        """Without the admin's redirect to any row of any table: it would confirm rows of other organizations."""
        changed = path("what-changed/", self.admin_view(self.what_changed), name="what_changed")
        kept = [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]
        return [changed, *kept]

    def what_changed(self, request: Any) -> HttpResponse:
        """The newest changes of all settings that the member may look at."""
        fmt = NumberFormat.of(request.organization, request.user)
        found: list[admin_history.Change] = []
        for model, page in self._registry.items():
            events = admin_history.events_of(model)
            if model is not User and events is not None and page.has_view_permission(request):
                found += admin_history.changes(own_events(model, events, request), model, fmt, brief=True)
        found.sort(key=lambda change: change.at, reverse=True)
        context = {**self.each_context(request), "title": _("What changed"), "with_subject": True}
        return TemplateResponse(
            request, "admin/what_changed.html", {**context, "changes": found[: admin_history.SHOWN]}
        )

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Whoever comes here has passed our sign-in already; the middleware sends visitors to it."""
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The admin's own button; signing out is a POST to our own page, which it shows."""
        return redirect("sessions")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change")


receivables_admin = ReceivablesAdminSite(name="admin")


def own_events(model: type[models.Model], events: Any, request: Any) -> Any:
    """The kept changes of rows of the active organization."""
    if model is Organization:
        return events._default_manager.filter(pgh_obj_id=request.organization.pk)
    return events._default_manager.filter(organization_id=request.organization.pk)
