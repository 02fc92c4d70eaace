"""Encrypt the shops' signing secrets where they are kept."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from groundswell.lib.sealing import seal, unseal


def seal_secrets(apps: Any, schema_editor: object) -> None:
    change(apps, seal)


def open_secrets(apps: Any, schema_editor: object) -> None:
    change(apps, unseal)


def change(apps: Any, convert: Any) -> None:
    rows = apps.get_model("tracking", "Store").objects.all()
    for row in rows.iterator():
        row.sealed, row.old_sealed = (convert(text) if text else "" for text in (row.sealed, row.old_sealed))
        row.save(update_fields=["sealed", "old_sealed"])


class Migration(migrations.Migration):
    dependencies = [("tracking", "0003_store_old_secret")]

    operations = [
        migrations.RenameField("store", "secret", "sealed"),
        migrations.RenameField("store", "old_secret", "old_sealed"),
        migrations.AlterField(
            "store",
            "sealed",
            models.TextField(blank=True, help_text="The shop's signing secret for webhooks, encrypted."),
        ),
        migrations.AlterField(
            "store",
            "old_sealed",
            models.TextField(blank=True, help_text="The one before it, while it is accepted; encrypted."),
        ),
        migrations.RunPython(seal_secrets, open_secrets),
    ]
