"""The storm: everybody does everything at once, without courtesy, while web server, workers and PostgreSQL are killed.

`make test` has a short one without kills; `make prove PARTS=storm` goes on for minutes (`STORM_SECONDS`) against the
site as it is served, from the same seed, and leaves a line a step in `STORM_LOG` and its table in `STORM_TABLE`.
"""

import os
import random
import threading
import time
from pathlib import Path

import pytest

from accounts.roles import Role
from receivables.core import provision
from tests.builders import PASSWORD, make_member
from tests.storm.clients import Client, Log
from tests.storm.judging import blind, forgotten, repeated
from tests.storm.site import PASSWORD as DEMO_PASSWORD
from tests.storm.site import Site
from tests.support.attack import make_books
from tests.support.invariants import broken

SEED = int(os.environ.get("STORM_SEED", "20261122"))
SECONDS = int(os.environ.get("STORM_SECONDS", "0"))
CLIENTS, PAUSE = 12, (4, 12)
FOREIGN = list(range(1, 400))


def test_a_short_storm_breaks_no_promise(live_app, settings, tmp_path):
    settings.REQUIRE_SECOND_FACTOR = False
    first, second = make_books("Red Freight"), make_books("Blue Freight")
    people = [
        first.actor.user, second.actor.user,
        make_member(first.actor.organization, Role.BILLER, "Bill").user,
    ]  # fmt: skip
    with (tmp_path / "storm.jsonl").open("w") as file:
        log = Log(file)
        clients = [Client(live_app, log, SEED + at, lambda: True, FOREIGN) for at in range(len(people))]
        for client, user in zip(clients, people, strict=True):
            client.sign_in(user.email, PASSWORD)
        together(clients, lambda client: [client.step() for _each in range(40)])
    assert broken() == {}
    with provision.connect("owner") as database:
        assert repeated(database) == []
        assert forgotten(database, log.acknowledged) == []
        assert blind(database) == []
    assert log.wrong == [], log.wrong
    assert log.counts["done"] > 5, log.counts


@pytest.mark.skipif(not SECONDS, reason="make prove PARTS=storm")
def test_a_storm_with_kills_breaks_no_promise(tmp_path):
    path = Path(os.environ.get("STORM_LOG") or tmp_path / "storm.jsonl")
    site = Site(scale=0.15)
    try:
        with path.open("w") as file:
            log = Log(file)
            blow(site, log)
        with site.database() as database:
            wrong = [*log.wrong, *site.audited()]
            wrong += [f"forgotten: {key}" for key in forgotten(database, log.acknowledged)]
            wrong += [f"done twice: {key}" for key in repeated(database)]
            missed = blind(database)
        report(site, log, wrong)
        assert missed == []
        assert wrong == []
    finally:
        site.close()


def blow(site, log):
    """All clients go on until the time is over, while one of ours is killed every few seconds."""
    until, pick = time.monotonic() + SECONDS, random.Random(SEED)
    clients = [Client(site.address, log, SEED + at, site.calm, FOREIGN) for at in range(CLIENTS)]
    members = site.members()
    for at, client in enumerate(clients):
        client.sign_in(members[at % len(members)], DEMO_PASSWORD)

    def go_on(client):
        while time.monotonic() < until:
            client.step()

    killing = threading.Thread(target=kill_until, args=(site, until - PAUSE[1], pick))
    killing.start()
    together(clients, go_on)
    killing.join()


def kill_until(site, until, pick):
    stop = threading.Event()
    while time.monotonic() < until:
        stop.wait(pick.uniform(*PAUSE))
        site.kill_one(pick)


def together(clients, work):
    """Each client in a thread of its own; what one raises fails the test."""
    raised = []

    def run(client):
        try:
            work(client)
        except Exception as error:
            raised.append(f"{client.name}: {error!r}")

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []


def report(site, log, wrong):
    counts = log.counts
    lines = [
        "| | |", "|---|---:|",
        f"| seed | {SEED} |", f"| seconds | {SECONDS} |", f"| clients | {CLIENTS} |",
        f"| requests answered | {counts['GET'] + counts['POST']:,} |", f"| forms sent | {counts['POST']:,} |",
        f"| done | {counts['done']:,}, of {len(log.verbs)} kinds |", f"| refused or shown again with its errors | "
        f"{counts['refused'] + counts['shown again']:,} |",
        f"| killed | {', '.join(f'{what} {times}' for what, times in sorted(site.kills.items())) or 'nothing'} |",
        f"| no answer, or 5xx, around a kill | {counts['no answer'] + counts['5xx by a kill']:,} |",
        f"| 5xx otherwise | {counts['5xx']:,} |", f"| violations | {len(wrong)} |",
    ]  # fmt: skip
    if table := os.environ.get("STORM_TABLE"):
        Path(table).write_text("\n".join(lines) + "\n")
