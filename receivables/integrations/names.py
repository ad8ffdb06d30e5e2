"""What mappings speak of, in words: a local key such as "account:12" as people know it."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.models import AccessorialType, TaxCode
from receivables.ledger.models import GLAccount

MODELS: dict[str, Any] = {"account": GLAccount, "item": AccessorialType, "tax": TaxCode}


def named(connection: Any, keys: Iterable[str]) -> list[str]:
    """The names of these local keys, in their order; one that is gone keeps its key."""
    return [_name(connection.organization_id, key) for key in keys]


def _name(organization_id: int, key: str) -> str:
    if key == "item:line_haul":
        return _("the charge “Line haul”")
    kind, _colon, pk = key.rpartition(":")
    if kind == "item:account":
        return _("a product or service for account “%(name)s”") % {"name": _row(organization_id, "account", pk) or pk}
    name = _row(organization_id, kind, pk)
    words = {
        "account": _("the account “%(name)s”"),
        "item": _("the charge “%(name)s”"),
        "tax": _("the tax “%(name)s”"),
    }
    return words[kind] % {"name": name} if kind in words and name else key


def _row(organization_id: int, kind: str, pk: str) -> str:
    model = MODELS.get(kind)
    if model is None or not pk.isdigit():
        return ""
    return str(model.objects.filter(organization_id=organization_id, pk=int(pk)).first() or "")
