from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from accounts.models import Organization
from receivables.audit.models import Seal
from receivables.audit.sealing import head


class Command(BaseCommand):
    """The chain of seals checked from the rows, and its heads printed so that they can be kept elsewhere."""

    help = "Check every seal; print each organization's newest as SLUG NUMBER HASH. Ends with 1 if one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--heads", action="store_true", help="only print the heads")
        parser.add_argument("--head", action="append", metavar="SLUG:NUMBER:HASH",
                            help="a head that was kept elsewhere; may be repeated")  # fmt: skip

    def handle(self, *, heads: bool, head: list[str] | None, **options: Any) -> None:
        missing = [kept for kept in head or () if not still_there(kept)]
        for kept in missing:
            self.stderr.write(f"The chain has no seal {kept} any more.")
        for line in head_lines():
            self.stdout.write(line)
        if not heads:
            call_command("audit_ledger", check=["O3"], stdout=self.stdout)
        if missing:
            raise SystemExit(1)


def head_lines() -> list[str]:
    """The newest seal of each organization."""
    found = ((organization, head(organization.pk)) for organization in Organization.objects.order_by("pk"))
    return [f"{organization.slug}:{number}:{newest.hex()}" for organization, (number, newest) in found]


def still_there(kept: str) -> bool:
    """Whether the chain has a head that was kept elsewhere. Raises `CommandError` if it can't be read."""
    slug, _colon, rest = kept.partition(":")
    number, _colon, text = rest.partition(":")
    if not number.isdigit():
        raise CommandError(f"{kept} is not SLUG:NUMBER:HASH, as this command prints it.")
    seal = Seal.objects.filter(organization__slug=slug, number=int(number)).first()
    return (seal is not None and bytes(seal.hash).hex() == text) or (number == "0" and not text)
