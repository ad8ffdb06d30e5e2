"""What is typed on the first page of a short payment: why it was short, and the fields of each way to end it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from receivables.billing.forms import REASON_LENGTH
from receivables.billing.models import Load
from receivables.collections.wizard.files import ACCEPTED, Evidence, read_evidence
from receivables.collections.wizard.models import ShortPaymentReason
from receivables.core.errors import Blocker
from receivables.core.registry import Outcome, outcomes

VERB = "resolve_short_payment"


class WhyForm(forms.Form):
    """Why less was paid than billed, with evidence, and which way to end it."""

    outcome = forms.ChoiceField(widget=forms.RadioSelect)
    why = forms.ChoiceField(
        label=_("Why was it short?"), choices=ShortPaymentReason.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Choose why it was short.")},
    )  # fmt: skip
    details = forms.CharField(
        label=_("Details"), required=False, max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the history; not on the invoice."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("Evidence"), required=False, max_length=200, allow_empty_file=True,
        help_text=_("A PDF, a PNG or a JPEG of at most 5 MB: the customer's letter, a photo, a remittance advice."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )  # fmt: skip
    remove_file = forms.BooleanField(label=_("Remove the attached file"), required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], attached: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attached = attached
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]
        if not attached:
            del self.fields["remove_file"]

    def clean_file(self) -> Evidence | None:
        upload = self.cleaned_data.get("file")
        return read_evidence(upload) if upload else None


@dataclass
class Way:
    """One way to end it: its form, what stands in its way, and whether it is the one that was chosen."""

    outcome: Outcome
    form: forms.Form
    blocker: Blocker | None
    chosen: bool


class Answers:
    """All forms of the first page. Only the chosen way is checked; what was typed for the others is kept."""

    def __init__(
        self, actor: Any, load: Load, typed: Mapping[str, Any], *, check: bool, files: Any = None, attached: str = ""
    ) -> None:
        known = outcomes.for_actor(VERB, actor)
        blockers = [each.blocker(load, actor) for each in known]
        wanted = next((each.verb for each in known if each.verb == typed.get("outcome")), "")
        possible = (each.verb for each, blocker in zip(known, blockers, strict=True) if blocker is None)
        chosen = wanted or next(possible, known[0].verb)
        why: dict[str, Any] = {"choices": [(each.verb, each.label) for each in known], "attached": attached}
        self.load = load
        self.why = WhyForm(dict(typed), files, **why) if check else WhyForm(initial=dict(typed), **why)
        self.ways = [
            Way(each, self._form(each, actor, typed, check and each.verb == chosen), blocker, each.verb == chosen)
            for each, blocker in zip(known, blockers, strict=True)
        ]

    def _form(self, outcome: Outcome, actor: Any, typed: Mapping[str, Any], check: bool) -> forms.Form:
        about: dict[str, Any] = {"actor": actor, "obj": self.load, "prefix": outcome.verb}
        if check:
            form: forms.Form = outcome.form(typed, **about)
            return form
        start = f"{outcome.verb}-"
        return outcome.form(
            initial={name.removeprefix(start): text for name, text in typed.items() if name.startswith(start)}, **about
        )

    @property
    def way(self) -> Way:
        """The way that was chosen, or the first that is possible."""
        return next(way for way in self.ways if way.chosen)

    @property
    def single(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.ways) == 1

    @property
    def blocker(self) -> Blocker | None:
        """What stands in the way of all ways."""
        return self.way.blocker if all(way.blocker is not None for way in self.ways) else None

    def names(self) -> list[str]:
        """The names of all fields, but the file."""
        names = [name for name in self.why.fields if name not in ("file", "remove_file")]
        return names + [way.form.add_prefix(name) for way in self.ways for name in way.form.fields]

    def is_valid(self) -> bool:
        """Whether why and the chosen way are filled in so that they can be tried."""
        return all([self.why.is_valid(), self.way.form.is_valid()])

    def data(self) -> dict[str, Any]:
        """What the chosen way's preview and run are given; the reason in the organization's own language."""
        why, details = self.why.cleaned_data["why"], self.why.cleaned_data["details"]
        with translation.override(self.load.organization.language):
            label = str(ShortPaymentReason(why).label)
        reason = f"{label}: {details}" if details else label
        return {**self.way.form.cleaned_data, "why": why, "details": details, "reason": reason}

    def refuse(self, blocker: Blocker) -> None:
        """Show a refusal beside the field it is about, or above the form."""
        form = self.way.form
        form.add_error(blocker.field if blocker.field in form.fields else None, str(blocker.message))
