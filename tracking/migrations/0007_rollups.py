"""Results per collaboration and per campaign beside the daily ones, which get one index instead of four.

They are summed from clicks and credits: every day that has a result is marked to be summed again, into the new tables.
"""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

MARK_ALL = """
INSERT INTO tracking_staleday (collaboration_id, day, since)
SELECT collaboration_id, day, now() FROM tracking_dailyresult;
"""


def sums():
    counts = ("clicks", "unique_clicks", "bot_clicks", "orders", "new_customers", "refunds")
    amounts = ("revenue", "refunded", "commission")
    return [
        *((name, models.IntegerField(default=0)) for name in counts),
        *((name, models.DecimalField(decimal_places=4, default=Decimal(0), max_digits=16)) for name in amounts),
    ]


def one_to(model, related_name, field=models.ForeignKey, **options):
    return field(
        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to=model, **options
    )


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("tracking", "0006_link_addresses"),
    ]

    operations = [
        migrations.RunSQL(MARK_ALL, migrations.RunSQL.noop),
        migrations.DeleteModel(name="DailyResult"),
        migrations.CreateModel(
            name="DailyResult",
            fields=[
                *sums(),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "collaboration_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("collaboration", one_to("campaigns.collaboration", "daily_results", db_index=False)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="CampaignDay",
            fields=[
                *sums(),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "campaign_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("campaign", one_to("campaigns.campaign", "days", db_index=False)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="CollaborationResult",
            fields=[
                *sums(),
                (
                    "collaboration",
                    one_to(
                        "campaigns.collaboration",
                        "result",
                        models.OneToOneField,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "first_order_on",
                    models.DateField(blank=True, help_text="The first day with an order; its cohort.", null=True),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="RollupRun",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[("roll_up", "Added up"), ("rebuild", "Rebuilt"), ("check", "Checked")],
                        max_length=10,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField(default=0)),
                ("days", models.IntegerField(default=0, help_text="Days that were summed, or compared.")),
                ("differences", models.IntegerField(default=0)),
                (
                    "first",
                    models.JSONField(blank=True, help_text="The first difference, in the checker's words.", null=True),
                ),
            ],
        ),
    ]
