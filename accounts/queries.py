"""Reading who belongs where."""

from accounts.models import Membership, Organization, PlatformActor, User


def actors_of(user: User) -> list[Membership | PlatformActor]:
    """Everything a person may act as, by organization: their memberships, and for platform staff the rest as well."""
    own = Membership.objects.filter(user=user, active=True, organization__active=True)
    actors: list[Membership | PlatformActor] = list(own.select_related("organization").order_by("organization__name"))
    if user.is_platform_staff:
        known = [actor.organization_id for actor in actors]
        others = Organization.objects.filter(active=True).exclude(pk__in=known).order_by("name")
        actors += [PlatformActor(user, organization) for organization in others]
    return actors
