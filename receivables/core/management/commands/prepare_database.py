from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, call_command

from receivables.core import provision


class Command(BaseCommand):
    """Everything between an empty server and a database that the application may use. Safe to repeat."""

    help = "Create logins and database where they are missing, migrate as the owner, grant the application its rights."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            provision.create_missing()
            provision.refuse_foreign_history()
            call_command("migrate", database="owner", interactive=False, verbosity=options["verbosity"])
            provision.grant()
            provision.verify()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
