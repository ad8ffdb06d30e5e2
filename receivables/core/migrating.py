"""What Django's migrations lack: many tables made with the models rendered once.

After each operation Django renders anew every model that is related to a changed one. Here all are, through their
organization, so that a tenth of a second goes with each operation and most of a first start with all of them.
"""

from itertools import groupby
from typing import Any

from django.db.migrations import CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """Operations that need no state of the models between them: new tables whole, and what is laid on them."""

    reversible = False
    serialization_expand_args = ["operations"]

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # rendered again, once, when it is next asked for
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)


class RenderedOnce(Migration):
    """A migration of several changes to tables: the new tables together, and together what is laid on these and on the
    others. A table that is new is made as the first step leaves it, so what the second adds to it is not made twice."""

    def __init_subclass__(cls) -> None:
        steps = groupby(cls.operations, key=lambda operation: isinstance(operation, CreateModel))
        cls.operations = [Together(list(step)) for _new, step in steps]
