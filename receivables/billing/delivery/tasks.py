"""What the worker runs: hand one e-mail over, or try it again later."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from receivables.billing.delivery.handing_over import AGAIN, handing_over
from receivables.billing.delivery.mailing import deliver
from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import TASK


@app.task(
    name=TASK,
    queue="mail",
    pass_context=True,
    retry=AGAIN,
)
def send_dispatch(context: JobContext, *, dispatch_id: int) -> None:
    """Hand over the e-mail of one `Dispatch`. One that is not waiting is left alone."""
    rows = Dispatch.objects.select_related("organization", "sent_by").filter(pk=dispatch_id)
    dispatch = rows.first()
    if dispatch is None:
        return
    with handing_over(context, dispatch, dispatch.sent_by, "mail") as last:
        deliver(dispatch, last=last)
