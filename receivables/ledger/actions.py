"""What can be clicked on a month."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from receivables.core.dates import today
from receivables.core.errors import Blocker
from receivables.core.registry import Action, actions
from receivables.ledger import operations
from receivables.ledger.forms import ReopenPeriodForm
from receivables.ledger.models import Period
from receivables.ledger.rules import close_period_blocker, month_text, reopen_period_blocker

PERIOD = "ledger.period"


def is_open(period: Period, actor: Any) -> bool:
    return period.closed_at is None


def is_closed(period: Period, actor: Any) -> bool:
    return period.closed_at is not None


def _close(actor: Any, period: Period, data: dict[str, Any]) -> tuple[Any, str]:
    closed = operations.close_period(actor=actor, month=period.month)
    return closed, _("%(month)s is closed.") % {"month": month_text(closed.month)}


def _reopen(actor: Any, period: Period, data: dict[str, Any]) -> tuple[Any, str]:
    opened = operations.reopen_period(actor=actor, month=period.month, reason=data["reason"])
    return opened, _("%(month)s is open again.") % {"month": month_text(opened.month)}


def _close_blocker(period: Period, actor: Any) -> Blocker | None:
    day = today(actor.organization)
    return close_period_blocker(month=period.month, closed=is_closed(period, actor), today=day)


def _reopen_blocker(period: Period, actor: Any) -> Blocker | None:
    return reopen_period_blocker(month=period.month, closed=is_closed(period, actor))


def _confirm_close(period: Period, actor: Any) -> dict[str, Any]:
    earlier = Period.objects.of(actor).filter(month__lt=period.month, closed_at__isnull=True).order_by("month")
    effects = [
        _("Nothing is posted into %(month)s any more.") % {"month": month_text(period.month)},
        _("A document dated in it is posted to the first open day after it."),
    ]
    first = earlier.first()
    if first is not None:
        effects.append(_("An earlier month stays open: %(month)s.") % {"month": month_text(first.month)})
    return {"facts": [{"label": _("Month"), "value": month_text(period.month)}], "effects": effects, "tone": "warning"}


def _confirm_reopen(period: Period, actor: Any) -> dict[str, Any]:
    return {
        "facts": [
            {"label": _("Month"), "value": month_text(period.month)},
            {"label": _("Closed by"), "value": period.closed_by or ""},
        ],
        "effects": [_("Figures of this month that were reported may change.")],
        "tone": "warning",
    }


def register() -> None:
    """Called once, when the application is ready."""
    actions.register(
        Action(
            "close_period", PERIOD, gettext_lazy("Close month"), _close, blocker=_close_blocker, visible=is_open,
            confirm=_confirm_close,
        )
    )  # fmt: skip
    actions.register(
        Action(
            "reopen_period", PERIOD, gettext_lazy("Reopen month"), _reopen, ReopenPeriodForm, _reopen_blocker,
            visible=is_closed, confirm=_confirm_reopen, style="outline-danger",
        )
    )  # fmt: skip
