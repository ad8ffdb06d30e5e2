"""Help: who may do what, the short payment by hand, and the keyboard."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.middleware import without_organization
from accounts.roles import NOT_GRANTABLE, PLATFORM_STAFF_NAME, PLATFORM_VERBS, ROLE_VERBS, Role
from accounts.verbs import BUNDLES
from receivables.core.navigation import NAV, NEW

ALL, SOME, NONE = "all", "some", "none"

# The published procedure, step by step, in the words of the buttons.
SHORT_PAYMENT = [
    gettext_lazy("On the invoice, delete the payment. It stays in the history; the invoice is open again."),
    gettext_lazy(
        "On the load, add an accessorial for the Customer, of a write-off or adjustment type, with the short amount as "
        "a minus."
    ),
    gettext_lazy("Regenerate the invoice: it keeps its number and gets a new revision with the lower total."),
    gettext_lazy("Record the payment again, with the amount that really came."),
    gettext_lazy("The invoice is settled, and the accounting system gets the same figures."),
]
KEYS = [
    ("?", gettext_lazy("All shortcuts of the page")),
    ("/", gettext_lazy("Search")),
    ("j / k", gettext_lazy("Next and previous row")),
    ("x", gettext_lazy("Select row")),
    ("Enter", gettext_lazy("Open row")),
]


@without_organization
def help_page(request: Any) -> HttpResponse:
    """The same for everybody who signed in; nothing in it belongs to an organization."""
    roles = [*((role.label, ROLE_VERBS[role]) for role in Role), (PLATFORM_STAFF_NAME, PLATFORM_VERBS)]
    context = {
        "title": _("Help"),
        "roles": [label for label, _verbs in roles],
        "rows": [_row(bundle, roles) for bundle in BUNDLES.values()],
        "steps": SHORT_PAYMENT,
        "keys": [*KEYS, *((item.shortcut, item.label) for item in NAV if item.shortcut)],
        "new_keys": [(item.shortcut, item.label) for item in NEW],
    }
    return render(request, "accounts/help.html", context)


def _row(bundle: Any, roles: Any) -> dict[str, Any]:
    """A bundle of the table of roles: what each role has of it, and what it consists of."""
    return {
        "label": bundle.label,
        "verbs": list(bundle.verbs.values()),
        "cells": [(label, *_cell(set(bundle.verbs), verbs)) for label, verbs in roles],
    }


def _cell(bundle: set[str], verbs: frozenset[str]) -> tuple[str, str]:
    """How much of a bundle a role has, and the words for it."""
    held = bundle & verbs
    if held == bundle:
        return ALL, _("yes")
    if held:
        return SOME, _("in part")
    if bundle <= NOT_GRANTABLE:
        return NONE, _("no")
    return NONE, _("no, unless granted")
