"""Typed numbers and references are found by their beginning, whatever the collation of the database."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_import_files")]

    operations = [
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                models.F("organization"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("number"), "text_pattern_ops"
                ),
                name="invoice_number_prefix",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                models.F("organization"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("reference"), "text_pattern_ops"
                ),
                name="invoice_reference_prefix",
            ),
        ),
        migrations.AddIndex(
            model_name="load",
            index=models.Index(fields=["organization", "number", "id"], name="load_by_number"),
        ),
        migrations.AddIndex(
            model_name="load",
            index=models.Index(
                models.F("organization"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("number"), "text_pattern_ops"
                ),
                name="load_number_prefix",
            ),
        ),
        migrations.AddIndex(
            model_name="load",
            index=models.Index(
                models.F("organization"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("reference"), "text_pattern_ops"
                ),
                name="load_reference_prefix",
            ),
        ),
    ]
