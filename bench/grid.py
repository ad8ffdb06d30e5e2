"""Typing in "Collections and assignments": the answer to a keystroke in a grid of 200 rows that are all filled."""

import re
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench import rows
from bench.cases import subject
from bench.ceiling import OFF, TOTAL
from bench.measure import block
from bench.pages import PageResult, signed_in
from bench.world import Copier, World
from receivables.collections.assigning.grid import SHOWN

AS_A_FORM = "application/x-www-form-urlencoded"  # as htmx sends it
FIELD = re.compile(r'name="((?:seen|applied)_\d+)"[^>]* value="([^"]*)"')


def full_grid(world: World) -> tuple[int, list[int]]:
    """An account with as many open invoices as a grid shows: its key and theirs."""
    batch = rows.Batch(SHOWN, 1, haul_steps=1, taxed_every=0)
    with Copier(world) as to:
        rows.parties(to, batch)
        rows.invoices(to, batch)
        to.writer.commit()
    made = subject(batch, 0)
    return made["account"], [each["invoice"] for each in made.invoices]


def typed_in(page: str, bank: int, invoices: list[int], day: Any) -> dict[str, str]:
    """What the browser holds: every invoice paid but the first, which is short by a little that is given up."""
    data = dict(FIELD.findall(page))
    data |= {f"applied_{pk}": f"{TOTAL}" for pk in invoices}
    data |= {f"applied_{invoices[0]}": f"{TOTAL - OFF}", f"pay_{invoices[0]}": "1"}
    header = {"amount": f"{TOTAL * len(invoices)}", "date": f"{day}", "method": "check", "bank_account": f"{bank}"}
    return {**data, **header, "reference": "CHQ 1", "note": "", "posting_date": "", "find": "", "step": "preview"}


def measure_grid(world: World, requests: int) -> PageResult:
    """Seconds that the preview of one row takes, each time with another amount."""
    client, (account, invoices) = signed_in(world), full_grid(world)
    url = reverse("payment_on_account", args=[account])
    data = typed_in(client.get(url).content.decode(), world.bank.pk, invoices, world.today)
    headers = {"HX-Request": "true", "HX-Trigger": f"row-{invoices[0]}"}

    def ask(cents: int) -> Any:
        typed = {f"applied_{invoices[0]}": f"{TOTAL - OFF - cents}"}
        answer = client.post(url, urlencode({**data, **typed}), content_type=AS_A_FORM, headers=headers)
        if b"will be recorded as bad debt" not in answer.content:
            raise LookupError(f"{url} does not say what will be recorded")
        return answer

    with CaptureQueriesContext(connection) as seen:
        size = len(ask(0).content)
    statements = sum(query["sql"] not in ("BEGIN", "COMMIT") for query in seen.captured_queries)
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    samples = [block([lambda turn=turn: ask(turn % 9)], pid) for turn in range(requests)]  # type: ignore[misc]
    cpus = [each.client + (each.server or 0) for each in samples]
    return PageResult("typing in 200 rows", [each.wall for each in samples], cpus, statements, size)
