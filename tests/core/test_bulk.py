"""Many rows at once arrive as they would one by one."""

import pytest

from receivables.core.bulk import FEW, insert_all
from receivables.core.events import build
from receivables.core.models import Event, Job
from tests.builders import make_member, make_organization

pytestmark = pytest.mark.django_db
ODD = "tab\t, line\n, backslash \\N, quote ', umlaut ä, \u0661"


def test_many_rows_are_what_few_rows_are():
    alice = make_member(make_organization())
    job = Job.objects.create(organization=alice.organization, kind="test", title="Counting")
    rows = {}
    for count in (2, FEW + 1):
        made = insert_all(
            build(alice, "tried", job, reason=ODD, about=[job, None], amount="1.50", text=ODD, number=number, none=None)
            for number in range(count)
        )
        assert len(made) == count
        assert [row.pk for row in made] == sorted({row.pk for row in made})
        names = [field.attname for field in Event._meta.concrete_fields if field.attname not in ("id", "at")]
        kept = Event.objects.filter(pk__in=[row.pk for row in made]).order_by("pk").values_list(*names)
        rows[count] = list(kept[:2])
        assert not made[0]._state.adding
    assert rows[2] == rows[FEW + 1]
    assert insert_all([]) == []
