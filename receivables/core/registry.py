"""The closed registries through which upper packages join lower ones.

Filled in `AppConfig.ready`. Nothing else connects packages upwards:
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
    own_pages: bool = False  # the verb's URL is a page of its own package, not a dialog


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
class Outcome:
    """One way in which the pages of a verb (`of`) may end, offered to those who may do `verb`.

    `form` holds the fields that only this way needs. `preview(actor, obj, data)` tries it, rolls it back and returns
    what it came to (`digest` names the outcome); `run` does it, if it still comes to `data["previewed"]`, and returns
    the object made and the sentence that says what happened.
    """

    of: str
    verb: str
    label: Any
    text: Any
    form: type
    preview: Callable[[Any, Any, dict[str, Any]], dict[str, Any]]
    run: Callable[[Any, Any, dict[str, Any]], tuple[Any, str]]
    blocker: Callable[[Any, Any], Blocker | None] = _no_blocker


class Outcomes:
    """Ways to end, in the order in which they were registered."""

    def __init__(self) -> None:
        self.all: list[Outcome] = []

    def register(self, outcome: Outcome) -> None:
        self.all.append(outcome)

    def for_actor(self, of: str, actor: Any) -> list[Outcome]:
        return [outcome for outcome in self.all if outcome.of == of and actor.can(outcome.verb)]


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


@dataclass(frozen=True)
class Reaction:
    """What is done about one event, or `to_all(actor, pairs)` about all of a statement at once, so that it reads
    once; with both, one event alone is left to the first."""

    to_one: Callable[..., None] | None
    to_all: Callable[[Any, list[tuple[Any, Any]]], None] | None = None

    def run(self, actor: Any, pairs: list[tuple[Any, Any]]) -> None:
        if self.to_all is not None and (self.to_one is None or len(pairs) > 1):
            self.to_all(actor, pairs)
            return
        if self.to_one is not None:
            for event, subject in pairs:
                self.to_one(actor=actor, event=event, subject=subject)


@dataclass
class Reactions:
    """What an upper package does in the same transaction when a lower one records an event."""

    by_event: dict[str, list[Reaction]] = field(default_factory=lambda: defaultdict(list))

    def on(self, event_name: str, to_one: Callable[..., None] | None = None, *, to_all: Any = None) -> None:
        self.by_event[event_name].append(Reaction(to_one, to_all))

    def run(self, actor: Any, pairs: list[tuple[Any, Any]]) -> None:
        """React to events that were recorded at once, each with its subject."""
        by_name: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
        for event, subject in pairs:
            by_name[event.name].append((event, subject))
        for name, mine in by_name.items():
            for reaction in self.by_event.get(name, ()):
                reaction.run(actor, mine)


# Ways of distributing a payment over an account's debt, by name, with what a person reads.
distributions: dict[str, Any] = {}


def distribution_choices() -> list[tuple[str, Any]]:
    """The ways of distributing payments as the choices of an organization."""
    return list(distributions.items())


actions = Actions()
outcomes = Outcomes()
panels = Panels()
reactions = Reactions()
