"""Making an organization: one operation sets up everything that it needs to bill and collect."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership, Organization, User
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

    Each package sets up its own part as a reaction to the event, in the same transaction.
    """
    refuse(create_organization_blocker(slug_taken=Organization.objects.filter(slug=slug).exists()))
    organization = Organization(name=name, slug=slug, currency=currency, **details)
    organization.full_clean()
    organization.save(force_insert=True)
    Sequence.objects.bulk_create(
        Sequence(organization=organization, kind=kind, prefix=prefix, width=width)
        for kind, (prefix, width) in KINDS.items()
    )
    if admin is not None:
        Membership.objects.create(organization=organization, user=admin, role=Role.ADMIN)
    record(SystemActor(organization, actor.name, frozenset()), "create_organization", organization, currency=currency)
    return organization


class Installer:
    """The command line acting before any organization exists. It may only create organizations."""

    organization = None
    organization_id = None
    user = None
    name = "setup"

    def can(self, verb: str) -> bool:
        return verb == "create_organization"
