"""Attaching a file to a payment, and marking it as withdrawn."""

from typing import Any

from receivables.approvals.rules import no_reason_blocker
from receivables.collections.attachments.models import AttachmentWithdrawal, PaymentAttachment
from receivables.collections.attachments.rules import attach_file_blocker, withdraw_attachment_blocker
from receivables.collections.models import Payment
from receivables.collections.rules import not_found_blocker
from receivables.collections.unapplied.acting import lock_all_accounts, read_payment
from receivables.collections.wizard.files import Evidence
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation


@operation
def attach_file(*, actor: Any, payment: Payment, file: Evidence, note: str = "") -> PaymentAttachment:
    """Keep a file with a payment: a remittance advice, the image of a cheque. Posts nothing.

    The file was looked at when it was read. Raises `Refused` for too many files, or for one that is there already.
    """
    lock_all_accounts(actor, [payment.account_id])
    current = read_payment(actor, payment.pk)
    live = PaymentAttachment.objects.of(actor).filter(payment=current, withdrawal__isnull=True)
    refuse(attach_file_blocker(attached=live.count(), twice=live.filter(digest=file.digest).exists()))
    made = PaymentAttachment.objects.create(
        organization=actor.organization, payment=current, name=file.name, note=note.strip(), digest=file.digest,
        size=len(file.content), content=file.content, created_by=actor.user,
    )  # fmt: skip
    record(actor, "attach_file", current, about=[current.account], file=made.name, digest=made.digest)
    return made


@operation
def withdraw_attachment(*, actor: Any, attachment: PaymentAttachment, reason: str) -> AttachmentWithdrawal:
    """Mark a file as wrong; it stays where it is, for whoever asks later. Raises `Refused` if it was marked before."""
    refuse(not_found_blocker("payment", found=attachment.organization_id == actor.organization_id))
    payment = Payment.objects.of(actor).select_related("account").get(pk=attachment.payment_id)
    lock_all_accounts(actor, [payment.account_id])
    withdrawn = AttachmentWithdrawal.objects.filter(attachment_id=attachment.pk).exists()
    refuse(withdraw_attachment_blocker(name=attachment.name, withdrawn=withdrawn) or no_reason_blocker(reason))
    made = AttachmentWithdrawal.objects.create(
        organization=actor.organization, attachment=attachment, reason=reason, created_by=actor.user
    )
    record(
        actor, "withdraw_attachment", payment, about=[payment.account], reason=reason, file=attachment.name,
        digest=attachment.digest,
    )  # fmt: skip
    return made
