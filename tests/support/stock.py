"""Organizations kept in stock: made once by the real operation, then handed out to one test after the other.

They lie in the database that every test's own is copied from, so each test finds them as new. Making one takes longer
than most tests.
"""

from accounts.models import Organization
from accounts.organizations import Installer, create_organization

NAME, CURRENCY = "Blue Freight", "USD"
# The name of each: most tests need one, many another one to whom nothing belongs, some two of the same name.
NAMES = {
    "blue-freight-in-stock": NAME,
    "second-blue-freight-in-stock": NAME,
    "red-freight-in-stock": "Red Freight",
    "rival-in-stock": "Rival",
    "rival-lines-in-stock": "Rival Lines",
}
SLUGS = tuple(NAMES)
_whole = list(SLUGS)  # what a test begins with: less what its module keeps
_left = list(SLUGS)


def fill() -> None:
    """Make the stock in the database that `default` leads to."""
    for slug, name in NAMES.items():
        create_organization(actor=Installer(), name=name, slug=slug, currency=CURRENCY)


def refill() -> None:
    """A test, or an example that is rolled back, begins: its database has the whole stock."""
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


def take(name: str) -> Organization | None:
    """One of that name, or None where the stock has none or this test has used them up."""
    slug = next((slug for slug in _left if NAMES[slug] == name), None)
    if slug is None:
        return None
    _left.remove(slug)
    return Organization.objects.get(slug=slug)
