import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("core", "0001_initial"),
        ("customers", "0001_initial"),
        ("ledger", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="CollectionAgency",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        ("code", models.CharField(max_length=32, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                        ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "collection agency",
                        "verbose_name_plural": "collection agencies",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "code"), name="agency_code_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProcessTemplate",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        ("code", models.CharField(max_length=32, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "write-off template",
                        "verbose_name_plural": "write-off templates",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "code"), name="process_template_code_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffControl",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "collection_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.collectionclass",
                                verbose_name="collection class",
                            ),
                        ),
                        (
                            "write_off_debt_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.writeoffdebtclass",
                                verbose_name="write-off debt class",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        (
                            "grace_days",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="How long after the final bill's due date nothing is done.",
                                verbose_name="days of grace",
                            ),
                        ),
                        (
                            "apply_money",
                            models.BooleanField(
                                default=True,
                                help_text="Money that the customer has with us pays debt first.",
                                verbose_name="apply money on account",
                            ),
                        ),
                        (
                            "write_down_below",
                            receivables.core.fields.MoneyField(
                                default=0,
                                help_text="Smaller debt is closed as a small difference. 0: never.",
                                verbose_name="write down debt below",
                            ),
                        ),
                        (
                            "write_up_below",
                            receivables.core.fields.MoneyField(
                                default=0,
                                help_text="Smaller credit is closed as a small difference. 0: never.",
                                verbose_name="write up credit below",
                            ),
                        ),
                        (
                            "difference_account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.glaccount",
                                verbose_name="account of small differences",
                            ),
                        ),
                        (
                            "refund_credit",
                            models.BooleanField(
                                default=False,
                                help_text="Money left on an account whose service has ended is given back, once somebody approves it.",
                                verbose_name="refund money on account",
                            ),
                        ),
                        (
                            "inactive_threshold",
                            receivables.core.fields.MoneyField(
                                default=0,
                                help_text="An agreement that owes no more than this leaves its process. 0: only when it closes.",
                                verbose_name="leave a process at",
                            ),
                        ),
                        (
                            "maximum",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="More than this is written off only when somebody approves it. Empty: no maximum.",
                                null=True,
                                verbose_name="maximum of an agreement",
                            ),
                        ),
                        (
                            "responsible",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                help_text="In whose name approval is asked for.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="responsible",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "write-off control",
                        "verbose_name_plural": "write-off controls",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organization", "collection_class", "write_off_debt_class", "currency"),
                                name="write_off_control_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("inactive_threshold__gte", 0),
                                    ("write_down_below__gte", 0),
                                    ("write_up_below__gte", 0),
                                    models.Q(("maximum__isnull", True), ("maximum__gte", 0), _connector="OR"),
                                ),
                                name="write_off_control_amounts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AutomatedRun",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "work",
                            models.CharField(
                                choices=[("monitor", "Monitor"), ("activator", "Activator")], max_length=10
                            ),
                        ),
                        ("day", models.DateField()),
                        ("daily", models.BooleanField(default=False)),
                        ("reviewed", models.PositiveIntegerField(default=0)),
                        (
                            "job",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.job",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "run of the automated write-off",
                        "verbose_name_plural": "runs of the automated write-off",
                        "indexes": [models.Index(fields=["organization", "-id"], name="automated_run_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("daily", True)),
                                fields=("organization", "work", "day"),
                                name="automated_run_daily_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CollectionAgencyEvent",
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
                                to="automated.collectionagency",
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
                                verbose_name="organization",
                            ),
                        ),
                        ("code", models.CharField(max_length=32, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                        ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ProcessTemplateEvent",
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
                                to="automated.processtemplate",
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
                                verbose_name="organization",
                            ),
                        ),
                        ("code", models.CharField(max_length=32, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffControlEvent",
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
                                to="automated.writeoffcontrol",
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
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "collection_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.collectionclass",
                                verbose_name="collection class",
                            ),
                        ),
                        (
                            "write_off_debt_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.writeoffdebtclass",
                                verbose_name="write-off debt class",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        (
                            "grace_days",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="How long after the final bill's due date nothing is done.",
                                verbose_name="days of grace",
                            ),
                        ),
                        (
                            "apply_money",
                            models.BooleanField(
                                default=True,
                                help_text="Money that the customer has with us pays debt first.",
                                verbose_name="apply money on account",
                            ),
                        ),
                        (
                            "write_down_below",
                            receivables.core.fields.MoneyField(
                                default=0,
                                help_text="Smaller debt is closed as a small difference. 0: never.",
                                verbose_name="write down debt below",
                            ),
                        ),
                        (
                            "write_up_below",
                            receivables.core.fields.MoneyField(
                                default=0,
                                help_text="Smaller credit is closed as a small difference. 0: never.",
                                verbose_name="write up credit below",
                            ),
                        ),
                        (
                            "difference_account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="ledger.glaccount",
                                verbose_name="account of small differences",
                            ),
                        ),
                        (
                            "refund_credit",
                            models.BooleanField(
                                default=False,
                                help_text="Money left on an account whose service has ended is given back, once somebody approves it.",
                                verbose_name="refund money on account",
                            ),
                        ),
                        (
                            "inactive_threshold",
                            receivables.core.fields.MoneyField(
                                default=0,
                                help_text="An agreement that owes no more than this leaves its process. 0: only when it closes.",
                                verbose_name="leave a process at",
                            ),
                        ),
                        (
                            "maximum",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="More than this is written off only when somebody approves it. Empty: no maximum.",
                                null=True,
                                verbose_name="maximum of an agreement",
                            ),
                        ),
                        (
                            "responsible",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="In whose name approval is asked for.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="responsible",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffCriterion",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "control",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="criteria",
                                to="automated.writeoffcontrol",
                                verbose_name="control",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                default=50,
                                help_text="The lowest number is tried first; the first one that is met wins.",
                                verbose_name="priority",
                            ),
                        ),
                        ("test", models.CharField(default="always", max_length=40, verbose_name="criterion")),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        (
                            "amount",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="For criteria about how much is owed.",
                                null=True,
                                verbose_name="amount",
                            ),
                        ),
                        (
                            "template",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="automated.processtemplate",
                                verbose_name="template",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "write-off criterion",
                        "verbose_name_plural": "write-off criteria",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("control", "priority"), name="write_off_criterion_priority_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffProcess",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_off_processes",
                                to="customers.account",
                            ),
                        ),
                        (
                            "control",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="automated.writeoffcontrol",
                            ),
                        ),
                        (
                            "template",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="automated.processtemplate",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("started_on", models.DateField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("active", "Active"), ("inactive", "Inactive")],
                                default="active",
                                max_length=10,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "ended_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("closed", "Its last agreement has left: nothing is owed on it any more"),
                                    ("completed", "Its last event is over"),
                                    ("cancelled", "Cancelled by hand"),
                                ],
                                default="",
                                max_length=12,
                            ),
                        ),
                        ("reason", models.TextField(blank=True, default="")),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "write-off process",
                        "verbose_name_plural": "write-off processes",
                        "indexes": [
                            models.Index(fields=["organization", "-id"], name="write_off_process_newest"),
                            models.Index(fields=["account", "-id"], name="write_off_process_account"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at__isnull", True), ("ended_because", ""), ("state", "active")),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        ("state", "inactive"),
                                        models.Q(("ended_because", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="write_off_process_ends_for_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="write_off_process_about_something"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Referral",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "process",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="automated.writeoffprocess",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="automated.collectionagency",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("referred_on", models.DateField()),
                        ("active", models.BooleanField(default=True)),
                        ("cancelled_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "referral",
                        "verbose_name_plural": "referrals",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("active", True)), fields=["agency"], name="referral_active"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("active", True), ("cancelled_at__isnull", True)),
                                    models.Q(("active", False), ("cancelled_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="referral_cancelled_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffCriterionEvent",
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
                                to="automated.writeoffcriterion",
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
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "control",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="automated.writeoffcontrol",
                                verbose_name="control",
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                default=50,
                                help_text="The lowest number is tried first; the first one that is met wins.",
                                verbose_name="priority",
                            ),
                        ),
                        ("test", models.CharField(default="always", max_length=40, verbose_name="criterion")),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        (
                            "amount",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="For criteria about how much is owed.",
                                null=True,
                                verbose_name="amount",
                            ),
                        ),
                        (
                            "template",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="automated.processtemplate",
                                verbose_name="template",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="collectionagency",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "automated_collectionagencyevent" ("active", "code", "email", "id", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone") VALUES (NEW."active", NEW."code", NEW."email", NEW."id", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone"); RETURN NULL;',
                            hash="0a1440ef30345e37ec5faa51d630a274bea3f444",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_a32a5",
                            table="automated_collectionagency",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="collectionagency",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "automated_collectionagencyevent" ("active", "code", "email", "id", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone") VALUES (NEW."active", NEW."code", NEW."email", NEW."id", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone"); RETURN NULL;',
                            hash="fac90a51023040bee670bd66b32d7e7664b5ba9a",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_4b207",
                            table="automated_collectionagency",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="processtemplate",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "automated_processtemplateevent" ("active", "code", "id", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."active", NEW."code", NEW."id", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                            hash="6c4ad6b8c83449fed05bf888c9b8be1043e5db6a",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_9419c",
                            table="automated_processtemplate",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="processtemplate",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "automated_processtemplateevent" ("active", "code", "id", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."active", NEW."code", NEW."id", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                            hash="dbcb3965dadfb14ef6531a2abc3d99e243f2b471",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_eeab5",
                            table="automated_processtemplate",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffcontrol",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "automated_writeoffcontrolevent" ("active", "apply_money", "collection_class_id", "currency", "difference_account_id", "grace_days", "id", "inactive_threshold", "maximum", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refund_credit", "responsible_id", "write_down_below", "write_off_debt_class_id", "write_up_below") VALUES (NEW."active", NEW."apply_money", NEW."collection_class_id", NEW."currency", NEW."difference_account_id", NEW."grace_days", NEW."id", NEW."inactive_threshold", NEW."maximum", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."refund_credit", NEW."responsible_id", NEW."write_down_below", NEW."write_off_debt_class_id", NEW."write_up_below"); RETURN NULL;',
                            hash="0a1522d5926a06d625adffa862da601c3b8d7513",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_dd23f",
                            table="automated_writeoffcontrol",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffcontrol",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "automated_writeoffcontrolevent" ("active", "apply_money", "collection_class_id", "currency", "difference_account_id", "grace_days", "id", "inactive_threshold", "maximum", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refund_credit", "responsible_id", "write_down_below", "write_off_debt_class_id", "write_up_below") VALUES (NEW."active", NEW."apply_money", NEW."collection_class_id", NEW."currency", NEW."difference_account_id", NEW."grace_days", NEW."id", NEW."inactive_threshold", NEW."maximum", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."refund_credit", NEW."responsible_id", NEW."write_down_below", NEW."write_off_debt_class_id", NEW."write_up_below"); RETURN NULL;',
                            hash="3d20b7c0c4bea63e3ef8d405299adeb06af60343",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_56e98",
                            table="automated_writeoffcontrol",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="collectionagencyevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="9c2d32289219a5095397b9d78d1314bbfdf33986",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_21c6b",
                            table="automated_collectionagencyevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="processtemplateevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="2b44228033524e78ae515109995063dfdbc08ede",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_841d1",
                            table="automated_processtemplateevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffcontrolevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="b35f74ccf8b8acf2424814dfc9069e9e4d0bba29",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_8bb7a",
                            table="automated_writeoffcontrolevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffcriterion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "automated_writeoffcriterionevent" ("active", "amount", "control_id", "currency", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "template_id", "test") VALUES (NEW."active", NEW."amount", NEW."control_id", NEW."currency", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."priority", NEW."template_id", NEW."test"); RETURN NULL;',
                            hash="0cf373cbb56511a11aa682fd9e3e10c7d0f85db3",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_a5bf8",
                            table="automated_writeoffcriterion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffcriterion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "automated_writeoffcriterionevent" ("active", "amount", "control_id", "currency", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "template_id", "test") VALUES (NEW."active", NEW."amount", NEW."control_id", NEW."currency", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."priority", NEW."template_id", NEW."test"); RETURN NULL;',
                            hash="f3c3117128d5ac2cd72d25523aa692da73550003",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_2a712",
                            table="automated_writeoffcriterion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffcriterionevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="2d64639393b1b99cc7c04a3173099d8d283c71c6",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_d699c",
                            table="automated_writeoffcriterionevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
