import django.db.models.deletion
import groundswell.lib.codes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('creators', '0016_claims'),
    ]

    operations = [
        migrations.CreateModel(
            name='MediaKit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('is_on', models.BooleanField(default=False)),
                ('has_niche', models.BooleanField(default=True)),
                ('has_content', models.BooleanField(default=True)),
                ('has_engagement', models.BooleanField(default=True)),
                ('has_audience', models.BooleanField(default=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('creator', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='kit', to='creators.creator')),
            ],
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ('file', models.FileField(upload_to='evidence/%Y/%m/')),
                ('filename', models.CharField(max_length=120)),
                ('kind', models.CharField(help_text='Media type, told from the content.', max_length=20)),
                ('observed_on', models.DateField(help_text='The day the numbers were true.')),
                ('reach', models.BigIntegerField(blank=True, help_text='Accounts reached in the period.', null=True)),
                ('views', models.BigIntegerField(blank=True, help_text='Views in the period.', null=True)),
                ('period_days', models.SmallIntegerField(default=30)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='evidence', to='creators.socialaccount')),
            ],
            options={
                'indexes': [models.Index(fields=['account', '-id'], name='creators_evidence_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reach', None), ('reach__gte', 0), _connector='OR'), models.Q(('views', None), ('views__gte', 0), _connector='OR')), name='creators_evidence_positive')],
            },
        ),
    ]
