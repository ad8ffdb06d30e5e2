import pytest

from tests.support.attack import Books, make_books


@pytest.fixture
def books(db) -> Books:
    return make_books()


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_SECOND_FACTOR = False
