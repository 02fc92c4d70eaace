from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('creators', '0014_search_matches'),
    ]

    operations = [
        migrations.AddField(
            model_name='creator',
            name='is_listed',
            field=models.BooleanField(db_default=True, default=True, help_text="Found in the directory; a public record that isn't waits or opted out."),
        ),
    ]
