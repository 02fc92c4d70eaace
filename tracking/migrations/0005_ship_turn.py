"""Numbers the turns of the shippers, so that one knows whether another wrote clicks since its own last turn."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tracking", "0004_sealed_secrets")]

    operations = [migrations.RunSQL("CREATE SEQUENCE tracking_ship_turn", "DROP SEQUENCE tracking_ship_turn")]
