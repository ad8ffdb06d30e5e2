"""How many examples a property on the database gets: few under `make test`, in the campaign what that asks for.

A number of its own at a property would stand above the campaign's, which then proved no more than the quick suite.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from hypothesis import settings

from tests.support import stock


def examples(count: int) -> settings:
    """So many examples, unless HYPOTHESIS_EXAMPLES names another number."""
    return settings(max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", count)))


@contextmanager
def rolled_back() -> Iterator[None]:
    """One example: what it did is undone, so that the next takes the same organizations from the stock."""
    stock.refill()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
