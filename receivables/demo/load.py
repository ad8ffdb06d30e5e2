"""Puts a demo organization together: foundation, customers, and nine months of orders played day by day."""

import heapq
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from django.db import transaction
from django.utils import translation

from accounts.models import Membership, Organization
from accounts.roles import Role
from receivables.core.dates import today
from receivables.demo import credits, foundation, losses
from receivables.demo.clients import Client, Registry, stop_replaced
from receivables.demo.letters import write_letters
from receivables.demo.najd import PROFILE as NAJD
from receivables.demo.northway import PROFILE as NORTHWAY
from receivables.demo.office import Job, Office
from receivables.demo.profiles import Profile
from receivables.demo.stories import CHAPTERS, ORDINARY, Chapter
from receivables.ledger.models import Period
from receivables.ledger.operations import close_period
from receivables.ledger.queries import month_of

Say = Callable[[str], object]

# Each demo organization, and the role that the person who works for both has there.
PROFILES = ((NORTHWAY, Role.BILLER), (NAJD, Role.AUDITOR))
HISTORY_DAYS = 275
OPEN_DAYS = 150  # months that ended before are closed


def missing() -> list[tuple[Profile, Role]]:
    """The demo organizations that do not exist yet."""
    known = set(Organization.objects.values_list("slug", flat=True))
    return [(profile, both_as) for profile, both_as in PROFILES if profile.slug not in known]


def load(profile: Profile, both_as: Role, *, seed: int, scale: float, as_of: date | None, say: Say) -> Organization:
    """Make one organization with all its data, or nothing. Equal seed, scale and as-of make equal figures."""
    with translation.override(profile.details["language"]), transaction.atomic():
        rng = Random(f"{seed}:{profile.slug}")
        organization = foundation.make_organization(profile)
        as_of = as_of or today(organization)
        start = as_of - timedelta(days=HISTORY_DAYS)
        members = foundation.invite_people(profile, organization, both_as)
        foundation.make_settings(profile, organization)
        foundation.make_rates(profile, organization, rng, start, as_of)
        clients = enter_clients(profile, members[Role.ADMIN], rng, start, as_of)
        office = Office(profile, members, clients, rng, as_of)
        play(plan(office, scale), as_of, lambda text: say(f"{profile.name}: {text}"))
        stop_replaced(office.admin, clients)
        close_old_months(office.admin, as_of)
        write_letters(office.biller)
    return organization


def enter_clients(profile: Profile, admin: Membership, rng: Random, start: date, as_of: date) -> list[Client]:
    registry = Registry(admin, profile, rng, start, as_of)
    return [client for index, spec in enumerate(profile.customers, start=1) for client in registry.enter(index, spec)]


def plan(office: Office, scale: float) -> list[Iterator[date]]:
    """The stories that will happen: each chapter at least once, the rest ordinary."""
    stories: list[Iterator[date]] = []
    loads = 0
    for chapter in [*CHAPTERS, *credits.CHAPTERS, *losses.CHAPTERS]:
        count = max(1, round(chapter.per_thousand * office.profile.loads * scale / 1000 / chapter.loads))
        stories += [begin(office, chapter, index) for index in range(count)]
        loads += count * chapter.loads
    rest = max(3, round(office.profile.loads * scale) - loads)
    return stories + [begin(office, ORDINARY, index) for index in range(rest)]


def begin(office: Office, chapter: Chapter, index: int) -> Iterator[date]:
    """A story of a client that fits, begun within the chapter's ages."""
    home = office.profile.currency
    fitting = [
        client
        for client in office.clients
        if (client.currency != home) == chapter.foreign and client.terms_days >= chapter.terms
    ]
    client = office.rng.choices(fitting, [each.size for each in fitting])[0]
    youngest, oldest = chapter.ages
    day = office.as_of - timedelta(days=office.rng.randint(youngest, oldest))
    return chapter.story(office, Job(client, day))


def play(stories: list[Iterator[date]], until: date, say: Say) -> None:
    """Let all stories happen in the order of their days, so that document numbers follow the calendar."""
    queue = [(next(story), index) for index, story in enumerate(stories)]
    heapq.heapify(queue)
    ended = 0
    while queue:
        day, index = heapq.heappop(queue)
        following = next(stories[index], None) if day <= until else None
        if following is not None:
            heapq.heappush(queue, (max(day, following), index))
            continue
        ended += 1
        if ended % max(len(stories) // 4, 1) == 0:
            say(f"{ended} of {len(stories)} orders")


def close_old_months(admin: Membership, as_of: date) -> None:
    """Close the months that are long over; what refers to them is posted into open ones from now on."""
    before = month_of(as_of - timedelta(days=OPEN_DAYS))
    for period in Period.objects.of(admin).filter(month__lt=before).order_by("month"):
        close_period(actor=admin, month=period.month)
