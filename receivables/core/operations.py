"""Operations: the only code that changes money or documents.

An operation is a keyword-only function named like its verb. Its five steps are always in the same order:
authorize (done here), lock, refuse, write, record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from receivables.core.errors import NotPermitted
from receivables.core.transactions import run_atomic

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

OPERATIONS: dict[str, Callable[..., Any]] = {}


@dataclass(frozen=True)
class SystemActor:
    """The background worker, a command or a reaction, acting for one organization. It may do what its `verbs` say;
    `user` is the person on whose behalf it acts, if there is one."""

    organization: Any
    name: str
    verbs: frozenset[str]
    user: Any = None

    @property
    def organization_id(self) -> int:
        return int(self.organization.pk)

    def can(self, verb: str) -> bool:
        return verb in self.verbs


def authorize(actor: Any, verb: str) -> None:
    """Raise `NotPermitted` unless the actor's role, grants and denials give the verb."""
    if not actor.can(verb):
        raise NotPermitted(verb, actor)


def operation(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Make a function the operation of the verb it is named after: authorized, all or nothing, guards explained.

    Raises `NotPermitted` (the actor may not), `Refused` (the facts forbid it).
    """
    verb = function.__name__
    if verb in OPERATIONS:
        raise ValueError(f"operation {verb} is defined twice")

    @wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        authorize(kwargs["actor"], verb)
        return run_atomic(lambda: function(*args, **kwargs))

    OPERATIONS[verb] = run
    return run
