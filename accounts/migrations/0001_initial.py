import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import accounts.einvoicing
import accounts.formats
import accounts.models
import receivables.core.migrating
import receivables.core.registry


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="Organization",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("slug", models.SlugField(max_length=60, unique=True, verbose_name="short name")),
                        ("legal_name", models.CharField(blank=True, max_length=200, verbose_name="legal name")),
                        ("address_line_1", models.CharField(blank=True, max_length=120, verbose_name="address")),
                        (
                            "address_line_2",
                            models.CharField(blank=True, max_length=120, verbose_name="address, second line"),
                        ),
                        ("city", models.CharField(blank=True, max_length=80, verbose_name="city")),
                        ("region", models.CharField(blank=True, max_length=80, verbose_name="state or region")),
                        ("postal_code", models.CharField(blank=True, max_length=20, verbose_name="postal code")),
                        (
                            "country",
                            models.CharField(
                                blank=True,
                                help_text="Two letters, for example US.",
                                max_length=2,
                                validators=[accounts.einvoicing.validate_country],
                                verbose_name="country",
                            ),
                        ),
                        (
                            "tax_id",
                            models.CharField(
                                blank=True,
                                help_text="With the country in front if it is a VAT number, for example DE123456789.",
                                max_length=40,
                                verbose_name="tax number",
                            ),
                        ),
                        (
                            "registration_number",
                            models.CharField(
                                blank=True,
                                help_text="In the register of companies. Needed on e-invoices if there is no VAT number.",
                                max_length=40,
                                verbose_name="registration number",
                            ),
                        ),
                        (
                            "bank_account",
                            models.CharField(
                                blank=True,
                                help_text="Where customers pay to; it stands on every e-invoice.",
                                max_length=40,
                                validators=[accounts.einvoicing.validate_bank_account],
                                verbose_name="IBAN or account number",
                            ),
                        ),
                        (
                            "bic",
                            models.CharField(
                                blank=True,
                                max_length=14,
                                validators=[accounts.einvoicing.validate_bic],
                                verbose_name="BIC",
                            ),
                        ),
                        (
                            "bank_account_name",
                            models.CharField(blank=True, max_length=120, verbose_name="account holder"),
                        ),
                        (
                            "contact_name",
                            models.CharField(blank=True, max_length=120, verbose_name="contact for invoices"),
                        ),
                        ("contact_phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                        (
                            "contact_email",
                            models.EmailField(blank=True, max_length=254, verbose_name="e-mail for invoices"),
                        ),
                        (
                            "electronic_address",
                            models.CharField(
                                blank=True,
                                help_text="Where e-invoices for you would be sent, for example a GLN or an e-mail address.",
                                max_length=120,
                                verbose_name="electronic address",
                            ),
                        ),
                        (
                            "electronic_address_scheme",
                            models.CharField(
                                blank=True,
                                help_text="EM is an e-mail address, 0088 a GLN.",
                                max_length=4,
                                validators=[accounts.einvoicing.validate_address_scheme],
                                verbose_name="scheme of the electronic address",
                            ),
                        ),
                        (
                            "untaxed_category",
                            models.CharField(
                                choices=[("O", "Not subject to tax"), ("E", "Exempt from tax"), ("Z", "Taxed at 0 %")],
                                default="O",
                                help_text="Beside taxed lines, “not subject to tax” is written as exempt: EN 16931 never mixes the two.",
                                max_length=1,
                                verbose_name="lines without a tax code are",
                            ),
                        ),
                        (
                            "untaxed_reason",
                            models.CharField(
                                blank=True,
                                help_text="The sentence that your tax office wants to read. Empty: “Not subject to VAT”.",
                                max_length=200,
                                verbose_name="why they carry no tax",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                max_length=3,
                                validators=[django.core.validators.RegexValidator("\\A[A-Z]{3}\\Z")],
                                verbose_name="currency",
                            ),
                        ),
                        (
                            "decimal_mark",
                            models.CharField(
                                choices=[(".", "Point (.)"), (",", "Comma (,)"), ("٫", "Arabic decimal mark (٫)")],
                                default=".",
                                max_length=1,
                                verbose_name="decimal mark",
                            ),
                        ),
                        (
                            "group_mark",
                            models.CharField(
                                choices=[
                                    (",", "Comma (,)"),
                                    (".", "Point (.)"),
                                    ("\u202f", "Narrow space"),
                                    ("'", "Apostrophe (')"),
                                    ("٬", "Arabic group mark (٬)"),
                                ],
                                default=",",
                                max_length=1,
                                verbose_name="thousands mark",
                            ),
                        ),
                        (
                            "grouping",
                            models.CharField(
                                choices=[("3", "1,234,567"), ("indian", "12,34,567")],
                                default="3",
                                max_length=6,
                                verbose_name="grouping",
                            ),
                        ),
                        (
                            "digits",
                            models.CharField(
                                choices=[("latn", "Western (0123456789)"), ("arab", "Arabic (٠١٢٣٤٥٦٧٨٩)")],
                                default="latn",
                                max_length=4,
                                verbose_name="digits",
                            ),
                        ),
                        (
                            "date_format",
                            models.CharField(
                                choices=[
                                    ("Y-m-d", "2026-11-30"),
                                    ("d/m/Y", "30/11/2026"),
                                    ("m/d/Y", "11/30/2026"),
                                    ("d.m.Y", "30.11.2026"),
                                    ("j M Y", "30 Nov 2026"),
                                ],
                                default="j M Y",
                                max_length=8,
                                verbose_name="date format",
                            ),
                        ),
                        (
                            "timezone",
                            models.CharField(
                                default="UTC",
                                max_length=64,
                                validators=[accounts.formats.validate_timezone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                choices=[("en", "English"), ("es", "Español"), ("ar", "العربية")],
                                default="en",
                                max_length=5,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "days_mode",
                            models.CharField(
                                choices=[("calendar", "Calendar days"), ("work", "Work days")],
                                default="calendar",
                                max_length=8,
                                verbose_name="days are counted as",
                            ),
                        ),
                        (
                            "work_days",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveSmallIntegerField(),
                                default=accounts.formats.monday_to_friday,
                                help_text="Monday is 0, Sunday is 6.",
                                size=None,
                                verbose_name="work days",
                            ),
                        ),
                        (
                            "payment_distribution",
                            models.CharField(
                                choices=receivables.core.registry.distribution_choices,
                                default="priority",
                                help_text="How a payment is distributed over the debt of an account unless somebody directs it.",
                                max_length=20,
                                verbose_name="payments pay first",
                            ),
                        ),
                        (
                            "exchange_warn_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                default=7,
                                help_text="In days. Empty: never.",
                                null=True,
                                verbose_name="say so if an exchange rate is older than",
                            ),
                        ),
                        (
                            "exchange_refuse_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="In days. Empty: any that is known is used.",
                                null=True,
                                verbose_name="use no exchange rate that is older than",
                            ),
                        ),
                        (
                            "exchange_tolerance",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                default=10,
                                help_text="In per cent, of the rate before or of the table. Empty: never.",
                                max_digits=5,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="ask about exchange rates that differ by more than",
                            ),
                        ),
                        (
                            "pay_off_policy_granted",
                            models.BooleanField(default=False, verbose_name="Admins may manage the pay-off limit"),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        "verbose_name": "organization",
                        "verbose_name_plural": "organizations",
                        "constraints": [
                            models.UniqueConstraint(fields=("id", "currency"), name="organization_currency_key"),
                            models.CheckConstraint(
                                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="organization_currency_code"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("decimal_mark", models.F("group_mark")), _negated=True),
                                name="organization_marks_differ",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        ("email", models.EmailField(max_length=254, unique=True, verbose_name="email")),
                        ("full_name", models.CharField(max_length=150, verbose_name="full name")),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("is_platform_staff", models.BooleanField(default=False, verbose_name="platform staff")),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="joined"
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True,
                                choices=[("en", "English"), ("es", "Español"), ("ar", "العربية")],
                                max_length=5,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "timezone",
                            models.CharField(
                                blank=True,
                                max_length=64,
                                validators=[accounts.formats.validate_timezone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "number_style",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("point", "1,234.56"),
                                    ("comma", "1.234,56"),
                                    ("space", "1\u202f234,56"),
                                    ("apostrophe", "1'234.56"),
                                    ("indian", "12,34,567.89"),
                                    ("arabic", "١٬٢٣٤٫٥٦"),
                                ],
                                max_length=20,
                                verbose_name="number format",
                            ),
                        ),
                        (
                            "date_format",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("Y-m-d", "2026-11-30"),
                                    ("d/m/Y", "30/11/2026"),
                                    ("m/d/Y", "11/30/2026"),
                                    ("d.m.Y", "30.11.2026"),
                                    ("j M Y", "30 Nov 2026"),
                                ],
                                max_length=8,
                                verbose_name="date format",
                            ),
                        ),
                        (
                            "page_size",
                            models.PositiveSmallIntegerField(
                                choices=[(25, "25"), (50, "50"), (100, "100")], default=25, verbose_name="rows per page"
                            ),
                        ),
                        (
                            "theme",
                            models.CharField(
                                choices=[("auto", "Like the device"), ("light", "Light"), ("dark", "Dark")],
                                default="auto",
                                max_length=5,
                                verbose_name="theme",
                            ),
                        ),
                        ("shortcuts", models.BooleanField(default=True, verbose_name="keyboard shortcuts")),
                    ],
                    options={
                        "verbose_name": "user",
                        "verbose_name_plural": "users",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                                name="user_email_lower_case",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "organization",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="accounts.organization",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("admin", "Admin"),
                                    ("partner_admin", "Partner Admin"),
                                    ("operations_manager", "Operations Manager"),
                                    ("biller", "Biller"),
                                    ("collector", "Collector"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=20,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "granted",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64),
                                blank=True,
                                default=list,
                                size=None,
                                validators=[accounts.models.validate_permission_names],
                                verbose_name="granted besides",
                            ),
                        ),
                        (
                            "denied",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64),
                                blank=True,
                                default=list,
                                size=None,
                                validators=[accounts.models.validate_permission_names],
                                verbose_name="denied",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        "verbose_name": "member",
                        "verbose_name_plural": "members",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "organization"),
                                name="membership_once",
                                violation_error_message="This person is a member already.",
                            ),
                            models.UniqueConstraint(fields=("id", "organization"), name="membership_organization_key"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "role__in",
                                        [
                                            "admin",
                                            "partner_admin",
                                            "operations_manager",
                                            "biller",
                                            "collector",
                                            "auditor",
                                        ],
                                    )
                                ),
                                name="membership_known_role",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrganizationEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="accounts.organization",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("slug", models.SlugField(db_index=False, max_length=60, verbose_name="short name")),
                        ("legal_name", models.CharField(blank=True, max_length=200, verbose_name="legal name")),
                        ("address_line_1", models.CharField(blank=True, max_length=120, verbose_name="address")),
                        (
                            "address_line_2",
                            models.CharField(blank=True, max_length=120, verbose_name="address, second line"),
                        ),
                        ("city", models.CharField(blank=True, max_length=80, verbose_name="city")),
                        ("region", models.CharField(blank=True, max_length=80, verbose_name="state or region")),
                        ("postal_code", models.CharField(blank=True, max_length=20, verbose_name="postal code")),
                        (
                            "country",
                            models.CharField(
                                blank=True,
                                help_text="Two letters, for example US.",
                                max_length=2,
                                validators=[accounts.einvoicing.validate_country],
                                verbose_name="country",
                            ),
                        ),
                        (
                            "tax_id",
                            models.CharField(
                                blank=True,
                                help_text="With the country in front if it is a VAT number, for example DE123456789.",
                                max_length=40,
                                verbose_name="tax number",
                            ),
                        ),
                        (
                            "registration_number",
                            models.CharField(
                                blank=True,
                                help_text="In the register of companies. Needed on e-invoices if there is no VAT number.",
                                max_length=40,
                                verbose_name="registration number",
                            ),
                        ),
                        (
                            "bank_account",
                            models.CharField(
                                blank=True,
                                help_text="Where customers pay to; it stands on every e-invoice.",
                                max_length=40,
                                validators=[accounts.einvoicing.validate_bank_account],
                                verbose_name="IBAN or account number",
                            ),
                        ),
                        (
                            "bic",
                            models.CharField(
                                blank=True,
                                max_length=14,
                                validators=[accounts.einvoicing.validate_bic],
                                verbose_name="BIC",
                            ),
                        ),
                        (
                            "bank_account_name",
                            models.CharField(blank=True, max_length=120, verbose_name="account holder"),
                        ),
                        (
                            "contact_name",
                            models.CharField(blank=True, max_length=120, verbose_name="contact for invoices"),
                        ),
                        ("contact_phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                        (
                            "contact_email",
                            models.EmailField(blank=True, max_length=254, verbose_name="e-mail for invoices"),
                        ),
                        (
                            "electronic_address",
                            models.CharField(
                                blank=True,
                                help_text="Where e-invoices for you would be sent, for example a GLN or an e-mail address.",
                                max_length=120,
                                verbose_name="electronic address",
                            ),
                        ),
                        (
                            "electronic_address_scheme",
                            models.CharField(
                                blank=True,
                                help_text="EM is an e-mail address, 0088 a GLN.",
                                max_length=4,
                                validators=[accounts.einvoicing.validate_address_scheme],
                                verbose_name="scheme of the electronic address",
                            ),
                        ),
                        (
                            "untaxed_category",
                            models.CharField(
                                choices=[("O", "Not subject to tax"), ("E", "Exempt from tax"), ("Z", "Taxed at 0 %")],
                                default="O",
                                help_text="Beside taxed lines, “not subject to tax” is written as exempt: EN 16931 never mixes the two.",
                                max_length=1,
                                verbose_name="lines without a tax code are",
                            ),
                        ),
                        (
                            "untaxed_reason",
                            models.CharField(
                                blank=True,
                                help_text="The sentence that your tax office wants to read. Empty: “Not subject to VAT”.",
                                max_length=200,
                                verbose_name="why they carry no tax",
                            ),
                        ),
                        (
                            "currency",
                            models.CharField(
                                max_length=3,
                                validators=[django.core.validators.RegexValidator("\\A[A-Z]{3}\\Z")],
                                verbose_name="currency",
                            ),
                        ),
                        (
                            "decimal_mark",
                            models.CharField(
                                choices=[(".", "Point (.)"), (",", "Comma (,)"), ("٫", "Arabic decimal mark (٫)")],
                                default=".",
                                max_length=1,
                                verbose_name="decimal mark",
                            ),
                        ),
                        (
                            "group_mark",
                            models.CharField(
                                choices=[
                                    (",", "Comma (,)"),
                                    (".", "Point (.)"),
                                    ("\u202f", "Narrow space"),
                                    ("'", "Apostrophe (')"),
                                    ("٬", "Arabic group mark (٬)"),
                                ],
                                default=",",
                                max_length=1,
                                verbose_name="thousands mark",
                            ),
                        ),
                        (
                            "grouping",
                            models.CharField(
                                choices=[("3", "1,234,567"), ("indian", "12,34,567")],
                                default="3",
                                max_length=6,
                                verbose_name="grouping",
                            ),
                        ),
                        (
                            "digits",
                            models.CharField(
                                choices=[("latn", "Western (0123456789)"), ("arab", "Arabic (٠١٢٣٤٥٦٧٨٩)")],
                                default="latn",
                                max_length=4,
                                verbose_name="digits",
                            ),
                        ),
                        (
                            "date_format",
                            models.CharField(
                                choices=[
                                    ("Y-m-d", "2026-11-30"),
                                    ("d/m/Y", "30/11/2026"),
                                    ("m/d/Y", "11/30/2026"),
                                    ("d.m.Y", "30.11.2026"),
                                    ("j M Y", "30 Nov 2026"),
                                ],
                                default="j M Y",
                                max_length=8,
                                verbose_name="date format",
                            ),
                        ),
                        (
                            "timezone",
                            models.CharField(
                                default="UTC",
                                max_length=64,
                                validators=[accounts.formats.validate_timezone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                choices=[("en", "English"), ("es", "Español"), ("ar", "العربية")],
                                default="en",
                                max_length=5,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "days_mode",
                            models.CharField(
                                choices=[("calendar", "Calendar days"), ("work", "Work days")],
                                default="calendar",
                                max_length=8,
                                verbose_name="days are counted as",
                            ),
                        ),
                        (
                            "work_days",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveSmallIntegerField(),
                                default=accounts.formats.monday_to_friday,
                                help_text="Monday is 0, Sunday is 6.",
                                size=None,
                                verbose_name="work days",
                            ),
                        ),
                        (
                            "payment_distribution",
                            models.CharField(
                                choices=receivables.core.registry.distribution_choices,
                                default="priority",
                                help_text="How a payment is distributed over the debt of an account unless somebody directs it.",
                                max_length=20,
                                verbose_name="payments pay first",
                            ),
                        ),
                        (
                            "exchange_warn_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                default=7,
                                help_text="In days. Empty: never.",
                                null=True,
                                verbose_name="say so if an exchange rate is older than",
                            ),
                        ),
                        (
                            "exchange_refuse_days",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="In days. Empty: any that is known is used.",
                                null=True,
                                verbose_name="use no exchange rate that is older than",
                            ),
                        ),
                        (
                            "exchange_tolerance",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                default=10,
                                help_text="In per cent, of the rate before or of the table. Empty: never.",
                                max_digits=5,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="ask about exchange rates that differ by more than",
                            ),
                        ),
                        (
                            "pay_off_policy_granted",
                            models.BooleanField(default=False, verbose_name="Admins may manage the pay-off limit"),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="UserEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        ("email", models.EmailField(max_length=254, verbose_name="email")),
                        ("full_name", models.CharField(max_length=150, verbose_name="full name")),
                        ("is_active", models.BooleanField(default=True, verbose_name="active")),
                        ("is_platform_staff", models.BooleanField(default=False, verbose_name="platform staff")),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="joined"
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True,
                                choices=[("en", "English"), ("es", "Español"), ("ar", "العربية")],
                                max_length=5,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "timezone",
                            models.CharField(
                                blank=True,
                                max_length=64,
                                validators=[accounts.formats.validate_timezone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "number_style",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("point", "1,234.56"),
                                    ("comma", "1.234,56"),
                                    ("space", "1\u202f234,56"),
                                    ("apostrophe", "1'234.56"),
                                    ("indian", "12,34,567.89"),
                                    ("arabic", "١٬٢٣٤٫٥٦"),
                                ],
                                max_length=20,
                                verbose_name="number format",
                            ),
                        ),
                        (
                            "date_format",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("Y-m-d", "2026-11-30"),
                                    ("d/m/Y", "30/11/2026"),
                                    ("m/d/Y", "11/30/2026"),
                                    ("d.m.Y", "30.11.2026"),
                                    ("j M Y", "30 Nov 2026"),
                                ],
                                max_length=8,
                                verbose_name="date format",
                            ),
                        ),
                        (
                            "page_size",
                            models.PositiveSmallIntegerField(
                                choices=[(25, "25"), (50, "50"), (100, "100")], default=25, verbose_name="rows per page"
                            ),
                        ),
                        (
                            "theme",
                            models.CharField(
                                choices=[("auto", "Like the device"), ("light", "Light"), ("dark", "Dark")],
                                default="auto",
                                max_length=5,
                                verbose_name="theme",
                            ),
                        ),
                        ("shortcuts", models.BooleanField(default=True, verbose_name="keyboard shortcuts")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="MembershipEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "pgh_context",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="pghistory.context",
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        (
                            "organization",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="accounts.organization",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("admin", "Admin"),
                                    ("partner_admin", "Partner Admin"),
                                    ("operations_manager", "Operations Manager"),
                                    ("biller", "Biller"),
                                    ("collector", "Collector"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=20,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "granted",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64),
                                blank=True,
                                default=list,
                                size=None,
                                validators=[accounts.models.validate_permission_names],
                                verbose_name="granted besides",
                            ),
                        ),
                        (
                            "denied",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64),
                                blank=True,
                                default=list,
                                size=None,
                                validators=[accounts.models.validate_permission_names],
                                verbose_name="denied",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="UserSession",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("session_key", models.CharField(max_length=40, unique=True)),
                        (
                            "organization",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                            ),
                        ),
                        (
                            "membership",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                            ),
                        ),
                        (
                            "second_factor",
                            models.CharField(
                                choices=[("absent", "not set up"), ("pending", "not yet given"), ("given", "given")],
                                default="absent",
                                max_length=8,
                            ),
                        ),
                        ("ip", models.GenericIPAddressField(null=True, verbose_name="address")),
                        ("user_agent", models.CharField(blank=True, max_length=255, verbose_name="browser")),
                        ("created", models.DateTimeField(default=django.utils.timezone.now, verbose_name="signed in")),
                        (
                            "last_seen",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="last seen"),
                        ),
                    ],
                    options={
                        "verbose_name": "session",
                        "verbose_name_plural": "sessions",
                        "indexes": [models.Index(fields=["user", "-last_seen"], name="session_of_user")],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="organization",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "accounts_organizationevent" ("active", "address_line_1", "address_line_2", "bank_account", "bank_account_name", "bic", "city", "contact_email", "contact_name", "contact_phone", "country", "created_at", "currency", "date_format", "days_mode", "decimal_mark", "digits", "electronic_address", "electronic_address_scheme", "exchange_refuse_days", "exchange_tolerance", "exchange_warn_days", "group_mark", "grouping", "id", "language", "legal_name", "name", "pay_off_policy_granted", "payment_distribution", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "region", "registration_number", "slug", "tax_id", "timezone", "untaxed_category", "untaxed_reason", "work_days") VALUES (NEW."active", NEW."address_line_1", NEW."address_line_2", NEW."bank_account", NEW."bank_account_name", NEW."bic", NEW."city", NEW."contact_email", NEW."contact_name", NEW."contact_phone", NEW."country", NEW."created_at", NEW."currency", NEW."date_format", NEW."days_mode", NEW."decimal_mark", NEW."digits", NEW."electronic_address", NEW."electronic_address_scheme", NEW."exchange_refuse_days", NEW."exchange_tolerance", NEW."exchange_warn_days", NEW."group_mark", NEW."grouping", NEW."id", NEW."language", NEW."legal_name", NEW."name", NEW."pay_off_policy_granted", NEW."payment_distribution", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."postal_code", NEW."region", NEW."registration_number", NEW."slug", NEW."tax_id", NEW."timezone", NEW."untaxed_category", NEW."untaxed_reason", NEW."work_days"); RETURN NULL;',
                            hash="22d871377982b7189e9a927b9414c34ca7aa362b",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_6d17a",
                            table="accounts_organization",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="organization",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "accounts_organizationevent" ("active", "address_line_1", "address_line_2", "bank_account", "bank_account_name", "bic", "city", "contact_email", "contact_name", "contact_phone", "country", "created_at", "currency", "date_format", "days_mode", "decimal_mark", "digits", "electronic_address", "electronic_address_scheme", "exchange_refuse_days", "exchange_tolerance", "exchange_warn_days", "group_mark", "grouping", "id", "language", "legal_name", "name", "pay_off_policy_granted", "payment_distribution", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "region", "registration_number", "slug", "tax_id", "timezone", "untaxed_category", "untaxed_reason", "work_days") VALUES (NEW."active", NEW."address_line_1", NEW."address_line_2", NEW."bank_account", NEW."bank_account_name", NEW."bic", NEW."city", NEW."contact_email", NEW."contact_name", NEW."contact_phone", NEW."country", NEW."created_at", NEW."currency", NEW."date_format", NEW."days_mode", NEW."decimal_mark", NEW."digits", NEW."electronic_address", NEW."electronic_address_scheme", NEW."exchange_refuse_days", NEW."exchange_tolerance", NEW."exchange_warn_days", NEW."group_mark", NEW."grouping", NEW."id", NEW."language", NEW."legal_name", NEW."name", NEW."pay_off_policy_granted", NEW."payment_distribution", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."postal_code", NEW."region", NEW."registration_number", NEW."slug", NEW."tax_id", NEW."timezone", NEW."untaxed_category", NEW."untaxed_reason", NEW."work_days"); RETURN NULL;',
                            hash="e7cf25172fec840d8ca450387f69aa8c5777e2cb",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_df7c2",
                            table="accounts_organization",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="user",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "accounts_userevent" ("date_format", "date_joined", "email", "full_name", "id", "is_active", "is_platform_staff", "language", "number_style", "page_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "shortcuts", "theme", "timezone") VALUES (NEW."date_format", NEW."date_joined", NEW."email", NEW."full_name", NEW."id", NEW."is_active", NEW."is_platform_staff", NEW."language", NEW."number_style", NEW."page_size", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."shortcuts", NEW."theme", NEW."timezone"); RETURN NULL;',
                            hash="3e5cdd197c821c4e1d0a569ca2131bf93971b0f9",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_3867c",
                            table="accounts_user",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="user",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."date_format" IS DISTINCT FROM (NEW."date_format") OR OLD."date_joined" IS DISTINCT FROM (NEW."date_joined") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."full_name" IS DISTINCT FROM (NEW."full_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_platform_staff" IS DISTINCT FROM (NEW."is_platform_staff") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."number_style" IS DISTINCT FROM (NEW."number_style") OR OLD."page_size" IS DISTINCT FROM (NEW."page_size") OR OLD."shortcuts" IS DISTINCT FROM (NEW."shortcuts") OR OLD."theme" IS DISTINCT FROM (NEW."theme") OR OLD."timezone" IS DISTINCT FROM (NEW."timezone"))',
                            func='INSERT INTO "accounts_userevent" ("date_format", "date_joined", "email", "full_name", "id", "is_active", "is_platform_staff", "language", "number_style", "page_size", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "shortcuts", "theme", "timezone") VALUES (NEW."date_format", NEW."date_joined", NEW."email", NEW."full_name", NEW."id", NEW."is_active", NEW."is_platform_staff", NEW."language", NEW."number_style", NEW."page_size", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."shortcuts", NEW."theme", NEW."timezone"); RETURN NULL;',
                            hash="3e06af5dcdd3cfd4cd97a3ec0dd4e4df548c7b0b",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_0e890",
                            table="accounts_user",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="membership",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "accounts_membershipevent" ("active", "created_at", "denied", "granted", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."active", NEW."created_at", NEW."denied", NEW."granted", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                            hash="5f234ed4e4fd5f593273c8dc28b8b10cc00d0b8e",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_fc05a",
                            table="accounts_membership",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="membership",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "accounts_membershipevent" ("active", "created_at", "denied", "granted", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."active", NEW."created_at", NEW."denied", NEW."granted", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                            hash="aa336b745bfe14023a576077b0d87d6ef4931d84",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_20ab5",
                            table="accounts_membership",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="organizationevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="54b4f4ac465ee58914aa45dbd28aa68208d61f5d",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_88592",
                            table="accounts_organizationevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="userevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="9e9498e73f6fbdf2642fb33fa14189f1ad2382c8",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_45b21",
                            table="accounts_userevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="membershipevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="e1f05704110766345bef638c18be4307af995a77",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_9ee6c",
                            table="accounts_membershipevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
