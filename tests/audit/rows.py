"""An audit that found something, and a seal, without a worker and without a transaction of their own."""

from django.utils import timezone

from receivables.audit.models import AuditRun, Seal, SealMark
from receivables.audit.sealing import link
from receivables.core.models import Job


def audit_something(actor, ids=("1",)):
    """A run in which one check found these rows; the first seal of the organization, of its first event."""
    own, now = {"organization": actor.organization}, timezone.now()
    SealMark.objects.create(entries_through=0, events_through=0, horizon=1, taken_at=now, **own)
    digest = b"d" * 32
    Seal.objects.create(
        number=1, kind="event", row_id=1, version=1, sealed_at=now, digest=digest,
        hash=link(b"", 1, "event", 1, now, digest), **own,
    )  # fmt: skip
    job = Job.objects.create(kind="audit_ledger", title="Audit", state="done", created_by=actor.user, **own)
    return AuditRun.objects.create(
        job=job, as_of=now, milliseconds=12, entries_through=1, events_through=1, seal_number=0, checks=2,
        failed=1 if ids else 0, created_by=actor.user,
        results=[
            {"name": "entries_balance", "count": len(ids), "ids": list(ids)},
            {"name": "sources_post_once", "count": 0, "ids": []},
        ],
        **own,
    )  # fmt: skip
