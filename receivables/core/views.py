"""Views find, authorize and render. GET never writes; POST calls exactly one operation, once."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.views import View

from receivables.core.access import fetch
from receivables.core.errors import Blocker, Refused
from receivables.core.forms import FormWithFormat
from receivables.core.idempotency import post_once
from receivables.core.operations import authorize
from receivables.core.registry import Action, actions, panels


def member_view(verb: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare which permission a view function needs; it is asked for before the view runs."""

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            authorize(request.actor, verb)
            return view(request, *args, **kwargs)

        run.verb = verb  # type: ignore[attr-defined]
        return run

    return declare


class MemberView(View):
    """A page of the organization; `verb` is the permission that all its methods need."""

    verb = "view_receivables"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        authorize(request.actor, self.verb)
        return super().dispatch(request, *args, **kwargs)


class ActionForm(FormWithFormat, forms.Form):
    """A dialog's form: knows who asks and about what. `seen` is the version of the object that the person saw."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, obj: Any, **kwargs: Any) -> None:
        self.obj = obj
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = getattr(obj, "version", None)

    def get_currency(self) -> str:
        return getattr(self.obj, "currency", "") or super().get_currency()


class FormView(MemberView):
    """A form that runs one operation: shown, checked, done once, or shown again with what was wrong."""

    template = "core/action.html"
    form_class: type[forms.Form]

    def form_kwargs(self) -> dict[str, Any]:
        return {"actor": self.request.actor}

    def context(self) -> dict[str, Any]:
        """Title, labels, crumbs and where Cancel leads."""
        return {}

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        """Call the operation; return where to go and what to say."""
        raise TypeError(f"{type(self).__name__} does not say what it runs")

    def blocker(self) -> Blocker | None:
        """What stands in the way before anything was typed."""
        return None

    def show(self, form: forms.Form, status: int = 200, blocker: Blocker | None = None, **more: Any) -> HttpResponse:
        context = {"form": form, "blocker": blocker, **self.context(), **more}
        return render(self.request, self.template, context, status=status)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kwargs = self.form_kwargs()
        kwargs["initial"] = {**kwargs.get("initial", {}), **self._suggested()}
        return self.show(self.form_class(**kwargs), blocker=self.blocker())

    def _suggested(self) -> dict[str, str]:
        """What a link to the form suggests for its fields; a person still sees and sends it."""
        fields = getattr(self.form_class, "base_fields", {})
        return {name: value for name, value in self.request.GET.items() if name in fields and name != "seen"}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST, request.FILES, **self.form_kwargs())
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            return self.act(form)
        except Refused as refused:
            field = refused.field if refused.field in form.fields else None
            form.add_error(field, str(refused.blocker.message))
            if refused.code == "stale":
                self.see_again(form)
            return self.show(form, status=409 if refused.code == "stale" else 422, refusal=refused.blocker)

    def act(self, form: forms.Form) -> HttpResponse:
        """Do once what a checked form asks for. Raises `Refused`."""
        return post_once(self.request, lambda: self.run(form.cleaned_data))

    def see_again(self, form: forms.Form) -> None:
        """After somebody else's change the page shows the figures of now; what was typed stays."""


class ActionView(FormView):
    """The dialog of an action from the registry. Its URL name is the verb.

    A dialog with a preview is sent twice: `step` says whether what was typed is to be tried, changed or done.
    """

    action: Action
    EDIT, CONFIRM = "edit", "confirm"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.verb = self.action.verb
        self.form_class = self.action.form or ActionForm
        self.template = self.action.template

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.obj = fetch(request.actor, apps.get_model(self.action.model), kwargs["pk"], self.action.verb)
        return super().dispatch(request, *args, **kwargs)

    def form_kwargs(self) -> dict[str, Any]:
        return {"actor": self.request.actor, "obj": self.obj}

    def blocker(self) -> Blocker | None:
        return self.action.blocker(self.obj, self.request.actor)

    def context(self) -> dict[str, Any]:
        here = self.obj.get_absolute_url()
        return {
            "title": self.action.label,
            "submit_label": self.action.label,
            "submit_style": "danger" if "danger" in self.action.style else "primary",
            "section": str(self.obj),
            "breadcrumb": [{"label": str(self.obj), "url": here}],
            "cancel_url": here,
            "object": self.obj,
            **self.action.confirm(self.obj, self.request.actor),
        }

    def act(self, form: forms.Form) -> HttpResponse:
        step = self.request.POST.get("step")
        if self.action.preview is None or step == self.CONFIRM:
            return super().act(form)
        if step == self.EDIT:
            return self.show(form)
        found = self.action.preview(self.request.actor, self.obj, form.cleaned_data)
        kept = [(name, value) for name in form.fields for value in form.data.getlist(form.add_prefix(name))]
        kept = [(name, value) for name, value in kept if name not in found.get("hidden", {})]
        return self.show(form, preview={**found, "kept": [*kept, *found.get("hidden", {}).items()]})

    def see_again(self, form: forms.Form) -> None:
        form.data = form.data.copy()
        form.data[form.add_prefix("seen")] = str(getattr(self.obj, "version", ""))

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        target, message = self.action.run(self.request.actor, self.obj, data)
        return target.get_absolute_url(), message


def panels_of(request: HttpRequest, obj: Any, slot: str) -> list[str]:
    """The sections that upper packages put on the page of an object, rendered from their own templates."""
    actor = request.actor  # type: ignore[attr-defined]
    return [
        render_to_string(panel.template, panel.context(obj, actor), request)
        for panel in panels.of(obj._meta.label_lower, slot)
    ]


def action_urls(model: str, prefix: str) -> list[URLPattern]:
    """The URLs of all actions of a model: `prefix/<id>/<verb>/`, named by the verb. Called by the page's package."""
    return [
        path(
            f"{prefix}/<int:pk>/{action.verb.replace('_', '-')}/",
            type(f"{action.verb.title().replace('_', '')}View", (ActionView,), {"action": action}).as_view(),
            name=action.verb,
        )
        for action in actions.of_model(model)
        if not action.own_pages
    ]
