"""The people of the demo data: known by the domain of their address, all with one published password."""

from django.db.models import QuerySet

from accounts.models import Membership, User

DOMAIN = "demo.example"  # reserved for examples: no mail ever leaves for it
PASSWORD = "demo demo demo demo"  # noqa: S105 - published on purpose, see `manage.py load_demo`


def accounts() -> QuerySet[Membership]:
    """The memberships of demo people, by organization in the order they were made."""
    return (
        Membership.objects.filter(user__email__endswith=DOMAIN, active=True)
        .select_related("user", "organization")
        .order_by("organization_id", "pk")
    )


def platform_staff() -> QuerySet[User]:
    """The demo's platform staff, who are members of nothing."""
    return User.objects.filter(email__endswith=DOMAIN, is_platform_staff=True, is_active=True).order_by("pk")
