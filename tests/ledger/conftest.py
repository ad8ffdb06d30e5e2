from copy import deepcopy

import pytest

from tests.support.attack import Books, make_books


@pytest.fixture(scope="module")
def kept_books(keep) -> Books:
    return keep(make_books)


@pytest.fixture
def books(kept_books, db) -> Books:
    return deepcopy(kept_books)


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_SECOND_FACTOR = False
