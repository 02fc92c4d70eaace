"""Files of creators that people ask for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import groundswell.lib.codes


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("creators", "0009_merges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ("query", models.TextField(blank=True, help_text="The search as the directory's address writes it.")),
                (
                    "columns",
                    models.JSONField(
                        default=list, help_text="Keys of `creators.exporting.COLUMNS` in the file's order."
                    ),
                ),
                (
                    "format",
                    models.CharField(choices=[("csv", "CSV"), ("xlsx", "Excel workbook")], default="csv", max_length=4),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Ready"), ("failed", "Failed")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("total", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("file", models.FileField(blank=True, upload_to="exports/%Y/%m/")),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("beat_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exports", to="accounts.brand"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["brand", "-id"], name="creators_export_latest"),
        ),
    ]
