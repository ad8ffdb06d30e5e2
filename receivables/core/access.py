"""Fetch and authorize in one call: to forget the check is to have no object."""

from typing import Any, TypeVar

from django.db import models
from django.http import Http404

from receivables.core.operations import authorize

Row = TypeVar("Row", bound=models.Model)


def fetch(actor: Any, source: type[Row] | models.QuerySet[Row], pk: int, verb: str = "view_receivables") -> Row:
    """The row of the actor's organization with this key.

    Raises `Http404` if it does not exist there (also when it exists elsewhere), `NotPermitted` if the actor may not.
    """
    queryset = source if isinstance(source, models.QuerySet) else source._default_manager.all()
    row = queryset.filter(organization_id=actor.organization_id, pk=pk).first()
    if row is None:
        raise Http404
    authorize(actor, verb)
    return row


def lock_rows(queryset: models.QuerySet[Row], pks: Any) -> list[Row]:
    """Lock rows in ascending order of key, before anything that refers to them is written.

    FOR NO KEY UPDATE, so that foreign key checks of others do not wait. Read what depends on them afterwards,
    in a second statement.
    """
    return list(queryset.filter(pk__in=set(pks)).select_for_update(no_key=True, of=("self",)).order_by("pk"))
