"""The register of bad debt: every line on the accounts that bad debt is booked to, with its reason, customer, approver.

It is the ledger itself that is read, so what the register adds up to is what those accounts moved by. Reversals and
recoveries are lines of their own and negative: written off, less recovered.
"""

from typing import Any

from django.db.models import Case, CharField, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf, TruncMonth

from receivables.approvals.models import ApprovalRequest
from receivables.billing.models import Accessorial, AccessorialType, ChargeKind, CreditNote, Reason, Revision
from receivables.collections.models import PayOff
from receivables.customers.models import AgreementType
from receivables.ledger.models import GLAccount, JournalEntry, JournalLine
from receivables.writeoffs.models import WriteOff, WriteOffReversal

LOST_KINDS = [Reason.Kind.BAD_DEBT, Reason.Kind.SMALL_DIFFERENCE]
NOTE, REVISION = "billing.creditnote", "billing.revision"
WRITE_OFF, WRITE_OFF_BACK = "writeoffs.writeoff", "writeoffs.writeoffreversal"
SOURCE = OuterRef("entry__source_id")


def loss_accounts(actor: Any) -> QuerySet[GLAccount]:
    """The accounts that bad debt is booked to: of its reasons, its accessorial types, its write-off agreements."""
    reasons = Reason.objects.of(actor).filter(kind__in=LOST_KINDS).values("gl_account")
    types = AccessorialType.objects.of(actor).filter(kind=ChargeKind.BAD_DEBT).values("gl_account")
    agreements = AgreementType.objects.of(actor).filter(special_role="write_off").values("gl_account")
    chosen = Q(pk__in=reasons) | Q(pk__in=types) | Q(pk__in=agreements) | Q(role=GLAccount.Role.WRITE_OFF)
    return GLAccount.objects.of(actor).filter(chosen, kind=GLAccount.Kind.EXPENSE)


def register(actor: Any) -> QuerySet[JournalLine]:
    """The lines of the register with `reason`, `customer_id`, `author_id`, `approver_id` and `month`."""
    return (
        JournalLine.objects.of(actor)
        .filter(gl_account__in=loss_accounts(actor))
        .select_related("entry", "gl_account")
        .annotate(
            reason=_reason(),
            customer_id=Coalesce("for_agreement__account__customer_id", "agreement__account__customer_id"),
            author_id=_author(),
            approver_id=_approver(),
            month=TruncMonth("entry__posting_date"),
        )
    )


def _pay_off() -> QuerySet[PayOff]:
    """What a payment fell short of, whose settlement, or the reversal of that, was posted by the line's entry."""
    entry = OuterRef("entry_id")
    return PayOff.objects.filter(Q(allocation__entry=entry) | Q(allocation__reversed_by__entry=entry)).order_by("pk")


def _by_source(output: Any, default: Any, **found: Any) -> Case:
    sources = {
        "note": NOTE, "revision": REVISION, "write_off": WRITE_OFF,
        "write_off_back": WRITE_OFF_BACK,
    }  # fmt: skip
    whens = [When(entry__source_type=sources[name], then=value) for name, value in found.items()]
    return Case(*whens, default=default, output_field=output)


def _reason() -> Any:
    """What the reason of the document is called; of bad debt on an invoice's own lines, its accessorial type; where
    there is neither, the account."""
    named = Coalesce(NullIf("reason_name", Value("")), "reason__name")
    note = CreditNote.objects.filter(pk=SOURCE).annotate(said=named)
    given = Accessorial.objects.filter(
        load__invoice__in=Revision.objects.filter(pk=OuterRef(SOURCE)).values("invoice"),
        type__gl_account=OuterRef("gl_account"), type__kind=ChargeKind.BAD_DEBT,
    )  # fmt: skip
    return Coalesce(
        _by_source(
            CharField(),
            None,
            note=Subquery(note.values("said")[:1]),
            revision=Subquery(given.order_by("-pk").values("type__name")[:1]),
        ),
        Subquery(_pay_off().values("reason__name")[:1]),
        F("gl_account__name"),
    )


def _author() -> Any:
    """Who gave it up, or asked for it."""
    back = WriteOffReversal.objects.filter(pk=SOURCE)
    return _by_source(
        IntegerField(),
        Coalesce(
            Subquery(_pay_off().values("asked__created_by")[:1]),
            Subquery(_pay_off().values("payment__created_by")[:1]),
            F("entry__posted_by_id"),
        ),
        note=Subquery(CreditNote.objects.filter(pk=SOURCE).values("created_by")[:1]),
        write_off=Subquery(WriteOff.objects.filter(pk=SOURCE).values("created_by")[:1]),
        write_off_back=Subquery(back.values("created_by")[:1]),
    )  # fmt: skip


def _approver() -> Any:
    """Who granted it, where it exceeded somebody's own authority. A document that was granted is posted by who granted
    it and made by who asked."""
    posted = JournalEntry.objects.filter(source_type=NOTE, source_id=OuterRef("pk"), kind="credit_note")
    note = CreditNote.objects.filter(pk=SOURCE).annotate(poster=Subquery(posted.values("posted_by")[:1]))
    billed = Revision.objects.filter(pk=OuterRef(OuterRef(SOURCE))).values("invoice")
    given = Accessorial.objects.filter(
        load__invoice__in=billed, type__gl_account=OuterRef(OuterRef("gl_account")), type__kind=ChargeKind.BAD_DEBT
    )
    granted = ApprovalRequest.objects.filter(
        verb="add_accessorial", state=ApprovalRequest.State.APPROVED, organization_id=OuterRef("organization_id"),
        subject_id__in=given.values("pk"),
    )  # fmt: skip
    asked = _pay_off().filter(asked__isnull=False)
    return _by_source(
        IntegerField(), Subquery(asked.values("allocation__entry__posted_by")[:1]),
        note=Subquery(note.exclude(poster=F("created_by")).values("poster")[:1]),
        revision=Subquery(granted.order_by("-decided_at").values("decided_by")[:1]),
        write_off=Subquery(WriteOff.objects.filter(pk=SOURCE).values("approved_by")[:1]),
        write_off_back=Subquery(WriteOffReversal.objects.filter(pk=SOURCE).values("write_off__approved_by")[:1]),
    )  # fmt: skip
