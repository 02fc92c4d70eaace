import django.db.models.deletion
import groundswell.lib.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('creators', '0017_media_kits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OptOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('wish', models.CharField(choices=[('erased', 'Erased: keep nothing'), ('unlisted', 'Not listed, not imported'), ('uncontacted', 'Not written to')], max_length=12)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('digest', 'wish'), name='creators_opt_out_once')],
            },
        ),
        migrations.CreateModel(
            name='DataRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ('kind', models.CharField(choices=[('copy', 'Copy of the data'), ('erasure', 'Erasure')], max_length=10)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=10)),
                ('done', models.IntegerField(default=0, help_text='Kinds of rows handled so far.')),
                ('total', models.IntegerField(default=0)),
                ('file', models.FileField(blank=True, upload_to='copies/%Y/%m/')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('beat_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='data_requests', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-id'], name='creators_request_latest')],
            },
        ),
    ]
