"""How many examples a property on the database gets: few under `make test`, in the campaign what that asks for.

A number of its own at a property would stand above the campaign's, which then proved no more than the quick suite.
"""

import os

from hypothesis import settings


def examples(count: int) -> settings:
    """So many examples, unless HYPOTHESIS_EXAMPLES names another number."""
    return settings(max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", count)))
