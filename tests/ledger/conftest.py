import pytest

from tests.support.attack import Books, make_books


@pytest.fixture
def books(db) -> Books:
    return make_books()
