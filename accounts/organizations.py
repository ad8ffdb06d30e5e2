"""Making an organization: one operation sets up everything that it needs to bill and collect."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from accounts.models import Membership, Organization, PlatformActor, User
from accounts.roles import Role
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.models import Sequence
from receivables.core.operations import SystemActor, operation
from receivables.core.sequences import KINDS


def create_organization_blocker(*, slug_taken: bool) -> Blocker | None:
    """The short name of an organization is used once."""
    if not slug_taken:
        return None
    return Blocker("slug_taken", _("An organization with this short name exists already."), field="slug")


@operation
def create_organization(
    *, actor: Any, name: str, slug: str, currency: str, admin: User | None = None, **details: Any
) -> Organization:
    """Create an organization with numbering, chart of accounts, agreement types, terms, bank account and first Admin.

    Each package sets up its own part as a reaction to the event, in the same transaction. The first Admin may be
    given as a user, or as `admin_email` and `admin_name`; a new person sets a password by mail.
    """
    email, full_name = details.pop("admin_email", ""), details.pop("admin_name", "")
    refuse(create_organization_blocker(slug_taken=Organization.objects.filter(slug=slug).exists()))
    organization = Organization(name=name, slug=slug, currency=currency, **details)
    organization.full_clean()
    organization.save(force_insert=True)
    Sequence.objects.bulk_create(
        Sequence(organization=organization, kind=kind, prefix=prefix, width=width)
        for kind, (prefix, width) in KINDS.items()
    )
    if email:
        admin = person(email, full_name)
    if admin is not None:
        Membership.objects.create(organization=organization, user=admin, role=Role.ADMIN)
    by = PlatformActor(actor.user, organization) if actor.user else SystemActor(organization, actor.name, frozenset())
    record(by, "create_organization", organization, currency=currency)
    return organization


def person(email: str, full_name: str) -> User:
    """The user with this email; somebody new gets no password yet."""
    user, _created = User.objects.get_or_create(
        email=email.strip().lower(), defaults={"full_name": full_name, "password": make_password(None)}
    )
    return user


class PlatformDesk:
    """A member of the platform's staff before entering any organization. May only create organizations."""

    organization = None
    organization_id = None

    def __init__(self, user: User) -> None:
        self.user = user
        self.name = str(user)

    def __str__(self) -> str:
        return self.name

    def can(self, verb: str) -> bool:
        return verb == "create_organization" and self.user.is_active and self.user.is_platform_staff


class Installer:
    """The command line acting before any organization exists. It may only create organizations."""

    organization = None
    organization_id = None
    user = None
    name = "setup"

    def can(self, verb: str) -> bool:
        return verb == "create_organization"
