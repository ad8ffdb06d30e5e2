"""An e-mail can carry the e-invoice beside the PDF; which of them it carried stays as it was."""

from django.db import migrations

from receivables.core.guards import fixed_columns, run

FIXED = (
    "id", "organization_id", "invoice_id", "revision_id", "method", "mail_to", "cc", "subject", "body", "sender_name",
    "reply_to", "language", "attach_pdf", "attach_xml", "message_id", "automatic", "again", "sent_by_id", "created_at",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("billing", "0013_parts_cover_shares")]

    operations = [
        run("DROP TRIGGER ab_fixed_columns ON billing_dispatch;"),
        fixed_columns("billing_dispatch", *FIXED),
    ]
