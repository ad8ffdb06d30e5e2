"""The people of the demo data: known by the domain of their address, all with one published password."""

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Membership, User
from accounts.roles import PLATFORM_STAFF_NAME

DOMAIN = "demo.example"  # reserved for examples: no mail ever leaves for it
PASSWORD = "demo demo demo demo"  # noqa: S105 - published on purpose, see `manage.py load_demo`


def _at_domain(field: str) -> Q:
    """Addresses of the domain itself and of an organization's part of it."""
    return Q(**{f"{field}__endswith": f"@{DOMAIN}"}) | Q(**{f"{field}__endswith": f".{DOMAIN}"})


def accounts() -> QuerySet[Membership]:
    """The memberships of demo people, by organization in the order they were made."""
    return (
        Membership.objects.filter(_at_domain("user__email"), active=True)
        .select_related("user", "organization")
        .order_by("organization_id", "pk")
    )


def platform_staff() -> QuerySet[User]:
    """The demo's platform staff, who are members of nothing."""
    return User.objects.filter(_at_domain("email"), is_platform_staff=True, is_active=True).order_by("pk")


def sign_ins() -> list[dict[str, Any]]:
    """Whom a visitor of the demo may sign in as; elsewhere nobody, whatever the database holds."""
    if not settings.DEMO:
        return []
    members = [
        {"email": one.user.email, "role": f"{one.get_role_display()}, {one.organization}", "password": PASSWORD}
        for one in accounts().filter(user__is_active=True)
    ]
    staff = [{"email": one.email, "role": PLATFORM_STAFF_NAME, "password": PASSWORD} for one in platform_staff()]
    return members + staff
