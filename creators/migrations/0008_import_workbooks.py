"""Which sheet of a workbook an import reads, its first rows for the mapping page, and imports on trial."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("creators", "0007_search_index")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="sheets",
            field=models.JSONField(default=list, help_text="Of a workbook: each sheet's name and number of rows."),
        ),
        migrations.AddField(
            model_name="import",
            name="sheet",
            field=models.CharField(blank=True, help_text="Of a workbook: the sheet that is read.", max_length=100),
        ),
        migrations.AddField(
            model_name="import",
            name="sample",
            field=models.JSONField(default=list, help_text="The first rows, each as its line number and its cells."),
        ),
        migrations.AddField(
            model_name="import",
            name="is_rehearsal",
            field=models.BooleanField(default=False, help_text="Reads and counts the whole file and keeps no row."),
        ),
    ]
