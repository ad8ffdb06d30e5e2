"""A visit of the Web Connector: the calls between its signing in and its leaving.

A visit is a row, so that any process can go on with it. Each call is one transaction: what is handed out is committed
with the words that it was, before its text leaves us; nothing here waits for anybody.
"""

import hashlib
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from receivables.core.forms import key_of
from receivables.integrations.delivering import Deliverer
from receivables.integrations.due import ready
from receivables.integrations.incoming.models import Watch
from receivables.integrations.models import Connection, ConnectorSession, Delivery
from receivables.integrations.systems.base import Handed
from receivables.integrations.systems.qbd import changes, directory
from receivables.integrations.systems.qbd.adapter import QuickBooksDesktop
from receivables.integrations.systems.qbd.client import VERSION, Messages

LASTS = timedelta(hours=1)  # a visit that was not heard of for longer is over
WORK_SECONDS = 20  # after which an answer is not kept waiting for more to be looked at
DONE, FAILED = 100, -1
OURS = "{}.{}".format(*VERSION)


def digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def in_use(connection: Connection) -> bool:
    paused = connection.paused_until and connection.paused_until > timezone.now()
    return connection.state == Connection.State.LIVE and not paused


def waiting(connection: Connection) -> Any:
    """What is due on a connection that is in use."""
    rows = Delivery.objects.filter(ready(), connection=connection)
    return rows if in_use(connection) else rows.none()


def looking(connection: Connection) -> Watch | None:
    """Whose changes are to be asked for on a connection that is in use."""
    return changes.due(connection) if in_use(connection) else None


@transaction.atomic
def begin(connection: Connection) -> str | None:
    """The ticket of a new visit, which ends an earlier one; None where there is nothing to fetch."""
    current = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    now = timezone.now()
    ConnectorSession.objects.filter(connection=current, ended_at__isnull=True).update(ended_at=now)
    look = directory.asked(current)
    changes.begin_again(current)
    if look is not None:
        directory.begin_again(look)
    if directory.asked(current) is None and not waiting(current).exists() and looking(current) is None:
        return None
    ticket = str(uuid4())
    ConnectorSession.objects.create(organization_id=current.organization_id, connection=current, ticket=digest(ticket))
    return ticket


