"""Reading what may be linked: our customers that a connection does not have yet, with their candidates."""

from dataclasses import dataclass
from typing import Any

from receivables.core.forms import key_of
from receivables.customers.models import Customer
from receivables.integrations.linking.matching import Candidate, Ours, candidates
from receivables.integrations.linking.models import Counterpart, Directory
from receivables.integrations.linking.reading import ACCOUNT, CUSTOMER, ITEM, Theirs
from receivables.integrations.models import Connection, Delivery, Kind
from receivables.integrations.names import MODELS
from receivables.integrations.queries import LocalKey, local_keys

CUSTOMERS = "customers.customer"
KEYS = ("Id", "Key", "ListID")  # what the systems call the key of a customer


def their_key(remote: dict[str, Any]) -> str:
    """Their key of a customer that was delivered or linked; empty for one that was not."""
    return next((str(remote[name]) for name in KEYS if remote.get(name)), "")


def directory_of(connection: Connection) -> Directory | None:
    return Directory.objects.filter(connection=connection).first()


def theirs_of(connection: Connection, what: str) -> list[Theirs]:
    """All of a kind that were seen over there."""
    names = ("what", "key", "name", "number", "email", "tax_id", "currency")
    rows = Counterpart.objects.filter(connection=connection, what=what).order_by("name", "pk")
    return [Theirs(*row) for row in rows.values_list(*names)]


def linked(connection: Connection) -> dict[int, str]:
    """Their keys of the customers that are there, by our customer; "" for one that is to be made there."""
    rows = Delivery.objects.filter(connection=connection, kind=Kind.CUSTOMER).exclude(remote={})
    return {pk: their_key(remote) for pk, remote in rows.values_list("source_id", "remote")}


def under_way(connection: Connection) -> set[int]:
    """Our customers that are being made there just now, or of whom nobody knows whether they were."""
    states = [Delivery.State.SENDING, Delivery.State.UNCERTAIN]
    rows = Delivery.objects.filter(connection=connection, kind=Kind.CUSTOMER, state__in=states)
    return set(rows.values_list("source_id", flat=True))


@dataclass(frozen=True)
class Proposal:
    """One of our customers that is not linked yet, and whom of theirs it may be."""

    customer: Customer
    candidates: list[Candidate]

    @property
    def chosen(self) -> str:
        """The key that is chosen beforehand."""
        return next((each.theirs.key for each in self.candidates if each.sure), "")


def proposals(actor: Any, connection: Connection) -> list[Proposal]:
    """Our customers that the connection does not have yet, those with candidates first."""
    there = linked(connection)
    taken = set(there.values())
    free = [each for each in theirs_of(connection, CUSTOMER) if each.key not in taken]
    customers = list(Customer.objects.of(actor).exclude(pk__in=there).order_by("number", "pk"))
    ours = [
        Ours(str(each.pk), each.name, each.number, each.email, each.tax_id, each.currency) for each in customers
    ]  # fmt: skip
    found = candidates(ours, free)
    rows = [Proposal(each, found[str(each.pk)]) for each in customers]
    return sorted(rows, key=lambda row: not row.candidates)


def mapping_proposals(actor: Any, connection: Connection) -> list[tuple[LocalKey, list[Candidate]]]:
    """What of ours is not mapped yet and has a namesake over there, by name or by number."""
    keys = [each for each in local_keys(actor, connection) if not each.remote_id and each.what in (ITEM, ACCOUNT)]
    ours = _ours(actor, keys)
    found: dict[str, list[Candidate]] = {}
    for what in (ITEM, ACCOUNT):
        theirs = theirs_of(connection, what) or theirs_of(connection, ACCOUNT)
        found.update(candidates([ours[each.key] for each in keys if each.what == what], theirs))
    return [(each, found[each.key]) for each in keys if found.get(each.key)]


def _ours(actor: Any, keys: list[LocalKey]) -> dict[str, Ours]:
    """Names and numbers of these, in one query for each table; what is no row of a table has its label."""
    wanted: dict[str, dict[int, list[str]]] = {}
    found = {}
    for each in keys:
        kind, _colon, digits = each.key.rpartition(":")
        found[each.key] = Ours(each.key, each.label.partition(": ")[2])
        name, pk = kind.rpartition(":")[2], key_of(digits)
        if name in MODELS and pk is not None:
            wanted.setdefault(name, {}).setdefault(pk, []).append(each.key)
    for name, by_pk in wanted.items():
        for pk, row in MODELS[name].objects.of(actor).in_bulk(list(by_pk)).items():
            found.update({key: Ours(key, str(row.name), str(getattr(row, "code", ""))) for key in by_pk[pk]})
    return found
