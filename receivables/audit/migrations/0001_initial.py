import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import receivables.core.migrating


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_guards"),
        ("core", "0003_number_text"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="AuditRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("daily", models.BooleanField(default=False, verbose_name="daily")),
                        ("as_of", models.DateTimeField(verbose_name="as of")),
                        ("milliseconds", models.PositiveBigIntegerField(verbose_name="duration")),
                        ("entries_through", models.BigIntegerField()),
                        ("events_through", models.BigIntegerField()),
                        ("seal_number", models.BigIntegerField()),
                        ("seal_hash", models.CharField(blank=True, max_length=64)),
                        ("checks", models.PositiveIntegerField(verbose_name="checks")),
                        ("failed", models.PositiveIntegerField(verbose_name="findings")),
                        ("results", models.JSONField()),
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
                        (
                            "job",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.job",
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
                    ],
                    options={
                        "verbose_name": "audit",
                        "verbose_name_plural": "audits",
                        "indexes": [models.Index(fields=["organization", "-id"], name="audit_run_organization_id")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("failed__lte", models.F("checks"))), name="audit_run_failed_checks"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Seal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.BigIntegerField()),
                        (
                            "kind",
                            models.CharField(choices=[("entry", "Journal entry"), ("event", "Event")], max_length=5),
                        ),
                        ("row_id", models.BigIntegerField()),
                        ("version", models.PositiveSmallIntegerField()),
                        ("sealed_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("digest", models.BinaryField()),
                        ("hash", models.BinaryField()),
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="seal_number_once"),
                            models.UniqueConstraint(fields=("organization", "kind", "row_id"), name="seal_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SealMark",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("entries_through", models.BigIntegerField()),
                        ("events_through", models.BigIntegerField()),
                        ("horizon", models.BigIntegerField()),
                        ("taken_at", models.DateTimeField()),
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
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("organization",), name="seal_mark_once")],
                    },
                ),
            ]
        ),
    ]
