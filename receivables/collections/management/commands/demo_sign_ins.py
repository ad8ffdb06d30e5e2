from typing import Any

from django.core.management import BaseCommand, CommandError

from receivables.demo.sign_ins import sign_ins


class Command(BaseCommand):
    help = "Show who may sign in to the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        text = sign_ins()
        if not text:
            raise CommandError("No demo data is loaded; `manage.py load_demo` loads it.")
        self.stdout.write(text)
