"""What the package makes known at start: its verbs, its panels, its words, and what it does when others act."""

from django.utils.translation import gettext_lazy as _

from receivables.approvals.moved import watch
from receivables.approvals.reasons import register_reasons
from receivables.billing.credit_notes import actions, panels
from receivables.billing.credit_notes.kinds import reasons_with_authority
from receivables.billing.credit_notes.operations import release_credit_note
from receivables.billing.credit_notes.queries import VERB
from receivables.billing.credit_notes.requests import shown_now
from receivables.billing.credit_notes.searching import search_credit_notes
from receivables.billing.credit_notes.setup import set_up_reasons
from receivables.core.history import WORDS
from receivables.core.registry import reactions
from receivables.core.search import register_search


def register() -> None:
    actions.register()
    panels.register()
    watch(VERB, shown_now)
    register_reasons(reasons_with_authority)
    reactions.on("create_organization", set_up_reasons)
    reactions.on("approve_request", release_credit_note)
    register_search("credit_notes", _("Credit notes"), search_credit_notes)
    WORDS.update({"issue_credit_note": _("Credit note issued"), "reverse_credit_note": _("Credit note reversed")})
