"""Limits of single reasons, steps of several decisions, and every decision on its own."""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_einvoicing"),
        ("approvals", "0004_history"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovalDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField(verbose_name="level")),
                (
                    "verdict",
                    models.CharField(
                        choices=[("approved", "Approved"), ("rejected", "Rejected")],
                        max_length=12,
                        verbose_name="decision",
                    ),
                ),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
            },
        ),
        migrations.CreateModel(
            name="ApprovalStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bad_debt", "Bad debt"),
                            ("price_concession", "Price concession"),
                            ("write_off", "Write-off"),
                            ("refund", "Refund"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                ("amount_from", receivables.core.fields.MoneyField(verbose_name="from amount")),
                ("decisions", models.PositiveSmallIntegerField(verbose_name="decisions")),
            ],
            options={
                "verbose_name": "approval step",
                "verbose_name_plural": "approval steps",
            },
        ),
        migrations.CreateModel(
            name="ApprovalStepEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bad_debt", "Bad debt"),
                            ("price_concession", "Price concession"),
                            ("write_off", "Write-off"),
                            ("refund", "Refund"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                ("amount_from", receivables.core.fields.MoneyField(verbose_name="from amount")),
                ("decisions", models.PositiveSmallIntegerField(verbose_name="decisions")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="authoritylimit",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="authoritylimit",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="authoritylimit",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="authoritylimit",
            name="authority_role_once",
        ),
        migrations.RemoveConstraint(
            model_name="authoritylimit",
            name="authority_person_once",
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="levels",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="permission",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="reason_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="authoritylimit",
            name="reason_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=64, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="authoritylimitevent",
            name="reason_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=64, verbose_name="reason"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="authoritylimit",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "approvals_authoritylimitevent" ("currency", "id", "kind", "maximum", "membership_id", "minimum", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_key", "role") VALUES (NEW."currency", NEW."id", NEW."kind", NEW."maximum", NEW."membership_id", NEW."minimum", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason_key", NEW."role"); RETURN NULL;',
                    hash="2d40b4521e1a6a4f6462f79d03802dad8d818e98",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_72a6f",
                    table="approvals_authoritylimit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="authoritylimit",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "approvals_authoritylimitevent" ("currency", "id", "kind", "maximum", "membership_id", "minimum", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_key", "role") VALUES (NEW."currency", NEW."id", NEW."kind", NEW."maximum", NEW."membership_id", NEW."minimum", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason_key", NEW."role"); RETURN NULL;',
                    hash="266fc52762a1f62342ec870237854a63607435f4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f18c8",
                    table="approvals_authoritylimit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="authoritylimit",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "approvals_authoritylimitevent" ("currency", "id", "kind", "maximum", "membership_id", "minimum", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_key", "role") VALUES (OLD."currency", OLD."id", OLD."kind", OLD."maximum", OLD."membership_id", OLD."minimum", OLD."organization_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason_key", OLD."role"); RETURN NULL;',
                    hash="7ccd06b8215184ea5a6b32c1913d28d9a6f1f140",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_125c9",
                    table="approvals_authoritylimit",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("levels__gte", 1), ("levels__lte", 5)), name="approval_levels_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="authoritylimit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("membership__isnull", True)),
                fields=("organization", "role", "kind", "reason_key", "currency"),
                name="authority_role_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="authoritylimit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("membership__isnull", False)),
                fields=("membership", "kind", "reason_key", "currency"),
                name="authority_person_once",
            ),
        ),
        migrations.AddField(
            model_name="approvaldecision",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="approvaldecision",
            name="on_behalf_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="approvaldecision",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
                verbose_name="organization",
            ),
        ),
        migrations.AddField(
            model_name="approvaldecision",
            name="request",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="approvals.approvalrequest",
            ),
        ),
        migrations.AddField(
            model_name="approvalstep",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organization",
                verbose_name="organization",
            ),
        ),
        migrations.AddField(
            model_name="approvalstepevent",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.organization",
                verbose_name="organization",
            ),
        ),
        migrations.AddField(
            model_name="approvalstepevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="approvalstepevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="approvals.approvalstep",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvaldecision",
            constraint=models.UniqueConstraint(fields=("request", "level"), name="approval_level_decided_once"),
        ),
        migrations.AddConstraint(
            model_name="approvaldecision",
            constraint=models.UniqueConstraint(fields=("request", "decided_by"), name="approval_person_decides_once"),
        ),
        migrations.AddConstraint(
            model_name="approvaldecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("on_behalf_of__isnull", True),
                    models.Q(("on_behalf_of", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="approval_on_behalf_of_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalstep",
            constraint=models.UniqueConstraint(
                fields=("organization", "kind", "currency", "amount_from"), name="approval_step_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_from__gte", 0), ("decisions__gte", 1), ("decisions__lte", 5)),
                name="approval_step_range",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approvalstep",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "approvals_approvalstepevent" ("amount_from", "currency", "decisions", "id", "kind", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."amount_from", NEW."currency", NEW."decisions", NEW."id", NEW."kind", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="be05a1e51a1ca04257104aa1c1dce549e5687fde",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e096c",
                    table="approvals_approvalstep",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approvalstep",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "approvals_approvalstepevent" ("amount_from", "currency", "decisions", "id", "kind", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."amount_from", NEW."currency", NEW."decisions", NEW."id", NEW."kind", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="cc02f539e5ce5bb506434de7c1bc53f605e9d335",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2e751",
                    table="approvals_approvalstep",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approvalstepevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="58396abfdd86738930d1ec2403db842a2cd10dd1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_533a9",
                    table="approvals_approvalstepevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
