"""Organizations kept in stock: made once by the real operation, then handed out to one test after the other.

They lie in the database that every test's own is copied from, so each test finds them as new. Making one takes longer
than most tests.
"""

from accounts.models import Organization
from accounts.organizations import Installer, create_organization

SLUGS = ("blue-freight-in-stock",)
NAME, CURRENCY = "Blue Freight", "USD"
_whole = list(SLUGS)  # what a test begins with: less what its module keeps
_left = list(SLUGS)


def fill() -> None:
    """Make the stock in the database that `default` leads to."""
    for slug in SLUGS:
        create_organization(actor=Installer(), name=NAME, slug=slug, currency=CURRENCY)


def refill() -> None:
    """A test begins: its database has the whole stock."""
    _left[:] = _whole


def anew() -> None:
    """A test has a database of its own, in which no module keeps anything."""
    _left[:] = SLUGS


def keep() -> None:
    """What was taken until now belongs to all tests of a module."""
    _whole[:] = _left


def restore() -> None:
    """That module is over."""
    _whole[:] = SLUGS


def take() -> Organization | None:
    """One of the stock, or None when this test has used it up."""
    return Organization.objects.get(slug=_left.pop(0)) if _left else None