class Visit:
    """One call within a visit, its row locked. `session` is None where the ticket is unknown or the visit over."""

    def __init__(self, ticket: str) -> None:
        rows = ConnectorSession.objects.filter(
            ticket=digest(ticket), ended_at__isnull=True, seen_at__gt=timezone.now() - LASTS
        )
        # First the connection, as everybody who works on it does.
        Connection.objects.select_for_update(no_key=True).filter(
            pk__in=list(rows.values_list("connection", flat=True))
        ).first()
        found = rows.select_for_update(no_key=True, of=("self",)).first()
        self.session: ConnectorSession | None = found

    @property
    def open(self) -> ConnectorSession:
        assert self.session is not None
        return self.session

    def keep(self, **values: Any) -> None:
        values["seen_at"] = timezone.now()
        for name, value in values.items():
            setattr(self.open, name, value)
        self.open.save(update_fields=list(values))

    def deliverer(self, answer: str | None = None) -> Deliverer:
        connection = Connection.objects.select_related("organization").get(pk=self.open.connection_id)
        return Deliverer(connection, QuickBooksDesktop(), lambda: Messages(answer), at_once=1, lease=None)

    def look_for_work(self) -> None:
        """Work off what is due, up to the next message. A look through what is there comes before, one at what changed
        there after it: what is ours is known by then. Where much comes to nothing, the next visit goes on: nobody waits
        so long for an answer."""
        connection = self.deliverer().connection
        look = directory.asked(connection)
        if look is not None:
            return self.keep(delivery=None, message=directory.next_message(look))
        began = monotonic()
        for customer in sorted(set(waiting(connection).values_list("customer", flat=True))):
            try:
                self.deliverer().run(waiting(connection).filter(customer=customer))
            except Handed as handed:
                return self.put_out(handed)
            if monotonic() - began > WORK_SECONDS:
                return self.keep(delivery=None, handed_at=None)
        self.keep(delivery=None, handed_at=None)
        watch = looking(connection)
        if watch is not None:
            self.keep(message=changes.next_message(watch))
        return None

    def put_out(self, handed: Handed) -> None:
        """Have a message ready; whose answer it will be is known from now on."""
        self.keep(delivery=Delivery.objects.get(pk=handed.delivery), asks=handed.asks, message=handed.request)

    def hand_over(self) -> str:
        """The message that is ready, once. One that was fetched before and never answered is asked after instead."""
        if not self.open.message:
            self.look_for_work()
        message = self.open.message
        if message:
            self.keep(message="", handed_at=timezone.now(), sent=self.open.sent + 1)
        return message

    def take_answer(self, answer: str) -> int:
        """Go on with what was handed out; how far the visit is, in hundredths."""
        session = self.open
        delivery, handed_at = session.delivery, session.handed_at
        if handed_at is None:
            return FAILED
        if delivery is None:
            return self.take_page(answer)
        self.keep(delivery=None, handed_at=None)
        deliverer = self.deliverer(answer)
        seconds = (timezone.now() - handed_at).total_seconds()
        try:
            deliverer.resume(delivery.pk, asked=session.asks, seconds=seconds)
        except Handed as handed:
            self.put_out(handed)  # its next step
        if deliverer.stopped:
            self.keep(problem=_("The answer could not be used. It is asked for again at the next visit."))
            return FAILED
        return self.progress(deliverer.connection)

    def take_page(self, answer: str) -> int:
        """Note a page of what changed there or of what is there; how far the visit is."""
        connection = self.deliverer().connection
        look, watch = directory.asked(connection), changes.handed(connection)
        self.keep(handed_at=None)
        if watch is not None:
            changes.take(watch, answer)
            return self.progress(connection)
        if look is None:
            return FAILED
        directory.take(look, answer)
        return self.progress(connection)

    def progress(self, connection: Connection) -> int:
        looks = (directory.asked(connection), looking(connection))
        left = waiting(connection).count() + sum(each is not None for each in looks)
        return DONE if not left else max(1, min(99, 100 * self.open.sent // (self.open.sent + left)))


@transaction.atomic
def send_request(ticket: str, major: str, minor: str) -> str:
    """The next message of a visit, in the newest form that both sides know."""
    visit = Visit(ticket)
    if visit.session is None:
        return ""
    with translation.override(visit.open.connection.organization.language):
        theirs = (int(major), int(minor)) if key_of(major) is not None and key_of(minor) is not None else VERSION
        if theirs < VERSION:
            words = _("This QuickBooks is too old: it has to understand qbXML %(version)s.")
            visit.keep(problem=words % {"version": OURS})
            return ""
        visit.keep(version=OURS, problem="")
        return visit.hand_over()


@transaction.atomic
def receive_response(ticket: str, answer: str, error: str) -> int:
    """Take the answer to what was handed out; `error` is what went wrong between the connector and QuickBooks."""
    visit = Visit(ticket)
    if visit.session is None:
        return FAILED
    with translation.override(visit.open.connection.organization.language):
        return visit.take_answer("" if error else answer)


@transaction.atomic
def last_error(ticket: str) -> str:
    visit = Visit(ticket)
    return visit.open.problem if visit.session is not None else ""


@transaction.atomic
def note_error(ticket: str, words: str) -> None:
    """QuickBooks could not be opened over there: the visit ends, and the connection says why."""
    visit = Visit(ticket)
    if visit.session is not None:
        visit.keep(ended_at=timezone.now(), problem=words[:2000])


@transaction.atomic
def end(ticket: str) -> None:
    visit = Visit(ticket)
    if visit.session is not None:
        visit.keep(ended_at=timezone.now())


def last_visit(connection: Connection) -> ConnectorSession | None:
    """When a Web Connector was here last, and what it complained of."""
    return ConnectorSession.objects.filter(connection=connection).order_by("-pk").first()
