"""The pages of a short payment: what happened and why, check, done. Each step has its URL; nothing is lost on Back.

The first page is kept as a draft, the second shows the real outcome rolled back, and only sending that does it.
"""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.models import Load
from receivables.billing.pages import no_adjustment_type, state_of
from receivables.billing.queries import with_documents
from receivables.collections.texts import day_text
from receivables.collections.wizard.drafts import discard, draft_of, keep, locked_draft
from receivables.collections.wizard.files import Evidence, download
from receivables.collections.wizard.forms import VERB, Answers
from receivables.collections.wizard.models import ShortPaymentDraft, ShortPaymentNote
from receivables.collections.wizard.shown import done_context, facts_shown, stepper
from receivables.core.access import fetch
from receivables.core.errors import Blocker, Refused, refuse
from receivables.core.idempotency import post_once
from receivables.core.views import MemberView, member_view

WHAT, CHECK, DONE = "what", "check", "done"


class ShortPaymentView(MemberView):
    """One step of it. Without a step in the URL, a link from elsewhere goes on to the first."""

    verb = VERB

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load = fetch(request.actor, with_documents(Load.objects.all()), kwargs["pk"], self.verb)
        self.load.__dict__["_with_documents"] = True
        return super().dispatch(request, *args, **kwargs)

    def address(self, step: str) -> str:
        return reverse("short_payment_step", args=[self.load.pk, step])

    @cached_property
    def draft(self) -> ShortPaymentDraft | None:
        return draft_of(self.request.actor, self.load)

    def answers(self, typed: Any, *, check: bool, files: Any = None) -> Answers:
        attached = self.draft.file_name if self.draft else ""
        return Answers(self.request.actor, self.load, typed, check=check, files=files, attached=attached)

    def get(self, request: HttpRequest, pk: int, step: str = "") -> HttpResponse:
        if not step:
            query = f"?{request.GET.urlencode()}" if request.GET else ""
            return HttpResponseRedirect(self.address(WHAT) + query)
        if step == WHAT:
            typed = self.draft.data if self.draft else {}
            return self.show_what(self.answers({**typed, **request.GET.dict()}, check=False))
        if step == CHECK:
            return self.show_check()
        if step == DONE:
            return self.show("done", done_context(self.load, request.actor))
        raise Http404

    def post(self, request: HttpRequest, pk: int, step: str = "") -> HttpResponse:
        if step == CHECK:
            return self.confirm()
        if step == DONE:
            raise Http404
        wish = request.POST.get("step")
        if wish == "discard":
            discard(request.actor, self.load)
            return HttpResponseRedirect(self.load.get_absolute_url())
        return self.leave() if wish == "leave" else self.check()

    def show(self, page: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        here = self.load.get_absolute_url()
        shown = {
            "title": _("Resolve short payment"), "section": str(self.load), "load": self.load, "cancel_url": here,
            "breadcrumb": [{"label": str(self.load), "url": here}], "stepper": stepper(page, self.address),
            **context,
        }  # fmt: skip
        return render(self.request, f"collections/short_payment/{page}.html", shown, status=status)

    def show_what(self, answers: Answers, status: int = 200) -> HttpResponse:
        context = {
            "answers": answers, "draft": self.draft, "no_type": no_adjustment_type(self.request.actor),
            **facts_shown(self.load, self.request.actor),
        }  # fmt: skip
        return self.show("what", context, status)

    def typed(self) -> tuple[Answers, dict[str, Any]]:
        """The first page as it was sent, and what of it is kept."""
        answers = self.answers(self.request.POST.dict(), check=True, files=self.request.FILES)
        names = [name for name in answers.names() if name in self.request.POST]
        return answers, {name: self.request.POST[name] for name in names}

    def keep(self, answers: Answers, typed: dict[str, Any]) -> ShortPaymentDraft:
        answers.why.is_valid()
        file: Evidence | None = answers.why.cleaned_data.get("file")
        remove = bool(answers.why.cleaned_data.get("remove_file"))
        return keep(self.request.actor, self.load, typed, file, remove_file=remove)

    def leave(self) -> HttpResponse:
        """Keep what was typed, whatever it is, and go back to the load."""
        draft = self.keep(*self.typed())
        day = day_text(self.request.actor, timezone.localtime(draft.kept_until).date())
        messages.info(self.request, _("Draft kept until %(day)s. Nothing was changed.") % {"day": day})
        return HttpResponseRedirect(self.load.get_absolute_url())

    def check(self) -> HttpResponse:
        """Try what was typed; what can't be done is said beside its field, anything else is shown on the next page."""
        answers, typed = self.typed()
        if not answers.is_valid():
            return self.show_what(answers, status=422)
        try:
            answers.way.outcome.preview(self.request.actor, self.load, {**answers.data(), "seen": None})
        except Refused as refused:
            answers.refuse(refused.blocker)
            return self.show_what(answers, status=422)
        self.keep(answers, typed)
        return HttpResponseRedirect(self.address(CHECK))

    def show_check(self, why_again: Blocker | None = None) -> HttpResponse:
        """What it would come to now. `why_again`: it was sent, and refused because the figures have moved."""
        if self.draft is None:
            if why_again is None:
                return HttpResponseRedirect(self.address(WHAT))
            return self.show("check", {"obstacle": why_again}, status=409)
        answers = self.answers(self.draft.data, check=True)
        if not answers.is_valid():
            return self.show_what(answers)
        actor, context = self.request.actor, {"way": answers.way, "data": answers.data(), "again": why_again}
        try:
            context["preview"] = answers.way.outcome.preview(actor, self.load, {**answers.data(), "seen": None})
        except Refused as refused:
            context["obstacle"] = refused.blocker
        context |= {
            "attached": self.draft.file_name, "seen": self.load.version, "own_currency": actor.organization.currency,
            "foreign": self.load.currency != actor.organization.currency, "object": self.load,
        }  # fmt: skip
        return self.show("check", context, status=409 if why_again else 200)

    def confirm(self) -> HttpResponse:
        """Do once what the second page showed."""
        try:
            return post_once(self.request, self.work)
        except Refused as refused:
            # What was read before the refusal may be old by now.
            self.load = with_documents(Load.objects.of(self.request.actor)).get(pk=self.load.pk)
            return self.show_check(refused.blocker)

    def work(self) -> tuple[str, str]:
        actor, request = self.request.actor, self.request
        draft = locked_draft(actor, self.load)
        gone = Blocker("no_draft", _("There is nothing to send here any more: it was sent or discarded before."))
        if draft is None:
            raise Refused(gone)
        answers = self.answers(draft.data, check=True)
        refuse(None if answers.is_valid() else gone)
        seen = request.POST.get("seen", "")
        data = {**answers.data(), "previewed": request.POST.get("previewed", "")}
        data["seen"] = int(seen) if seen.isdecimal() and len(seen) < 10 else None
        short, invoice = _short(self.load, actor), self.load.invoice
        _made, message = answers.way.outcome.run(actor, self.load, data)
        content = bytes(draft.content) if draft.content is not None else None
        ShortPaymentNote.objects.create(
            organization=actor.organization, load=self.load, invoice=invoice, why=data["why"], details=data["details"],
            outcome=answers.way.outcome.verb, currency=self.load.currency, short=short, created_by=actor.user,
            file_name=draft.file_name, content=content,
            file_digest=Evidence(draft.file_name, content).digest if content else "",
        )  # fmt: skip
        draft.delete()
        return self.address(DONE), message


def _short(load: Load, actor: Any) -> Any:
    item = state_of(load, actor).item
    return item.balance if item else 0


@member_view("view_receivables")
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """The evidence of a note, as a download."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    note = fetch(actor, ShortPaymentNote, pk)
    if note.content is None:
        raise Http404
    return download(note.file_name, bytes(note.content))
