"""Exporting what is new in the ledger, handing a batch out, and withdrawing one. They post nothing."""

import hashlib
import tempfile
from collections.abc import Callable
from datetime import date
from typing import IO, Any

from django.db import connection
from django.utils import timezone

from receivables.approvals.rules import no_reason_blocker
from receivables.core.access import lock_rows
from receivables.core.context import day_text
from receivables.core.dates import local_day, today
from receivables.core.errors import refuse
from receivables.core.events import history, record
from receivables.core.models import Sequence
from receivables.core.operations import operation
from receivables.core.sequences import take_numbers
from receivables.ledger_exports.collecting import Reader, gather, new_entries
from receivables.ledger_exports.formats import FORMATS
from receivables.ledger_exports.formats.base import Writer
from receivables.ledger_exports.models import ExportPart, LedgerExport
from receivables.ledger_exports.rules import (
    download_export_blocker,
    export_ledger_blocker,
    withdraw_export_blocker,
)

PART = 1_000_000  # bytes
IN_MEMORY = 8_000_000  # bytes of a batch that are put together without a file


@operation
def export_ledger(
    *, actor: Any, format: str, through: date, progress: Callable[[int, int], None] | None = None
) -> LedgerExport:
    """Make the next batch of a format: everything posted up to `through` that none of its live batches has.

    Raises `Refused` where nothing is new. The number is taken first: its lock keeps other exports of the organization
    out until this one is whole.
    """
    sequence_number, number = take_numbers(actor.organization_id, {"ledger_export": 1})["ledger_export"][0]
    found = new_entries(actor, format, through).order_by("posting_date", "pk")
    keys = list(found.values_list("pk", flat=True))
    refuse(export_ledger_blocker(new=len(keys), through=through, today=today(actor.organization)))
    writer = FORMATS[format](gather(actor, format, number, keys, through))
    first, last = found.filter(pk=keys[0]).get(), found.filter(pk=keys[-1]).get()
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body, tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        _write_entries(actor, writer, keys, body, progress)
        size, digest = _put_together(writer, body, file)
        made = LedgerExport.objects.create(
            organization=actor.organization, number=number, sequence_number=sequence_number, format=format,
            through=through, entries=len(keys), first_entry=min(keys), last_entry=max(keys), created_by=actor.user,
            first_day=first.posting_date, last_day=last.posting_date, size=size, sha256=digest, opened=writer.opened,
        )  # fmt: skip
        _keep(made, file)
    _note_entries(made, keys)
    record(actor, "export_ledger", made, reference=number, entries=len(keys), format=format)
    return made


def _write_entries(
    actor: Any, writer: Writer, keys: list[int], body: IO[bytes], progress: Callable[[int, int], None] | None
) -> None:
    done = 0
    for entries in Reader(actor).entries(keys):
        text = "".join(part for entry in entries for part in writer.entry(entry))
        body.write(text.encode(_plainly(writer), "replace"))
        done += len(entries)
        if progress is not None:
            progress(done, len(keys))


def _plainly(writer: Writer) -> str:
    """The encoding without the mark that stands at the beginning of a file only."""
    return writer.encoding.removesuffix("-sig")


def _put_together(writer: Writer, body: IO[bytes], file: IO[bytes]) -> tuple[int, str]:
    """Begin, entries and end in one file; its size and SHA-256."""
    file.write("".join(writer.begin()).encode(writer.encoding, "replace"))
    body.seek(0)
    while piece := body.read(PART):
        file.write(piece)
    file.write("".join(writer.end()).encode(_plainly(writer), "replace"))
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while piece := file.read(PART):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def _keep(made: LedgerExport, file: IO[bytes]) -> None:
    file.seek(0)
    number = 0
    while piece := file.read(PART):
        number += 1
        ExportPart.objects.create(
            organization_id=made.organization_id, export=made, number=number, content=piece
        )  # fmt: skip


def _note_entries(made: LedgerExport, keys: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_exports_exportedentry (organization_id, export_id, entry_id, format, live)"
            " SELECT %s, %s, unnest(%s::bigint[]), %s, true",
            [made.organization_id, made.pk, keys, made.format],
        )


def last_download(actor: Any, export: LedgerExport) -> str:
    """Who downloaded a batch last and when, in words; "" if nobody did."""
    event = history(actor, export).filter(name="download_export").first()
    if event is None:
        return ""
    return f"{day_text(actor, local_day(actor.organization, event.at))}, {event.actor_name}"


@operation
def download_export(*, actor: Any, export: LedgerExport, again: bool = False) -> LedgerExport:
    """Hand a batch out. A second time only to somebody who says that they know (`again`)."""
    current = lock_rows(LedgerExport.objects.of(actor), [export.pk])[0]
    before = last_download(actor, current)
    refuse(download_export_blocker(number=current.number, live=current.live, downloaded=before, again=again))
    record(actor, "download_export", current, reference=current.number, again=bool(before))
    return current


def is_newest(actor: Any, export: LedgerExport) -> bool:
    """Whether no later live batch of its format builds on this one."""
    live = LedgerExport.objects.of(actor).filter(format=export.format, withdrawn_at=None)
    return not live.filter(pk__gt=export.pk).exists()


@operation
def withdraw_export(*, actor: Any, export: LedgerExport, reason: str) -> LedgerExport:
    """Take a batch back that was not imported anywhere: its entries leave with the next one of the format.

    The lock of the numbering comes first: no other batch is being made meanwhile that builds on this one.
    """
    list(Sequence.objects.of(actor).filter(kind="ledger_export").select_for_update(no_key=True))
    current = lock_rows(LedgerExport.objects.of(actor), [export.pk])[0]
    blocker = withdraw_export_blocker(live=current.live, newest=is_newest(actor, current))
    refuse(blocker or no_reason_blocker(reason))
    current.withdrawn_at, current.withdrawn_by, current.withdrawn_reason = timezone.now(), actor.user, reason
    current.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    record(actor, "withdraw_export", current, reason=reason, reference=current.number)
    return current
