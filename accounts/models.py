"""Organizations, the people in them, and their sessions."""

from functools import cached_property
from typing import Any

import pghistory
from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts import einvoicing, formats
from accounts.grants import USER_COLUMNS
from accounts.managers import UserManager
from accounts.roles import PLATFORM_STAFF_NAME, PLATFORM_VERBS, Role, effective_verbs, grantable_names
from receivables.core.money import NumberFormat
from receivables.core.registry import distribution_choices


@pghistory.track()
class Organization(models.Model):
    """A company that keeps its receivables here. Its currency is fixed once it exists: every balance is in it."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    address_line_1 = models.CharField(_("address"), max_length=120, blank=True)
    address_line_2 = models.CharField(_("address, second line"), max_length=120, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    region = models.CharField(_("state or region"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(
        _("country"), max_length=2, blank=True, validators=[einvoicing.validate_country],
        help_text=_("Two letters, for example US."),
    )  # fmt: skip
    tax_id = models.CharField(
        _("tax number"), max_length=40, blank=True,
        help_text=_("With the country in front if it is a VAT number, for example DE123456789."),
    )  # fmt: skip
    registration_number = models.CharField(
        _("registration number"), max_length=40, blank=True,
        help_text=_("In the register of companies. Needed on e-invoices if there is no VAT number."),
    )  # fmt: skip
    bank_account = models.CharField(
        _("IBAN or account number"), max_length=40, blank=True, validators=[einvoicing.validate_bank_account],
        help_text=_("Where customers pay to; it stands on every e-invoice."),
    )  # fmt: skip
    bic = models.CharField(_("BIC"), max_length=14, blank=True, validators=[einvoicing.validate_bic])
    bank_account_name = models.CharField(_("account holder"), max_length=120, blank=True)
    contact_name = models.CharField(_("contact for invoices"), max_length=120, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail for invoices"), blank=True)
    electronic_address = models.CharField(
        _("electronic address"), max_length=120, blank=True,
        help_text=_("Where e-invoices for you would be sent, for example a GLN or an e-mail address."),
    )  # fmt: skip
    electronic_address_scheme = models.CharField(
        _("scheme of the electronic address"), max_length=4, blank=True,
        validators=[einvoicing.validate_address_scheme], help_text=_("EM is an e-mail address, 0088 a GLN."),
    )  # fmt: skip
    untaxed_category = models.CharField(
        _("lines without a tax code are"), max_length=1, choices=einvoicing.Untaxed,
        default=einvoicing.Untaxed.OUTSIDE,
        help_text=_("Beside taxed lines, “not subject to tax” is written as exempt: EN 16931 never mixes the two."),
    )  # fmt: skip
    untaxed_reason = models.CharField(
        _("why they carry no tax"), max_length=200, blank=True,
        help_text=_("The sentence that your tax office wants to read. Empty: “Not subject to VAT”."),
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, validators=[RegexValidator(r"\A[A-Z]{3}\Z")])
    decimal_mark = models.CharField(
        _("decimal mark"), max_length=1, choices=formats.DecimalMark, default=formats.DecimalMark.POINT
    )
    group_mark = models.CharField(
        _("thousands mark"), max_length=1, choices=formats.GroupMark, default=formats.GroupMark.COMMA
    )
    grouping = models.CharField(_("grouping"), max_length=6, choices=formats.Grouping, default=formats.Grouping.THREES)
    digits = models.CharField(_("digits"), max_length=4, choices=formats.Digits, default=formats.Digits.LATIN)
    date_format = models.CharField(
        _("date format"), max_length=8, choices=formats.DateFormat, default=formats.DateFormat.WORDS
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[formats.validate_timezone])
    language = models.CharField(_("language"), max_length=5, choices=formats.Language, default=formats.Language.ENGLISH)
    days_mode = models.CharField(
        _("days are counted as"), max_length=8, choices=formats.DaysMode, default=formats.DaysMode.CALENDAR
    )
    work_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("work days"), default=formats.monday_to_friday,
        help_text=_("Monday is 0, Sunday is 6."),
    )  # fmt: skip
    payment_distribution = models.CharField(
        _("payments pay first"), max_length=20, choices=distribution_choices, default="priority",
        help_text=_("How a payment is distributed over the debt of an account unless somebody directs it."),
    )  # fmt: skip
    exchange_warn_days = models.PositiveSmallIntegerField(
        _("say so if an exchange rate is older than"), null=True, blank=True, default=7,
        help_text=_("In days. Empty: never."),
    )  # fmt: skip
    exchange_refuse_days = models.PositiveSmallIntegerField(
        _("use no exchange rate that is older than"), null=True, blank=True,
        help_text=_("In days. Empty: any that is known is used."),
    )  # fmt: skip
    exchange_tolerance = models.DecimalField(
        _("ask about exchange rates that differ by more than"), max_digits=5, decimal_places=2, null=True, blank=True,
        default=10, validators=[MinValueValidator(0)],
        help_text=_("In per cent, of the rate before or of the table. Empty: never."),
    )  # fmt: skip
    second_factor_required = models.BooleanField(
        _("everybody signs in with a second factor"), default=False,
        help_text=_("Admins always do. Whoever has none sets it up at the next page."),
    )  # fmt: skip
    pay_off_policy_granted = models.BooleanField(_("Admins may manage the pay-off limit"), default=False)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        constraints = [
            # What others refer to when their rows must be in the organization's own currency.
            models.UniqueConstraint(fields=["id", "currency"], name="organization_currency_key"),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="organization_currency_code"
            ),
            models.CheckConstraint(
                condition=~models.Q(decimal_mark=models.F("group_mark")), name="organization_marks_differ"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def number_format(self) -> NumberFormat:
        """How the organization writes numbers."""
        return NumberFormat.of(self)

    def clean(self) -> None:
        if self.decimal_mark == self.group_mark:
            raise ValidationError({"group_mark": _("The decimal mark and the thousands mark must differ.")})
        if not self.work_days or any(day > 6 for day in self.work_days):
            raise ValidationError({"work_days": _("Name the days worked, from 0 (Monday) to 6 (Sunday).")})
        problem = einvoicing.electronic_address_problem(self.electronic_address, self.electronic_address_scheme)
        if problem:
            raise ValidationError(problem)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser):
    """A person who signs in. What they may do comes from their membership in the active organization only."""

    email = models.EmailField(_("email"), unique=True)
    full_name = models.CharField(_("full name"), max_length=150)
    is_active = models.BooleanField(_("active"), default=True)
    is_platform_staff = models.BooleanField(_("platform staff"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=now, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=formats.Language, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[formats.validate_timezone])
    number_style = models.CharField(_("number format"), max_length=20, choices=formats.NumberStyle, blank=True)
    date_format = models.CharField(_("date format"), max_length=8, choices=formats.DateFormat, blank=True)
    page_size = models.PositiveSmallIntegerField(
        _("rows per page"), choices=formats.PageSize, default=formats.PageSize.SMALL
    )
    theme = models.CharField(_("theme"), max_length=5, choices=formats.Theme, default=formats.Theme.AUTO)
    shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    # Django's superuser would pass every check by itself; here nobody does.
    is_superuser = False
    # The membership (or platform actor) of the running request, set by the middleware.
    active_actor: Any = None

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Django's own password forms save whole rows; only what may change is written."""
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = USER_COLUMNS
        super().save(*args, **kwargs)

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin shows itself; each page of it asks for its own permission."""
        return self.is_active and self.active_actor is not None

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.partition(" ")[0] or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether the active membership gives this verb; without an active membership nothing is allowed."""
        backends = (backend for backend in get_backends() if hasattr(backend, "has_perm"))
        return any(backend.has_perm(self, perm, obj) for backend in backends)

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        backends = (backend for backend in get_backends() if hasattr(backend, "has_module_perms"))
        return any(backend.has_module_perms(self, app_label) for backend in backends)


