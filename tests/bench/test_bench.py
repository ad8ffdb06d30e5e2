"""The benchmark itself: a ceiling that wrote other rows than its operation would make every ratio a lie."""

from dataclasses import replace

import pytest

from bench import cases, measure, pair, same, scratch
from bench.cases import CASES
from bench.run import measured, plan_of
from bench.world import make_world


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_ceiling_writes_the_same_rows_as_its_operation(committed_db, case):
    same.check(make_world(), case)


def test_another_row_is_noticed(committed_db):
    world, case = make_world(), CASES[0]
    other = type(case)(case.name, case.stages, CASES[2].call, case.ceiling)
    with pytest.raises(AssertionError, match="generate_invoice: "):
        same.check(world, other)


def test_a_short_run_has_every_table(committed_db, settings, monkeypatch):
    """That all of it runs and is reported; with hardly a call of anything its figures say nothing."""
    settings.REQUIRE_SECOND_FACTOR = False  # as under the settings of the benchmark
    for module in (measure, pair):
        monkeypatch.setattr(module, "WARM_UP", 1)
    monkeypatch.setattr(cases, "CASES", [replace(case, per_account=min(case.per_account, 2)) for case in CASES])
    plan = plan_of(["--quick", "--sizes", "10,20", "--rounds", "1"])
    report = measured(replace(plan, calls=2, pair_rounds=1, pair_calls=2, requests=1, bulk=2, used=1))
    assert "## 20 invoices" in report
    assert "## Growth from 10 to 20 invoices" in report
    assert report.count("| generate_invoice |") == 3


def test_a_server_that_may_lose_commits_gives_no_figures(committed_db, monkeypatch):
    monkeypatch.setattr(scratch, "DURABLE", {"fsync": "another way"})
    with pytest.raises(SystemExit, match="fsync is o"):
        measured(plan_of([]))
