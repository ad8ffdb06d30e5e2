"""How many documents a worker delivers in a second: invoices to an accounting system that answers at once.

The other end is a process of its own that keeps nothing, so that the figure is what our side costs: reading the
document, planning, writing down what is sent before and after the call, the call itself, its record. Beside it the
same calls by a bare client, which is what the other end and HTTP alone allow; and messages told to a webhook.
"""

import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Self

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection as django
from django.db import connections
from django.test.utils import override_settings

from bench.world import World
from receivables.core.bulk import insert_all
from receivables.integrations import gathering
from receivables.integrations.delivering import deliver_lane
from receivables.integrations.due import LANES
from receivables.integrations.models import Attempt, Connection, Delivery, Mapping, System
from receivables.integrations.sources import SOURCES
from receivables.integrations.vault import sealed
from receivables.integrations.webhooks.delivering import deliver_subject
from receivables.integrations.webhooks.models import Endpoint, Message
from receivables.integrations.webhooks.outbox import new_id
from receivables.integrations.webhooks.signing import new_secret

GOAL = 200  # documents a second
INVOICES = SOURCES["billing.invoice"]


@dataclass(frozen=True)
class Delivered:
    """So many documents in so many seconds, on the clock and of the worker's processor; SQL statements for each.
    `bare` and `bare_cpu` are the seconds of the same calls without anything else."""

    what: str
    documents: int
    seconds: float
    cpu: float
    statements: float
    bare: float
    bare_cpu: float

    @property
    def speed(self) -> float:
        return self.documents / self.seconds


class Books(BaseHTTPRequestHandler):
    """Takes every record and says where it is."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece: two would wait for one another
    made = count(1)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        data = json.dumps({"access_token": "t", "expires_in": 3600}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.send_header("Location", f"/record/{next(self.made)}")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _serve(server: ThreadingHTTPServer) -> None:
    server.serve_forever()


@contextmanager
def books() -> Iterator[str]:
    """The address of an accounting system in a process of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Books)
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(server,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        process.kill()
        process.join()
        server.server_close()


def connect(world: World, address: str) -> Connection:
    """A live connection on which everything that invoices need is mapped."""
    own = {"organization_id": world.organization}
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made = Connection.objects.create(
        system=System.NETSUITE, name=address, state=Connection.State.LIVE, start_date=date(2000, 1, 1),
        options={"account": "1", "receivables_account": "119", "base_url": address},
        secrets=sealed({"client_id": "c", "certificate_id": "k", "private_key": key.decode()}), **own,
    )  # fmt: skip
    for local in ("item:line_haul", f"item:{world.fuel.pk}", f"tax:{world.tax.pk}"):
        Mapping.objects.create(connection=made, what=local.split(":")[0], local_key=local, remote_id="1", **own)
    return made


def queue(connection: Connection, documents: int) -> list[int]:
    """So many untaxed invoices that wait to be delivered; their customers."""
    rows = INVOICES.rows.filter(organization_id=connection.organization_id, voided_at=None, open_item__balance__gt=0)
    rows = rows.filter(loads__tax_code=None).order_by("-pk")[:documents]
    Delivery.objects.bulk_create(gathering.fresh(connection, INVOICES, row) for row in rows)
    return sorted(set(Delivery.objects.filter(connection=connection).values_list("customer", flat=True)))


def measure_delivering(world: World, documents: int) -> Delivered:
    """Deliver that many invoices and their customers, one after the other as one worker does."""
    with books() as address, override_settings(ALLOW_LOOPBACK_SYSTEMS=True):
        connection = connect(world, address)
        queue(connection, documents)
        with Meter() as meter:
            for lane in range(LANES):
                deliver_lane(connection, lane)
        done = Delivery.objects.filter(connection=connection, state=Delivery.State.SYNCED).count()
        sent = Attempt.objects.filter(delivery__connection=connection).order_by("pk").values_list("request", flat=True)
        bare = _bare("PUT", f"{address}/record", list(sent[:done]))
    return meter.delivered("invoices and customers", done, bare)


def measure_telling(world: World, messages: int) -> Delivered:
    """Tell a webhook of that many documents, one after the other as one worker does."""
    own = {"organization_id": world.organization}
    with books() as address, override_settings(ALLOW_LOOPBACK_SYSTEMS=True):
        endpoint = Endpoint.objects.create(
            name=address, url=f"{address}/hook", secrets=sealed({"current": new_secret()}), **own
        )
        payload = json.dumps({"type": "invoice.changed", "data": "x" * 900})
        insert_all(
            Message(
                endpoint=endpoint, webhook_id=new_id(), type="invoice.changed", subject=f"billing.invoice:{each}",
                payload=payload, **own,
            )
            for each in range(messages)
        )  # fmt: skip
        with Meter() as meter:
            for each in range(messages):
                deliver_subject(endpoint.pk, f"billing.invoice:{each}")
        done = Message.objects.filter(endpoint=endpoint, state=Message.State.DELIVERED).count()
        bare = _bare("POST", f"{address}/hook", [payload] * done)
    return meter.delivered("messages to a webhook", done, bare)


class Meter:
    """Seconds, seconds of this process's processor, and statements of what is done within."""

    def __enter__(self) -> Self:
        self.asked = count()
        self.wrapper = django.execute_wrapper(self._counted)
        self.wrapper.__enter__()
        self.seconds, self.cpu = -time.perf_counter(), -time.process_time()
        return self

    def __exit__(self, *why: Any) -> None:
        self.seconds, self.cpu = self.seconds + time.perf_counter(), self.cpu + time.process_time()
        self.wrapper.__exit__(None, None, None)

    def _counted(self, execute: Any, *args: Any) -> Any:
        next(self.asked)
        return execute(*args)

    def delivered(self, what: str, done: int, bare: tuple[float, float]) -> Delivered:
        return Delivered(what, done, self.seconds, self.cpu, next(self.asked) / done, *bare)


def _bare(method: str, url: str, texts: list[str]) -> tuple[float, float]:
    """The seconds of the same calls by a client that does nothing else, on the clock and of the processor."""
    with httpx.Client(trust_env=False) as http:
        http.request(method, url, content="{}")
        begun, cpu = time.perf_counter(), time.process_time()
        for text in texts:
            http.request(method, url, content=text)
        return time.perf_counter() - begun, time.process_time() - cpu
