"""The second factor: a time-based code from a phone, or one of ten recovery codes that work once each."""

import hashlib
import hmac
import secrets
from base64 import b32encode
from binascii import unhexlify

from django.conf import settings
from django.core import signing
from django.db import transaction
from django_otp import verify_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts.models import User
from accounts.roles import SECOND_FACTOR_ROLES

SETUP_MINUTES = 15
RECOVERY_CODES = 10
# Without letters and digits that look alike; 12 of them hold 58 bits, and each device slows guessing down.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_SALT = "accounts.second_factor"


def is_required(user: User, actor: object | None) -> bool:
    """Whether this person must sign in with a second factor: platform staff, Admins, Partner Admins, and everybody
    where the organization wants it (ASVS 6.3.3)."""
    if not getattr(settings, "REQUIRE_SECOND_FACTOR", True):
        return False
    if user.is_platform_staff or getattr(actor, "role", None) in SECOND_FACTOR_ROLES:
        return True
    organization = getattr(actor, "organization", None)
    return organization is not None and organization.second_factor_required


def has_second_factor(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def new_secret(user: User) -> str:
    """A fresh secret, signed for this person and a quarter of an hour: nothing is stored until a code proves it."""
    return signing.dumps({"user": user.pk, "key": random_hex(20)}, salt=_SALT)


def read_secret(user: User, signed: str) -> str | None:
    """The key in a signed secret, or None if it is old, changed or another person's."""
    try:
        content = signing.loads(signed, salt=_SALT, max_age=SETUP_MINUTES * 60)
    except signing.BadSignature:
        return None
    return str(content["key"]) if content["user"] == user.pk else None


def device_for(user: User, key: str) -> TOTPDevice:
    """The device, not yet saved, that this key would make."""
    return TOTPDevice(user=user, key=key, name="authenticator", confirmed=True)


def readable_key(key: str) -> str:
    """The key in the letters that authenticator apps accept by hand, in groups of four."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[index : index + 4] for index in range(0, len(text), 4))


def set_up(user: User, key: str, code: str) -> list[str] | None:
    """Switch the second factor on if the code proves the key; the recovery codes, or None for a wrong code.

    The code is remembered as used. Does nothing for somebody who has a second factor already.
    """
    device = device_for(user, key)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    if not totp.verify(int(code), device.tolerance):
        return None
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if has_second_factor(user):
            return None
        device.last_t, device.drift = totp.t(), totp.drift
        device.save()
        return new_recovery_codes(user)


def remove(user: User) -> None:
    """Switch the second factor off, recovery codes included."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes in place of all older ones. They are shown once: only their digests are kept."""
    codes = ["".join(secrets.choice(ALPHABET) for _letter in range(12)) for _code in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery")
        StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(user, code)) for code in codes)
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def verify(user: User, code: str) -> bool:
    """Whether this is the current code of the person's phone, or an unused recovery code, which it uses up.

    The device is locked while it is asked; after a wrong code it waits for twice as long as before, and a code
    that was accepted is never accepted again.
    """
    if code.isascii() and code.isdigit():
        device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    else:
        device = StaticDevice.objects.filter(user=user).first()
        code = _digest(user, code.replace("-", "").replace(" ", "").lower())
    return device is not None and verify_token(user, device.persistent_id, code) is not None


def _digest(user: User, code: str) -> str:
    secret = hashlib.sha256(f"{_SALT}:{settings.SECRET_KEY}".encode()).digest()
    return b32encode(hmac.digest(secret, f"{user.pk}:{code}".encode(), "sha256")).decode()[:16]
