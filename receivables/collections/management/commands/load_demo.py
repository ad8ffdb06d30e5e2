from datetime import date
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from receivables.demo.load import PROFILES, load, missing
from receivables.demo.sign_ins import leave_for_serve, sign_ins


class Command(BaseCommand):
    """Demo data made through the operations; the same seed, scale and day make the same figures."""

    help = "Load two demo organizations with nine months of invoices and payments."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="Do nothing for what exists already.")
        parser.add_argument("--seed", type=int, default=20_817)
        parser.add_argument("--scale", type=float, default=1.0, help="1 makes some 1,500 loads.")
        parser.add_argument("--as-of", type=date.fromisoformat, help="The last day, YYYY-MM-DD; today if left out.")

    def handle(self, *, if_empty: bool, seed: int, scale: float, as_of: date | None, **options: Any) -> None:
        wanted = missing()
        if settings.REQUIRE_SECOND_FACTOR and wanted:
            raise CommandError(
                "Demo people sign in with a published password, and this site asks for a second factor: it looks like "
                "a real one. For a demo of its own set REQUIRE_SECOND_FACTOR=false."
            )
        if len(wanted) < len(PROFILES) and not if_empty:
            raise CommandError(
                "The demo organizations exist already; nothing was changed. Use --if-empty to skip them."
            )
        if not 0 < scale <= 100:
            raise CommandError("The scale must be more than 0 and at most 100.")
        for profile, both_as in wanted:
            load(profile, both_as, seed=seed, scale=scale, as_of=as_of, say=self.say)
        leave_for_serve()
        if wanted:
            self.stdout.write(sign_ins())

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
