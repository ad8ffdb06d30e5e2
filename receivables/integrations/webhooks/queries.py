"""What the frame of every page says about webhooks."""

from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.webhooks.models import Endpoint


def disabled_notices(actor: Any) -> list[dict[str, str]]:
    """A notice for each webhook that was given up."""
    rows = Endpoint.objects.of(actor).filter(state=Endpoint.State.DISABLED).order_by("name")
    words = _("The webhook “%(name)s” was disabled: nothing is sent to it until you resume it.")
    return [{"text": words % {"name": row.name}, "url": row.get_absolute_url()} for row in rows[:3]]
