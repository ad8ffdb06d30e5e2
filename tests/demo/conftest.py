"""One small load of the demo for all tests of this folder, committed, so that guards at commit have spoken."""

import os
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.utils import override_settings

from tests.support import databases

AS_OF = date(2026, 11, 20)
SCALE = os.environ.get("DEMO_SCALE", "0.02")


def load_demo(*arguments):
    """Run the command at small scale, in the full campaign at its own; what it printed."""
    out = StringIO()
    with override_settings(REQUIRE_SECOND_FACTOR=False):
        call_command("load_demo", "--scale", SCALE, "--as-of", AS_OF.isoformat(), *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def demo(template_database, django_db_blocker):
    """The command's output; the database of the module is the one that it loaded."""
    with django_db_blocker.unblock(), databases.copy(template_database):
        yield load_demo()
        connections.close_all()
