"""What an import keeps: the uploaded file for as long as it is worked on, and how files of one shape are read."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from receivables.core.models import MadeModel, OrganizationModel


class ImportFile(MadeModel):
    """An uploaded file, how it is to be read, and what was wrong with its rows. Cleared away after a month.

    It lives in the database, since the worker that reads it may run on another machine than the web server.
    """

    name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    choices = models.JSONField(default=dict)
    problems = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["organization", "-id"], name="import_file_newest")]

    def __str__(self) -> str:
        return str(self.name)


class ImportMapping(OrganizationModel):
    """How files with these headings are read: remembered, so that the next such file needs no questions."""

    name = models.CharField(_("name"), max_length=200)
    fingerprint = models.CharField(max_length=64)
    choices = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "fingerprint"], name="import_mapping_once")]

    def __str__(self) -> str:
        return str(self.name)
