"""Translations as gettext reads them, compiled from the catalogues people edit.

Compiled files stay out of the repository, and a fresh machine has no gettext: Babel, which is here for numbers anyway,
writes them when the application starts, if a catalogue is newer than what was compiled from it.
"""

import contextlib
import logging
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

log = logging.getLogger(__name__)


def compile_stale(folders: Iterable[Path]) -> list[Path]:
    """Compile the catalogues that changed; returns what was written. Where nothing may be written, texts stay as they
    were last compiled, or English: said in the log, and no reason not to start."""
    written = []
    for source in sorted(path for folder in folders for path in Path(folder).glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, target)
        except OSError as error:
            log.warning("the translations in %s could not be compiled: %s", source, error)
        else:
            written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    """Beside the target first, then in its place: another process may be reading or compiling it."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            write_mo(file, catalogue)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
