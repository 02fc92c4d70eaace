from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_brief_templates"),
    ]

    operations = [
        migrations.AddField(
            model_name="contract",
            name="redacted_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the creator was erased: the text lost their name, the hash is of before.",
                null=True,
            ),
        ),
    ]
