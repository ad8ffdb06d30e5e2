"""What all clients of a storm did, and what was acknowledged to them."""

import json
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, Any


@dataclass
class Log:
    """One JSON line a step, counts, the keys of the forms that were answered with "done", and what went wrong."""

    file: IO[str]
    counts: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    verbs: Counter[str] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, **said: Any) -> None:
        with self._lock:
            self.file.write(json.dumps(said, default=str) + "\n")

    def count(self, outcome: str, *, path: str = "", key: str = "") -> None:
        with self._lock:
            self.counts[outcome] += 1
            if outcome == "done":
                self.verbs[kind_of(path)] += 1
                self.acknowledged.add(key) if key else None

    def attack(self, way: str) -> None:
        """A form was sent, in this way, whether or not anybody answered."""
        with self._lock:
            self.counts["attacks"] += 1
            self.ways[way] += 1

    def violation(self, what: str) -> None:
        with self._lock:
            self.wrong.append(what)


def kind_of(path: str) -> str:
    """A path without what tells its instances apart."""
    return re.sub(r"\d+", "#", path.partition("?")[0])
