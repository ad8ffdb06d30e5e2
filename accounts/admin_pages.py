"""Pages of settings: whose rows, who may, what is refused, what changed. Each package registers its own."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import DatabaseError, IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts import admin_history
from accounts.admin_forms import OrganizationForm, own_rows
from accounts.admin_numbers import written
from accounts.admin_site import SECTIONS
from accounts.backends import PERMISSION_VERBS
from receivables.core.errors import Blocker, Refused
from receivables.core.money import NumberFormat
from receivables.core.transactions import as_refusal, sqlstate

UNIQUE_VIOLATION = "23505"


class OwnRowsMixin:
    """Rows and choices of the active organization only, for pages and for the tables inside them."""

    def get_queryset(self, request: HttpRequest) -> Any:
        return own_rows(super().get_queryset(request), request)  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = own_rows(kwargs.get("queryset") or db_field.related_model._default_manager.all(), request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = own_rows(kwargs.get("queryset") or db_field.related_model._default_manager.all(), request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*(super().get_exclude(request, obj) or ()), "organization"]  # type: ignore[misc]


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

    view_on_site = False  # the admin would redirect to any row of any table

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        view = super().changeform_view  # type: ignore[misc]
        return self.answered(request, lambda: view(request, object_id, form_url, extra_context))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        view = super().delete_view  # type: ignore[misc]
        return self.answered(request, lambda: view(request, object_id, extra_context))

    def answered(self, request: HttpRequest, view: Callable[[], Any]) -> Any:
        try:
            return view()
        except Refused as refused:
            return self.refused(request, refused)
        except DatabaseError as error:
            refusal = as_refusal(error) or same_moment(error)
            if refusal is None:
                raise
            return self.refused(request, refusal)

    def refused(self, request: HttpRequest, refusal: Refused) -> HttpResponse:
        messages.error(request, str(refusal.blocker.message))
        return HttpResponseRedirect(request.get_full_path())


def same_moment(error: DatabaseError) -> Refused | None:
    """Two people added the same at once: the form saw neither, the database one of them."""
    if not isinstance(error, IntegrityError) or sqlstate(error) != UNIQUE_VIOLATION:
        return None
    return Refused(Blocker("taken", _("Somebody has just saved the same. Nothing was changed; look at theirs first.")))


class HistoryMixin:
    """The database keeps every change by itself; the admin's own log, which other ways of saving miss, is not used."""

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        """Kept by the database."""

    log_change = log_addition

    def log_deletions(self, request: Any, queryset: Any) -> Any:
        """Kept by the database."""

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What changed in this row."""
        obj = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):  # type: ignore[attr-defined]
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("What changed: %(name)s") % {"name": obj},
            "changes": admin_history.changes_of(obj, NumberFormat.of(request.organization, request.user)),
            "object": obj,
            "opts": obj._meta,
        }
        return TemplateResponse(request, "admin/what_changed.html", context)


class SettingsAdmin(HistoryMixin, RefusalMixin, OwnRowsMixin, VerbPermissionsMixin, admin.ModelAdmin):
    """A page of settings: `verb` changes it, `view_verb` looks. Rows of other organizations do not exist.

    Only the fields that a form changed are written, so the application's login needs rights on those columns alone.
    Nothing is deleted unless the page says `deletable`. The fields `fixed` are read-only once a row exists.
    `section` and `place` say where it stands on the first page, `about` what it is for.
    """

    form = OrganizationForm
    list_select_related = True
    section = "organization"
    place = 50
    about: Any = ""
    fixed: tuple[str, ...] = ()
    empty_words: dict[str, Any] = {}

    def __init__(self, model: type[models.Model], site: admin.AdminSite) -> None:
        super().__init__(model, site)
        name = f"{model._meta.app_label}.%s_{model._meta.model_name}"
        PERMISSION_VERBS[name % "view"] = self.view_verb
        for right in ("add", "change"):
            PERMISSION_VERBS[name % right] = self.verb

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.actor
        return form

    def get_list_display(self, request: Any) -> Any:
        return written(self.model, super().get_list_display(request), request, self.empty_words)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        names = super().get_readonly_fields(request, obj)
        return [*names, *(name for name in self.fixed if name not in names)] if obj is not None else names

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {**self.words(), **(extra_context or {})})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        return super().changeform_view(request, object_id, form_url, {**self.words(), **(extra_context or {})})

    def words(self) -> dict[str, Any]:
        """What the page says about itself."""
        kept = admin_history.events_of(self.model) is not None
        return {"section_label": SECTIONS[self.section], "about": self.about, "kept": kept}

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


class LookMixin:
    """Nothing is added, changed or deleted here, by anybody."""

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return written(self.model, self.fields, request)  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BoundedPaginator(Paginator):
    """Counts no further than anybody pages: the newest rows are a click away, older ones a search."""

    BOUND = 5000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[: self.BOUND].count())


class LookAdmin(LookMixin, SettingsAdmin):
    """Records to look at for those who see the settings. They change through operations alone."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return list_display[:1]


class SettingsInline(OwnRowsMixin, VerbPermissionsMixin, admin.TabularInline):
    """A table of rows inside a page of settings, under the same rules."""

    view_on_site = False

    extra = 0


class LookInline(LookMixin, SettingsInline):
    """A table of rows inside a page, to look at."""

    template = "admin/look_inline.html"
