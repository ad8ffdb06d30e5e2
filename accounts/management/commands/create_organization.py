from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User
from accounts.organizations import Installer, create_organization
from receivables.core.errors import Refused


class Command(BaseCommand):
    """The first organization of an installation, or any further one, from the command line."""

    help = "Create an organization with its books and its first Admin, and print the link that sets their password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", required=True, help="short name: small letters, digits, hyphens; never changes")
        parser.add_argument("--currency", required=True, help="three letters, for example USD; never changes")
        parser.add_argument("--admin-email", required=True)
        parser.add_argument("--admin-name", required=True)
        parser.add_argument("--country", default="")
        parser.add_argument("--timezone", default="UTC")
        parser.add_argument("--language", default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("name", "slug", "currency", "admin_email", "admin_name", "country", "timezone", "language")
        try:
            organization = create_organization(actor=Installer(), **{name: options[name] for name in names})
        except ValidationError as error:
            wrong = [f"{field}: {' '.join(words)}" for field, words in error.message_dict.items()]
            raise CommandError("; ".join(wrong)) from error
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(self.style.SUCCESS(f"{organization} is ready."))
        user = User.objects.get(email=options["admin_email"].strip().lower())
        if not user.has_usable_password():
            minutes = settings.PASSWORD_RESET_TIMEOUT // 60
            self.stdout.write(f"{user.email} sets a password within {minutes} minutes at {password_path(user)}")


def password_path(user: User) -> str:
    """The path of the page on which this person sets a password, once."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password_reset_confirm", args=[key, default_token_generator.make_token(user)])
