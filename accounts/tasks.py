"""Mail about sign-in, sent in the background: no answer is slower because an account exists."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import User


@app.task(name="accounts.send_password_mail", queue="mail", priority=10)  # before the invoices of a bulk
def send_password_mail(*, email: str, domain: str, https: bool) -> None:
    """Mail a link to set the password, if an active person has this email; else do nothing."""
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language or settings.LANGUAGE_CODE):
        context = {
            "user": user,
            "site": f"{'https' if https else 'http'}://{domain}",
            "uid": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
        }
        subject = render_to_string("accounts/password_mail_subject.txt", context)
        body = render_to_string("accounts/password_mail.txt", context)
        send_mail(" ".join(subject.split()), body, None, [user.email])


def invite(user: User, *, domain: str, https: bool) -> None:
    """Mail somebody who has no password yet how to set one; everybody else signs in as before."""
    if not user.has_usable_password():
        ask_for_password_mail(user.email, domain=domain, https=https)


def ask_for_password_mail(email: str, *, domain: str, https: bool) -> None:
    """Queue the mail. While one waits for this address, a second request adds none."""
    address = email.strip().lower()
    waiting = send_password_mail.configure(queueing_lock=f"password mail {address}")
    try:
        with transaction.atomic():
            waiting.defer(email=address, domain=domain, https=https)
    except AlreadyEnqueued:
        return
