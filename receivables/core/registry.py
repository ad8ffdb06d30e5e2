"""The three closed registries through which upper packages join lower ones.

Filled in `AppConfig.ready`, printed by `manage.py show_registries`. Nothing else connects packages upwards:
no Django signals between our packages and no import inside a function.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from receivables.core.errors import Blocker


def _no_blocker(obj: Any, actor: Any) -> Blocker | None:
    return None


def _always(obj: Any, actor: Any) -> bool:
    return True


def _no_context(obj: Any, actor: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Action:
    """A verb that can be clicked on one kind of object: button, dialog, URL and permission in one entry.

    `run(actor, obj, data)` calls exactly one operation and returns the object to go to afterwards and the sentence
    that says what happened. `confirm(obj, actor)` gives the dialog its facts (`effects`: what will happen).
    With `preview(actor, obj, data)` the dialog has two steps: what was typed is tried and rolled back, its outcome is
    shown (the context that is returned), and only sending that page does it.
    """

    verb: str
    model: str
    label: Any
    run: Callable[[Any, Any, dict[str, Any]], tuple[Any, str]]
    form: type | None = None
    blocker: Callable[[Any, Any], Blocker | None] = _no_blocker
    visible: Callable[[Any, Any], bool] = _always
    confirm: Callable[[Any, Any], dict[str, Any]] = _no_context
    preview: Callable[[Any, Any, dict[str, Any]], dict[str, Any]] | None = None
    style: str = "outline-primary"
    template: str = "core/action.html"


class Actions:
    """Every action, by verb; a verb belongs to one model."""

    def __init__(self) -> None:
        self.by_verb: dict[str, Action] = {}

    def register(self, action: Action) -> None:
        if action.verb in self.by_verb:
            raise ValueError(f"action {action.verb} is registered twice")
        self.by_verb[action.verb] = action

    def of_model(self, label: str) -> list[Action]:
        return [action for action in self.by_verb.values() if action.model == label]


@dataclass(frozen=True)
class Panel:
    """A section that one package shows on another package's page: `context(obj, actor)` feeds `template`."""

    name: str
    model: str
    slot: str
    template: str
    context: Callable[[Any, Any], dict[str, Any]]


class Panels:
    """Panels by model and slot, in the order in which they were registered."""

    def __init__(self) -> None:
        self.all: list[Panel] = []

    def register(self, panel: Panel) -> None:
        self.all.append(panel)

    def of(self, model: str, slot: str) -> list[Panel]:
        return [panel for panel in self.all if panel.model == model and panel.slot == slot]


@dataclass
class Reactions:
    """What an upper package does in the same transaction when a lower one records an event."""

    by_event: dict[str, list[Callable[..., None]]] = field(default_factory=lambda: defaultdict(list))

    def on(self, event_name: str, reaction: Callable[..., None]) -> None:
        self.by_event[event_name].append(reaction)

    def run(self, actor: Any, event: Any, subject: Any) -> None:
        for reaction in self.by_event.get(event.name, ()):
            reaction(actor=actor, event=event, subject=subject)


actions = Actions()
panels = Panels()
reactions = Reactions()
