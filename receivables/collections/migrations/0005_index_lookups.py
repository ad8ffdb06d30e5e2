"""As in billing: the guards of payments look by index at commit."""

from django.db import migrations

from receivables.core.guards import run

LOOKUPS = """
ALTER FUNCTION collections_payment_holds(bigint) SET enable_seqscan = off;
ALTER FUNCTION collections_item_moved() SET enable_seqscan = off;
"""


class Migration(migrations.Migration):
    dependencies = [("collections", "0004_sealed")]

    operations = [run(LOOKUPS)]
