"""Late fees: a charge on the agreement that is overdue longest, only where the criterion that was met names one."""

from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from receivables.billing.models import AccessorialType
from receivables.billing.recurring.operations import add_agreement_charge
from receivables.core.errors import Refused
from receivables.core.events import record
from receivables.core.operations import SystemActor
from receivables.core.transactions import run_atomic
from receivables.credit_control.monitor.models import CollectionProcess
from receivables.credit_control.monitor.rules import Verdict
from receivables.customers.models import Agreement


def charge_late_fee(actor: Any, process: CollectionProcess, verdict: Verdict, day: date) -> None:
    """Charge what the criterion says for reaching its step, once; the next billing run bills it.

    An agreement that is not in service any more takes no charge: the process says so, and goes on.
    """
    criterion = verdict.criterion
    if criterion is None or criterion.late_fee_type_id is None or verdict.oldest_agreement is None:
        return
    by = SystemActor(actor.organization, actor.name, frozenset({"add_agreement_charge"}), actor.user)
    agreement = Agreement.objects.of(actor).select_related("account__customer").get(pk=verdict.oldest_agreement)
    kind = AccessorialType.objects.of(actor).get(pk=criterion.late_fee_type_id)
    with translation.override(actor.organization.language):
        note = _("%(step)s of %(day)s") % {"step": process.get_step_display(), "day": day.isoformat()}
    try:
        run_atomic(
            lambda: add_agreement_charge(
                actor=by, agreement=agreement, type=kind, amount=criterion.late_fee,
                starts_on=max(day, agreement.start_date), note=note,
            )
        )  # fmt: skip
    except Refused as refused:
        about = [agreement.account, agreement.account.customer]
        record(actor, "late_fee_refused", process, about=about, reason=str(refused.blocker.message))
