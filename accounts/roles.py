"""Who may do what: one readable table, role -> verbs.

The verbs and their bundles stand in `accounts/verbs.py`; a membership may be granted or denied single verbs and whole
bundles on top of its role.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.verbs import BUNDLES, VERB_LABELS


class Role(models.TextChoices):
    ADMIN = "admin", _("Admin")
    PARTNER_ADMIN = "partner_admin", _("Partner Admin")
    OPERATIONS_MANAGER = "operations_manager", _("Operations Manager")
    BILLER = "biller", _("Biller")
    COLLECTOR = "collector", _("Collector")
    AUDITOR = "auditor", _("Auditor")


PLATFORM_STAFF_NAME = _("Platform staff")


# Held by platform staff alone, or by Admins whose organization was granted it: never given to a single person.
NOT_GRANTABLE = frozenset({"manage_pay_off_policy", "grant_pay_off_policy", "manage_users", "create_organization"})


def verbs_of(names: Iterable[str]) -> frozenset[str]:
    """The verbs behind a mix of verbs and bundle names. Raises KeyError for a name that is neither."""
    found: set[str] = set()
    for name in names:
        if name in BUNDLES:
            found.update(BUNDLES[name].verbs)
        else:
            found.add(name if name in VERB_LABELS else _unknown(name))
    return frozenset(found)


def _unknown(name: str) -> str:
    raise KeyError(name)


_LOOKS = ("look", "worklist", "reports")
_BOOKS = (
    "billing", "agreement_billing", "accessorials", "short_payments", "credit_notes", "refunds", "recoveries",
    "held_money", "master_data", "jobs", "ledger_exports",
)  # fmt: skip
_SETTINGS = (
    "settings_look", "exchange_rates", "settings", "write_off_settings", "pay_off_policy_look", "people_look", "people",
)  # fmt: skip

_WRITES_OFF = ("write_offs", "automated_write_off", "decisions", "own_requests")
_LEADS = (*_LOOKS, *_BOOKS, *_WRITES_OFF, "tax_relief", "chasing", "daily_work", "audit", *_SETTINGS)

_COLLECTS = (
    "record_payment", "assign_payment", "distribute_payment", "recover_bad_debt", "write_off_requests", "own_requests",
    "chasing",
)  # fmt: skip

ROLE_VERBS: dict[str, frozenset[str]] = {
    Role.ADMIN: verbs_of([*_LEADS, "periods"]),
    Role.PARTNER_ADMIN: verbs_of(_LEADS),
    Role.OPERATIONS_MANAGER: verbs_of(
        [*_LOOKS, *_BOOKS, "exchange_rates", "tax_relief", "write_off_requests", "decisions", "own_requests", "chasing"]
    ),
    Role.BILLER: verbs_of([*_LOOKS, *_BOOKS, "write_off_requests", "own_requests", "chasing"]),
    Role.COLLECTOR: verbs_of([*_LOOKS, *_COLLECTS]),
    Role.AUDITOR: verbs_of([*_LOOKS, "settings_look", "pay_off_policy_look", "people_look", "audit"]),
}

# A short payment is resolved in one step, and undone, by whoever may do all that the step consists of; many at once by
# whoever may resolve one, unless that is denied.
ONE_STEP = verbs_of(["resolve_short_payment", "undo_resolution"])
AT_ONCE = verbs_of(["short_payments"]) - ONE_STEP
PARTS_OF_ONE_STEP = verbs_of(["billing", "accessorials"])

# Platform staff look into every organization and manage its people and pay-off limit; they never post.
PLATFORM_VERBS: frozenset[str] = verbs_of(
    ["look", "pay_off_policy_look", "pay_off_policy", "people_look", "people", "platform"]
)

# Roles that hold settings and people: in production they sign in with a second factor.
SECOND_FACTOR_ROLES = frozenset({Role.ADMIN, Role.PARTNER_ADMIN})


def effective_verbs(
    role: str, granted: Iterable[str] = (), denied: Iterable[str] = (), *, pay_off_policy_granted: bool = False
) -> frozenset[str]:
    """What a member may do: the role's verbs, plus what is granted, minus what is denied (a denial wins).

    Names that are no longer in the table give nothing. Resolving a short payment in one step needs both whole bundles
    it is made of, and goes together with undoing it; so it is with many at once. An Admin manages the pay-off limit
    only where the platform granted it.
    """
    given = set(ROLE_VERBS[role]) | (_known(granted) - NOT_GRANTABLE)
    if role == Role.ADMIN and pay_off_policy_granted:
        given |= BUNDLES["pay_off_policy"].verbs.keys()
    if given >= PARTS_OF_ONE_STEP:
        given |= ONE_STEP | AT_ONCE
    given -= _known(denied)
    if not given >= PARTS_OF_ONE_STEP | ONE_STEP:
        given -= ONE_STEP | AT_ONCE
    if not given >= AT_ONCE:
        given -= AT_ONCE
    return frozenset(given)


def _known(names: Iterable[str]) -> frozenset[str]:
    return verbs_of(name for name in names if name in BUNDLES or name in VERB_LABELS)


def permission_choices() -> list[tuple[str, list[tuple[str, Any]]]]:
    """Bundles and their verbs as grouped choices of a form, without those that no single person is given."""
    groups = []
    for name, bundle in BUNDLES.items():
        verbs = [(verb, label) for verb, label in bundle.verbs.items() if verb not in NOT_GRANTABLE]
        if len(verbs) > 1:
            verbs.insert(0, (name, _("%(bundle)s: all") % {"bundle": bundle.label}))
        if verbs:
            groups.append((bundle.label, verbs))
    return groups


def grantable_names() -> frozenset[str]:
    """Every verb and bundle name that a membership may carry in `granted` or `denied`."""
    return frozenset(name for _label, choices in permission_choices() for name, _text in choices)
