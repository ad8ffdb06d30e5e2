import pytest

from tests.builders import make_member, make_organization


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_SECOND_FACTOR = False


@pytest.fixture
def alice(db):
    return make_member(make_organization())
