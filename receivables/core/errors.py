"""Why something may not happen: one shape for the rule, the page and the API."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Check:
    """One of several conditions of a verb, shown with a tick or a cross."""

    ok: bool
    text: str
    link: str = ""
    link_label: str = ""


@dataclass(frozen=True)
class Blocker:
    """The first fact that stands in the way of a verb.

    `code` is stable and untranslated (the API answers with it), `message` is the sentence a person reads,
    `link` an optional URL path to the thing that must be dealt with first, `field` the form field at fault.
    A page may show all conditions of the verb (`checks`) under a `title` instead of the message alone.
    """

    code: str
    message: Any
    link: str = ""
    field: str = ""
    title: Any = ""
    checks: tuple[Check, ...] = ()


class Refused(Exception):
    """A rule or a guard of the database forbids the verb; nothing was changed."""

    def __init__(self, blocker: Blocker) -> None:
        super().__init__(str(blocker.message))
        self.blocker = blocker

    @property
    def code(self) -> str:
        return self.blocker.code

    @property
    def field(self) -> str:
        return self.blocker.field


class NotPermitted(Exception):
    """The actor lacks the permission of the verb; answered 403 and logged, whatever was rolled back."""

    def __init__(self, verb: str, actor: object) -> None:
        super().__init__(f"{actor} may not {verb}")
        self.verb = verb
        self.actor = actor


def refuse(blocker: Blocker | None) -> None:
    """Raise `Refused` if a rule named a blocker; do nothing otherwise."""
    if blocker is not None:
        raise Refused(blocker)


def stale_blocker(current: int, seen: int | None) -> Blocker | None:
    """A form shown before somebody else's change never overwrites it. `seen` None: no form was shown."""
    if seen is None or seen == current:
        return None
    return Blocker(
        "stale",
        _("Somebody changed this while you were working. We refreshed the figures; check them and try again."),
    )
