"""Whom watched searches found."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("creators", "0013_comment_authors"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchMatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("found_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "creator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="creators.creator"
                    ),
                ),
                (
                    "shortlist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="matches", to="creators.shortlist"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["shortlist", "found_at"], name="creators_match_newest"),
                    models.Index(
                        condition=models.Q(("told_at", None)), fields=["shortlist"], name="creators_match_untold"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("shortlist", "creator"), name="creators_match_once")],
            },
        ),
    ]
