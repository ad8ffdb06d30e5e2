"""The storm: everybody does everything at once, without courtesy, while web server, workers and PostgreSQL are killed.

`make test` has a short one without kills. `make prove` has it in parts, each with a seed of its own, against the site
as it is served: a part goes on until `STORM_ATTACKS` forms were sent, or `STORM_SECONDS` are over, and something is
killed `STORM_KILLS` times on the way. It leaves a line a step in `STORM_LOG` and its figures in `STORM_TABLE`.
"""

import json
import logging
import os
import random
import threading
import time
from pathlib import Path

import pytest

from accounts.roles import Role
from receivables.core import provision
from tests.builders import PASSWORD, make_member
from tests.storm.clients import Client
from tests.storm.judging import blind, forgotten, repeated
from tests.storm.log import Log
from tests.storm.site import PASSWORD as DEMO_PASSWORD
from tests.storm.site import Site
from tests.support.attack import make_books
from tests.support.invariants import broken

SEED = int(os.environ.get("STORM_SEED", "20261122"))
ATTACKS, KILLS = int(os.environ.get("STORM_ATTACKS", "0")), int(os.environ.get("STORM_KILLS", "10"))
SECONDS = int(os.environ.get("STORM_SECONDS", "420"))
CLIENTS = 12
FOREIGN = range(1, 400)
logging.getLogger("httpx").setLevel(logging.WARNING)  # thousands of requests say nothing of what went wrong


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
        together(clients, lambda client: [client.step() for _each in range(50)])
    assert broken() == {}
    with provision.connect("owner") as database:
        assert repeated(database) == []
        assert forgotten(database, log.acknowledged) == []
        assert blind(database) == []
    assert log.wrong == [], log.wrong
    assert log.counts["done"] > 5, log.counts


@pytest.mark.skipif(not ATTACKS, reason="make prove")
def test_a_storm_with_kills_breaks_no_promise(tmp_path):
    path = Path(os.environ.get("STORM_LOG") or tmp_path / "storm.jsonl")
    model = os.environ.get("STORM_MODEL")
    site = Site(scale=0.15, model=Path(model) if model else None)
    try:
        with path.open("w") as file:
            log = Log(file)
            started = time.monotonic()
            blow(site, log)
            seconds = time.monotonic() - started
        with site.database() as database:
            wrong = [*log.wrong, *site.audited()]
            wrong += [f"forgotten: {key}" for key in forgotten(database, log.acknowledged)]
            wrong += [f"done twice: {key}" for key in repeated(database)]
            missed = blind(database)
        report(site, log, wrong, seconds=round(seconds))
        assert missed == []
        assert wrong == [], site.faults()
    finally:
        site.close()


def blow(site, log):
    """All clients go on until enough was sent or the time is over; kills come evenly among what is sent."""
    until, pick = time.monotonic() + SECONDS, random.Random(SEED)
    clients = [Client(site.address, log, SEED + at, site.calm, FOREIGN) for at in range(CLIENTS)]
    members = site.members()
    for at, client in enumerate(clients):
        client.sign_in(members[at % len(members)], DEMO_PASSWORD)

    def going():
        return log.counts["attacks"] < ATTACKS and time.monotonic() < until

    def go_on(client):
        while going():
            client.step()

    def kill():
        waiting = threading.Event()
        for number in range(KILLS):
            due = ATTACKS * (number + pick.random()) / KILLS
            while going() and log.counts["attacks"] < due:
                waiting.wait(0.2)
            if going():
                site.kill_next(pick)

    killing = threading.Thread(target=kill)
    killing.start()
    together(clients, go_on)
    killing.join()


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


def report(site, log, wrong, seconds):
    """The figures of this part; those of all parts are added up by `make prove`."""
    counts = log.counts
    figures = {
        "attacks": counts["attacks"], "pages opened": counts["GET"], "done": counts["done"],
        "refused or shown again": counts["refused"] + counts["shown again"], "at the door": counts["at the door"],
        "no answer, or 5xx, around a kill": counts["no answer"] + counts["5xx by a kill"],
        "5xx otherwise": counts["5xx"], "kills": site.kills.total(), "violations": len(wrong), "seconds": seconds,
    }  # fmt: skip
    said = {"seed": SEED, "figures": figures, "ways": log.ways, "kills": site.kills, "verbs": log.verbs}
    if table := os.environ.get("STORM_TABLE"):
        Path(table).write_text(json.dumps(said))
    print(json.dumps(said, indent=1))