def validate_permission_names(names: list[str]) -> None:
    """Raise ValidationError for a name that is not in the table of roles, or that no single person is given."""
    unknown = sorted(set(names) - grantable_names())
    if unknown:
        raise ValidationError(_("Not a permission: %(names)s."), params={"names": ", ".join(unknown)})


@pghistory.track()
class Membership(models.Model):
    """A person in an organization: their role there, and what is granted or denied on top of it.

    It is the actor of every operation.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    granted = ArrayField(
        models.CharField(max_length=64), verbose_name=_("granted besides"), default=list, blank=True,
        validators=[validate_permission_names],
    )  # fmt: skip
    denied = ArrayField(
        models.CharField(max_length=64), verbose_name=_("denied"), default=list, blank=True,
        validators=[validate_permission_names],
    )  # fmt: skip
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization"], name="membership_once",
                violation_error_message=_("This person is a member already."),
            ),
            models.UniqueConstraint(fields=["id", "organization"], name="membership_organization_key"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_known_role"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def name(self) -> str:
        """The name under which events remember the person."""
        return str(self.user)

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Everything this member may do, as read with the row."""
        return effective_verbs(
            self.role, self.granted, self.denied,
            pay_off_policy_granted=self.organization.pay_off_policy_granted,
        )  # fmt: skip

    def can(self, verb: str) -> bool:
        return self.active and self.organization.active and self.user.is_active and verb in self.verbs


class PlatformActor:
    """A member of the platform's staff looking into one organization: sees, manages people, never posts."""

    role = "platform_staff"
    verbs = PLATFORM_VERBS
    pk = None

    def __init__(self, user: User, organization: Organization) -> None:
        self.user = user
        self.organization = organization

    def __str__(self) -> str:
        return f"{self.user} ({PLATFORM_STAFF_NAME})"

    @property
    def organization_id(self) -> int:
        return int(self.organization.pk)

    @property
    def name(self) -> str:
        return str(self.user)

    def get_role_display(self) -> str:
        return str(PLATFORM_STAFF_NAME)

    def can(self, verb: str) -> bool:
        return self.user.is_active and self.user.is_platform_staff and verb in self.verbs


class UserSession(models.Model):
    """A signed-in browser: who, from where, in which organization. Without its row a session is over."""

    class SecondFactor(models.TextChoices):
        ABSENT = "absent", _("not set up")
        PENDING = "pending", _("not yet given")
        GIVEN = "given", _("given")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True)
    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    second_factor = models.CharField(max_length=8, choices=SecondFactor, default=SecondFactor.ABSENT)
    ip = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=255, blank=True)
    created = models.DateTimeField(_("signed in"), default=now)
    last_seen = models.DateTimeField(_("last seen"), default=now)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [models.Index(fields=["user", "-last_seen"], name="session_of_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.ip or ''}".strip()
