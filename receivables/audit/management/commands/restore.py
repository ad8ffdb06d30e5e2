from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from receivables.audit.backups.restoring import heads, read, restore


class Command(BaseCommand):
    """A database from a backup, with logins and rights made anew; audited when it is done."""

    help = "Restore a backup into an empty database. Stop web and workers first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="in place of the database that is there")
        parser.add_argument("--other-key", action="store_true", help="although it was made with another SECRET_KEY")

    def handle(self, *, folder: Path, replace: bool, other_key: bool, **options: Any) -> None:
        try:
            manifest = read(folder, other_key=other_key)
            restore(folder, replace=replace)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if heads() != manifest["heads"]:
            raise CommandError("The chain of seals is not the one of the backup.")
        call_command("audit_ledger", stdout=self.stdout)
        self.stdout.write(self.style.SUCCESS(f"Restored what was backed up at {manifest['made_at']}."))
