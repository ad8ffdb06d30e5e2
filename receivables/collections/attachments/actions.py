"""Files of a payment as they are attached, listed, handed out and withdrawn."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.billing.forms import reason_field
from receivables.collections.attachments.models import PaymentAttachment
from receivables.collections.attachments.operations import attach_file, withdraw_attachment
from receivables.collections.attachments.rules import attach_file_blocker, withdraw_attachment_blocker
from receivables.collections.models import Payment
from receivables.collections.wizard.files import ACCEPTED, Evidence, download, read_evidence
from receivables.core.access import fetch
from receivables.core.errors import Blocker
from receivables.core.history import WORDS
from receivables.core.registry import Action, Panel, actions, panels
from receivables.core.views import ActionForm, member_view

PAYMENT, ATTACHMENT = "collections.payment", "collections.paymentattachment"


class AttachForm(ActionForm):
    """The file, and what it is."""

    file = forms.FileField(
        label=gettext_lazy("File"), max_length=200, allow_empty_file=True,
        help_text=gettext_lazy("A PDF, a PNG or a JPEG of at most 5 MB: a remittance advice, the image of a cheque."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def clean_file(self) -> Evidence:
        return read_evidence(self.cleaned_data["file"])


class WithdrawForm(ActionForm):
    """Why a file is withdrawn."""

    reason = reason_field(required=True)


def attachments_of(payment: Payment, actor: Any) -> dict[str, Any]:
    """The files of a payment without their contents, oldest first."""
    found = PaymentAttachment.objects.of(actor).filter(payment=payment).defer("content")
    return {
        "payment": payment,
        "attachments": list(found.select_related("created_by", "withdrawal", "payment").order_by("pk")),
    }


@member_view("view_receivables")
def attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of a payment, as a download."""
    found = fetch(request.actor, PaymentAttachment, pk)  # type: ignore[attr-defined]
    return download(found.name, bytes(found.content))


def _attach_blocker(payment: Payment, actor: Any) -> Blocker | None:
    live = PaymentAttachment.objects.of(actor).filter(payment=payment, withdrawal__isnull=True)
    return attach_file_blocker(attached=live.count())


def _confirm_attach(payment: Payment, actor: Any) -> dict[str, Any]:
    return {
        "title": _("Attach a file to payment %(number)s") % {"number": payment.number},
        "facts": [{"label": _("Customer"), "value": payment.account.customer.name}],
        "effects": [_("The file stays with the payment; it can be marked as withdrawn, but not deleted.")],
    }


def _attach(actor: Any, payment: Payment, data: dict[str, Any]) -> tuple[Any, str]:
    made = attach_file(actor=actor, payment=payment, file=data["file"], note=data["note"])
    return payment, _("%(name)s was attached.") % {"name": made.name}


def _withdraw_blocker(attachment: PaymentAttachment, actor: Any) -> Blocker | None:
    return withdraw_attachment_blocker(name=attachment.name, withdrawn=hasattr(attachment, "withdrawal"))


def _standing(attachment: PaymentAttachment, actor: Any) -> bool:
    return not hasattr(attachment, "withdrawal")


def _confirm_withdraw(attachment: PaymentAttachment, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("File"), "value": attachment.name},
            {"label": _("Payment"), "value": attachment.payment.number},
        ],
        "effects": [_("The file stays readable, marked as withdrawn.")],
        "tone": "warning",
    }


def _withdraw(actor: Any, attachment: PaymentAttachment, data: dict[str, Any]) -> tuple[Any, str]:
    withdraw_attachment(actor=actor, attachment=attachment, reason=data["reason"])
    return attachment, _("%(name)s was withdrawn.") % {"name": attachment.name}


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "attach_file", PAYMENT, gettext_lazy("Attach file"), _attach, form=AttachForm, blocker=_attach_blocker,
            confirm=_confirm_attach, style="secondary",
        )
    )  # fmt: skip
    actions.register(
        Action(
            "withdraw_attachment", ATTACHMENT, gettext_lazy("Withdraw"), _withdraw, form=WithdrawForm,
            blocker=_withdraw_blocker, visible=_standing, confirm=_confirm_withdraw, style="outline-danger",
        )
    )  # fmt: skip
    panels.register(Panel("attachments", PAYMENT, "aside", "collections/attachments.html", attachments_of))
    WORDS.update(
        {"attach_file": gettext_lazy("File attached"), "withdraw_attachment": gettext_lazy("Attachment withdrawn")}
    )
