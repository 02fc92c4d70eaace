"""The feed goes by time: events that are written down later than they happened stand where they belong."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("events", "0002_timeline")]

    operations = [
        AddIndexConcurrently(
            "event", models.Index(fields=["brand", "-created_at", "-id"], name="events_event_by_time")
        ),
        RemoveIndexConcurrently("event", "events_event_feed"),
    ]
