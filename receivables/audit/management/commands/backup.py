from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, CommandParser

from receivables.audit.backups.making import make


class Command(BaseCommand):
    """The whole database as of one instant, with the heads of its seals and checksums, in a new folder."""

    help = "Write a backup into a new folder. Keep SECRET_KEY apart from it: it is not in the backup."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **options: Any) -> None:
        try:
            manifest = make(folder)
        except (ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error
        for head in manifest["heads"]:
            self.stdout.write(head)
        self.stdout.write(self.style.SUCCESS(f"{folder} is whole."))
