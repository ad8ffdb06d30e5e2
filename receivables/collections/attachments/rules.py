"""May a file be attached to a payment, may it be withdrawn? Pure functions over facts."""

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker

MOST_FILES = 20


def attach_file_blocker(*, attached: int, twice: bool = False) -> Blocker | None:
    """A payment keeps a bounded number of files, each once. One that was taken back may still get its evidence."""
    if attached >= MOST_FILES:
        message = _("This payment has %(n)s files already; no more can be attached.")
        return Blocker("too_many_files", message % {"n": MOST_FILES}, field="file")
    if twice:
        return Blocker("attached_already", _("This very file is attached already."), field="file")
    return None


def withdraw_attachment_blocker(*, name: str, withdrawn: bool) -> Blocker | None:
    """A file is marked as withdrawn once; it is never deleted (J8)."""
    if not withdrawn:
        return None
    return Blocker("already_withdrawn", _("The file %(name)s was withdrawn already.") % {"name": name})
