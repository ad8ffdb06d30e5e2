"""Files of a payment, and what marked one as withdrawn."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from receivables.core.models import MadeModel


class PaymentAttachment(MadeModel):
    """A file that came with a payment: a remittance advice, the image of a cheque. Never changed, never deleted.

    The content lies in the database, so that a backup of the books has it and no web server can hand it out by itself.
    """

    payment = models.ForeignKey(
        "collections.Payment", on_delete=models.PROTECT, related_name="attachments", db_constraint=False
    )
    name = models.CharField(_("file"), max_length=120)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("attachment of a payment")
        verbose_name_plural = _("attachments of payments")
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0, size__lte=5 * 1024 * 1024), name="attachment_bounded")
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.payment_id])


class AttachmentWithdrawal(MadeModel):
    """Somebody attached the wrong file: it stays readable and is marked. Once."""

    attachment = models.OneToOneField(
        PaymentAttachment, on_delete=models.PROTECT, related_name="withdrawal", db_constraint=False
    )
    reason = models.TextField()

    class Meta:
        verbose_name = _("withdrawal of an attachment")
        verbose_name_plural = _("withdrawals of attachments")

    def __str__(self) -> str:
        return str(self.attachment)
