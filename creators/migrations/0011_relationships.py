"""Own fields, lifecycle, mentions, the blocklist's reasons, lists by rule, and links that show a list to a client."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import groundswell.lib.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("creators", "0009_connections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ("name", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[("text", "Text"), ("number", "Number"), ("date", "Date"), ("choice", "Choice")],
                        default="text",
                        max_length=10,
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="LifecycleRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trial_from", models.PositiveSmallIntegerField(default=1, verbose_name="Trial from")),
                ("repeat_from", models.PositiveSmallIntegerField(default=2, verbose_name="Repeat from")),
                ("ambassador_from", models.PositiveSmallIntegerField(default=3, verbose_name="Ambassador from")),
                (
                    "ambassador_days",
                    models.PositiveSmallIntegerField(default=365, verbose_name="… within the last days"),
                ),
                ("dormant_days", models.PositiveSmallIntegerField(default=180, verbose_name="Dormant after days")),
            ],
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("told_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SharedList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("password", models.CharField(blank=True, help_text="Hashed; empty: none.", max_length=128)),
                ("title", models.CharField(help_text="What the visitors read above the list.", max_length=80)),
                ("message", models.CharField(blank=True, max_length=500)),
                (
                    "facts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("followers", "Followers and tier"),
                                ("engagement", "Engagement rate"),
                                ("views", "Average views"),
                                ("place", "Country and language"),
                                ("niches", "Niches"),
                                ("bio", "Self-description"),
                                ("price", "Price per post"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_approved", models.BooleanField()),
                ("reviewer", models.CharField(help_text="As they gave it; nobody checked it.", max_length=80)),
                ("comment", models.CharField(blank=True, max_length=1000)),
                ("given_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-given_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(help_text="By the brand's clock.")),
                ("agent", models.CharField(blank=True, max_length=120)),
                ("times", models.PositiveIntegerField(default=1)),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-day", "-last_at"],
            },
        ),
        migrations.AddField(
            model_name="relationship",
            name="blocked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="relationship",
            name="blocked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="relationship",
            name="blocked_reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="relationship",
            name="custom",
            field=models.JSONField(
                blank=True, default=dict, help_text="Values of the brand's own fields, by their codes."
            ),
        ),
        migrations.AddField(
            model_name="relationship",
            name="last_worked_at",
            field=models.DateTimeField(blank=True, help_text="Last acceptance or post handed in.", null=True),
        ),
        migrations.AddField(
            model_name="relationship",
            name="next_step",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="relationship",
            name="next_step_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="relationship",
            name="worked_at",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(),
                blank=True,
                default=list,
                help_text="Accepted collaborations, newest first.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="shortlist",
            name="alerts",
            field=models.BooleanField(default=False, help_text="Tell the team about new matches."),
        ),
        migrations.AddField(
            model_name="shortlist",
            name="last_seen",
            field=models.DateTimeField(blank=True, help_text="Until when new matches were looked for.", null=True),
        ),
        migrations.AddField(
            model_name="shortlist",
            name="query",
            field=models.TextField(blank=True, help_text="The directory's query string; empty: a list by hand."),
        ),
        migrations.AddIndex(
            model_name="relationship",
            index=models.Index(fields=["brand", "-id"], name="creators_relationship_newest"),
        ),
        migrations.AddIndex(
            model_name="relationship",
            index=models.Index(
                condition=models.Q(("next_step_on__isnull", False)),
                fields=["brand", "next_step_on"],
                name="creators_relationship_due",
            ),
        ),
        migrations.AddField(
            model_name="customfield",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="custom_fields", to="accounts.brand"
            ),
        ),
        migrations.AddField(
            model_name="lifecyclerule",
            name="brand",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="lifecycle_rule", to="accounts.brand"
            ),
        ),
        migrations.AddField(
            model_name="mention",
            name="note",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="creators.note"
            ),
        ),
        migrations.AddField(
            model_name="mention",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sharedlist",
            name="created_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="sharedlist",
            name="shortlist",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="creators.shortlist"
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="creator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="creators.creator"
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="shared_list",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="verdicts", to="creators.sharedlist"
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="shared_list",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="creators.sharedlist"
            ),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.UniqueConstraint(
                models.F("brand"), django.db.models.functions.text.Lower("name"), name="creators_customfield_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="lifecyclerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("trial_from__gte", 1),
                    ("repeat_from__gt", models.F("trial_from")),
                    ("ambassador_from__gt", models.F("repeat_from")),
                    ("ambassador_days__gte", 1),
                    ("ambassador_from__lte", 100),
                    ("dormant_days__gte", 1),
                ),
                name="creators_lifecyclerule_rises",
            ),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("note", "user"), name="creators_mention_once"),
        ),
        migrations.AddIndex(
            model_name="sharedlist",
            index=models.Index(fields=["shortlist", "-id"], name="creators_sharedlist_list"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(
                models.F("shared_list"),
                models.F("creator"),
                django.db.models.functions.text.Lower("reviewer"),
                name="creators_verdict_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("reviewer", ""), _negated=True), name="creators_verdict_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(fields=("shared_list", "day", "agent"), name="creators_visit_once"),
        ),
    ]
