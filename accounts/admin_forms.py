"""Forms of the settings pages, and which rows they may speak of: those of the active organization."""

from typing import Any

from django import forms
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from receivables.core.access import lock_rows
from receivables.core.forms import FormWithFormat

STALE = _("Somebody saved this meanwhile. Look at “What changed”, then save again if yours is to count.")


class OrganizationForm(FormWithFormat, forms.ModelForm):
    """Checks a row as one of the active organization, so that "unique in the organization" is a message.

    `unique` names the field that no two rows share, whatever the case of its letters. Choices leave out what is no
    longer active, except what the row has. A page that was shown before somebody else's change never overwrites it.
    """

    actor: Any = None
    unique = ""
    taken = _("“%(value)s” exists already. Choose another, or change that one.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, actor=self.actor, **kwargs)
        if self.instance._state.adding and hasattr(self.instance, "organization_id"):
            self.instance.organization = self.actor.organization
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = still_active(field.queryset, getattr(self.instance, f"{name}_id", None))

        self.seen = "" if self.instance._state.adding else self.state_of(self.instance)

    def state_of(self, row: models.Model) -> str:
        """What the fields of this form are in a row, as its page carries it. Some are secrets."""
        columns = [field for field in row._meta.concrete_fields if field.name in self.base_fields]
        return salted_hmac("accounts.seen", repr([getattr(row, field.attname) for field in columns])).hexdigest()

    def is_stale(self) -> bool:
        """Whether somebody saved the row after its page was shown; looked at under the lock of the row (X3)."""
        carried = self.data.get("_seen")
        if not carried or self.instance._state.adding:
            return False
        rows: models.QuerySet[Any] = self.instance._meta.model._base_manager.all()
        return carried != self.state_of(lock_rows(rows, [self.instance.pk])[0])

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"organization"}  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_stale():
            self.add_error(None, STALE)
        value = data.get(self.unique)
        if value and self.same(value).exclude(pk=self.instance.pk).exists():
            self.add_error(self.unique, self.taken % {"value": value})
        return data

    def same(self, value: Any) -> models.QuerySet:
        """The rows that have this value already."""
        rows = self.instance._meta.model._default_manager.filter(organization_id=self.actor.organization_id)
        return rows.filter(**{f"{self.unique}__iexact": value})


def still_active(queryset: Any, current: Any) -> Any:
    """The rows that may be chosen: active ones, and the one that stands there already."""
    if not any(field.name == "active" for field in queryset.model._meta.fields):
        return queryset
    return queryset.filter(models.Q(active=True) | models.Q(pk=current))


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
