"""Evidence: a file that a person attaches. Its size is bounded and its kind is read from its first bytes; nothing
else of it is ever read, and it is only ever handed out as a download."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

LIMIT = 5 * 1024 * 1024
ACCEPTED = ".pdf,.png,.jpg,.jpeg"
# What the file's first bytes say it is, and the endings that such a file may carry.
KINDS = ((b"%PDF-", (".pdf",)), (b"\x89PNG\r\n\x1a\n", (".png",)), (b"\xff\xd8\xff", (".jpg", ".jpeg")))
NAME_LENGTH = 100


@dataclass(frozen=True)
class Evidence:
    """A file that was looked at: a harmless name that ends as its content is, and the content."""

    name: str
    content: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_evidence(upload: Any) -> Evidence:
    """The uploaded file. Raises `ValidationError` for one that is empty, too large or of another kind."""
    if upload.size > LIMIT:
        raise ValidationError(_("The file is larger than 5 MB."))
    content = upload.read(LIMIT + 1)
    endings = next((endings for start, endings in KINDS if content.startswith(start)), None)
    if endings is None:
        raise ValidationError(_("Attach a PDF, a PNG or a JPEG; this file is none of them."))
    return Evidence(_harmless(upload.name, endings), content)


def _harmless(name: str, endings: tuple[str, ...]) -> str:
    """The file's name without folders and control characters, with the ending that its content has."""
    plain = "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable()).strip()
    stem, dot, ending = plain.rpartition(".")
    if dot and f".{ending.lower()}" in endings:
        return f"{stem[:NAME_LENGTH]}.{ending.lower()}"
    return f"{plain[:NAME_LENGTH] or _('evidence')}{endings[0]}"


def download(name: str, content: bytes) -> HttpResponse:
    """The file as a download that no browser shows or runs on this site."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
