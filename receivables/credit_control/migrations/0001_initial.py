import django.contrib.postgres.fields
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
        ("billing", "0001_initial"),
        ("core", "0001_initial"),
        ("customers", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="CollectionCriterion",
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
                            "debt_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.debtclass",
                                verbose_name="debt class",
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
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        (
                            "minimum_amount",
                            receivables.core.fields.MoneyField(
                                help_text="How much must be overdue that long before anybody is chased.",
                                verbose_name="at least",
                            ),
                        ),
                        (
                            "minimum_age",
                            models.PositiveSmallIntegerField(
                                default=1,
                                help_text="Only what is overdue for at least so many days is counted.",
                                verbose_name="days overdue",
                            ),
                        ),
                        (
                            "step",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "First reminder"), (2, "Second reminder"), (3, "Final demand")],
                                default=1,
                                verbose_name="step",
                            ),
                        ),
                        (
                            "late_fee",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="Charged once when a process reaches this step; the next billing run bills it. Empty: none.",
                                null=True,
                                verbose_name="late fee",
                            ),
                        ),
                        (
                            "late_fee_type",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.accessorialtype",
                                verbose_name="charged as",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "collection criterion",
                        "verbose_name_plural": "collection criteria",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organization", "collection_class", "debt_class", "currency", "priority"),
                                name="criterion_priority_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minimum_amount__gt", 0)), name="criterion_amount_above_zero"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minimum_age__gte", 1)), name="criterion_is_about_overdue_debt"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("late_fee__isnull", True), ("late_fee_type__isnull", True)),
                                    models.Q(("late_fee__gt", 0), ("late_fee_type__isnull", False)),
                                    _connector="OR",
                                ),
                                name="criterion_fee_names_its_charge",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CollectionProcess",
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
                                related_name="collection_processes",
                                to="customers.account",
                            ),
                        ),
                        (
                            "debt_class",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.debtclass",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        (
                            "step",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "First reminder"), (2, "Second reminder"), (3, "Final demand")]
                            ),
                        ),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("oldest_due", models.DateField()),
                        ("started_on", models.DateField()),
                        ("raised_on", models.DateField()),
                        ("ended_on", models.DateField(null=True)),
                        (
                            "ended_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("paid", "Nothing is overdue any more"),
                                    ("below", "What is overdue is too little or too new"),
                                    ("disputed", "All that is overdue is disputed"),
                                    ("immune", "The debt class is not subject to collection any more"),
                                    ("no_criteria", "No criteria apply any more"),
                                ],
                                default="",
                                max_length=12,
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "collection process",
                        "verbose_name_plural": "collection processes",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_on__isnull", True)),
                                fields=["organization", "-step", "-id"],
                                name="collection_process_active",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on__isnull", True)),
                                fields=("account", "debt_class", "currency"),
                                name="collection_process_one_at_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_because", ""), ("ended_on__isnull", True)),
                                    models.Q(
                                        ("ended_on__isnull", False), models.Q(("ended_because", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="collection_process_ends_for_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="collection_process_about_something"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MonitorRun",
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
                        "verbose_name": "run of the debt monitor",
                        "verbose_name_plural": "runs of the debt monitor",
                        "indexes": [models.Index(fields=["organization", "-id"], name="monitor_run_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("daily", True)),
                                fields=("organization", "day"),
                                name="monitor_run_daily_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CollectionCriterionEvent",
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
                                to="credit_control.collectioncriterion",
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
                            "debt_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.debtclass",
                                verbose_name="debt class",
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
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        (
                            "minimum_amount",
                            receivables.core.fields.MoneyField(
                                help_text="How much must be overdue that long before anybody is chased.",
                                verbose_name="at least",
                            ),
                        ),
                        (
                            "minimum_age",
                            models.PositiveSmallIntegerField(
                                default=1,
                                help_text="Only what is overdue for at least so many days is counted.",
                                verbose_name="days overdue",
                            ),
                        ),
                        (
                            "step",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "First reminder"), (2, "Second reminder"), (3, "Final demand")],
                                default=1,
                                verbose_name="step",
                            ),
                        ),
                        (
                            "late_fee",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="Charged once when a process reaches this step; the next billing run bills it. Empty: none.",
                                null=True,
                                verbose_name="late fee",
                            ),
                        ),
                        (
                            "late_fee_type",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="billing.accessorialtype",
                                verbose_name="charged as",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="MonitorResult",
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
                            "run",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="results",
                                to="credit_control.monitorrun",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.account",
                            ),
                        ),
                        (
                            "debt_class",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.debtclass",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("started", "Started"),
                                    ("raised", "Raised"),
                                    ("going_on", "Going on"),
                                    ("ended", "Ended"),
                                    ("skipped", "Left alone"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("code", models.CharField(blank=True, default="", max_length=20)),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("days", models.PositiveIntegerField(default=0)),
                        (
                            "step",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "First reminder"), (2, "Second reminder"), (3, "Final demand")], null=True
                            ),
                        ),
                        (
                            "process",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="results",
                                to="credit_control.collectionprocess",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "result of the debt monitor",
                        "verbose_name_plural": "results of the debt monitor",
                        "indexes": [models.Index(fields=["run", "outcome", "id"], name="monitor_result_outcome")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "account", "debt_class", "currency"), name="monitor_result_once_per_run"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("outcome__in", ["ended", "skipped"]), models.Q(("code", ""), _negated=True)
                                    ),
                                    models.Q(
                                        ("code", ""),
                                        ("outcome__in", ["started", "raised", "going_on"]),
                                        ("process__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="monitor_result_says_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reminder",
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
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="credit_control.collectionprocess",
                            ),
                        ),
                        (
                            "step",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "First reminder"), (2, "Second reminder"), (3, "Final demand")]
                            ),
                        ),
                        ("day", models.DateField()),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("less", receivables.core.fields.MoneyField(default=0)),
                        ("rows", models.JSONField(default=list)),
                        (
                            "method",
                            models.CharField(choices=[("email", "E-mail"), ("post", "Print and post")], max_length=8),
                        ),
                        (
                            "to",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=254),
                                blank=True,
                                db_column="mail_to",
                                default=list,
                                size=None,
                            ),
                        ),
                        ("subject", models.CharField(max_length=200)),
                        ("body", models.TextField(max_length=5000)),
                        ("language", models.CharField(max_length=5)),
                        ("sender_name", models.CharField(blank=True, default="", max_length=150)),
                        ("reply_to", models.EmailField(blank=True, default="", max_length=254)),
                        ("message_id", models.CharField(max_length=120, unique=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("sending", "Sending"),
                                    ("sent", "Sent"),
                                    ("failed", "Failed"),
                                    ("uncertain", "Uncertain"),
                                ],
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("error", models.TextField(blank=True, default="")),
                        ("sent_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "reminder",
                        "verbose_name_plural": "reminders",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["waiting", "sending"])),
                                fields=("process",),
                                name="reminder_one_at_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="reminder_asks_for_something"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                                    models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                                    _connector="OR",
                                ),
                                name="reminder_sent_has_its_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("method", "email"), _negated=True),
                                    models.Q(("to", []), _negated=True),
                                    _connector="OR",
                                ),
                                name="reminder_mail_has_a_recipient",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("subject__regex", "[\\x01-\\x1f\\x7f]"), _negated=True),
                                    models.Q(("sender_name__regex", "[\\x01-\\x1f\\x7f]"), _negated=True),
                                ),
                                name="reminder_headers_in_one_line",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="collectioncriterion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "credit_control_collectioncriterionevent" ("active", "collection_class_id", "currency", "debt_class_id", "id", "late_fee", "late_fee_type_id", "minimum_age", "minimum_amount", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "step") VALUES (NEW."active", NEW."collection_class_id", NEW."currency", NEW."debt_class_id", NEW."id", NEW."late_fee", NEW."late_fee_type_id", NEW."minimum_age", NEW."minimum_amount", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."priority", NEW."step"); RETURN NULL;',
                            hash="00df4e143636215eec1a27c2e9202a45560b516e",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_70b04",
                            table="credit_control_collectioncriterion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="collectioncriterion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "credit_control_collectioncriterionevent" ("active", "collection_class_id", "currency", "debt_class_id", "id", "late_fee", "late_fee_type_id", "minimum_age", "minimum_amount", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "step") VALUES (NEW."active", NEW."collection_class_id", NEW."currency", NEW."debt_class_id", NEW."id", NEW."late_fee", NEW."late_fee_type_id", NEW."minimum_age", NEW."minimum_amount", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."priority", NEW."step"); RETURN NULL;',
                            hash="567a65988ede9c4ba7aeae4bda222f8f74475052",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_045fa",
                            table="credit_control_collectioncriterion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="collectioncriterionevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="26616a8c56bf7b5d241b37883e7bc0d685f39b27",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_38be6",
                            table="credit_control_collectioncriterionevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
