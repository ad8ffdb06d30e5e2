"""When an audit may begin."""

from django.utils.translation import gettext_lazy as _

from receivables.core.errors import Blocker


def audit_ledger_blocker(*, running: bool) -> Blocker | None:
    """One audit of an organization at a time: a second one would find the same."""
    if running:
        return Blocker("audit_running", _("An audit is at work already; its result is shown here when it is done."))
    return None
