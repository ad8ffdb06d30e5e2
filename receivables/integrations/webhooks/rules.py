"""May an endpoint be paused, resumed, pinged, its secret shown or replaced, a message be sent again? Pure functions."""

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker
from receivables.integrations.webhooks.models import Endpoint, Message

State = Endpoint.State


def pause_webhook_blocker(*, state: str) -> Blocker | None:
    """What is live may be paused; what happens meanwhile waits."""
    return None if state == State.LIVE else Blocker("not_live", _("Only a webhook that is live can be paused."))


def resume_webhook_blocker(*, state: str) -> Blocker | None:
    """What is paused or was disabled may go on, beginning with what waited."""
    return Blocker("live", _("This webhook is live already.")) if state == State.LIVE else None


def ping_webhook_blocker(*, state: str) -> Blocker | None:
    """A test message is sent like any other, so the webhook has to be live."""
    return None if state == State.LIVE else Blocker("not_live", _("Resume the webhook first."))


def rotate_webhook_secret_blocker(*, both_sign: bool) -> Blocker | None:
    """One secret is replaced at a time: a third would silence whoever still checks with the first."""
    if both_sign:
        return Blocker("both_sign", _("The secret was replaced already; the one before still signs until it ends."))
    return None


def show_webhook_secret_blocker(*, shown: bool) -> Blocker | None:
    """A secret is shown once. Who lost it replaces it."""
    if shown:
        return Blocker("shown", _("The secret was shown once already. If it is lost, replace it."))
    return None


def resend_webhook_blocker(*, state: str) -> Blocker | None:
    """What was delivered or failed may be sent again under its own id; what waits is sent anyway."""
    return Blocker("waiting", _("This message is waiting to be sent.")) if state == Message.State.QUEUED else None
