"""What happened with a creator can be found by the creator."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("events", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "event",
            "creator_id",
            models.BigIntegerField(
                help_text="The creator it is about. A plain number: events stand below creators.", null=True
            ),
        ),
        migrations.AddField(
            "event",
            "place",
            models.CharField(blank=True, db_default="", help_text="Where it happened: a campaign.", max_length=160),
        ),
        migrations.AddField(
            "event",
            "url",
            models.CharField(blank=True, db_default="", help_text="Path of the page that shows it.", max_length=200),
        ),
        migrations.AddIndex(
            "event",
            models.Index(
                condition=models.Q(("creator_id__isnull", False)),
                fields=["brand", "creator_id", "-id"],
                name="events_event_timeline",
            ),
        ),
    ]
