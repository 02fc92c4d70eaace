import creators.models.claims
import django.db.models.deletion
import groundswell.lib.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0001_initial'),
        ('creators', '0015_listed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ('network', models.CharField(choices=[('instagram', 'Instagram'), ('tiktok', 'TikTok'), ('youtube', 'YouTube'), ('other', 'Other')], max_length=10)),
                ('handle', models.CharField(help_text='Lower case, without @.', max_length=80)),
                ('is_taken', models.BooleanField(default=False, help_text='The account is public already, so it needs a proof.')),
                ('proof', models.CharField(choices=[('none', 'None'), ('invited', "A brand's invitation"), ('contact', "The record's public e-mail address"), ('connected', 'Connected account'), ('code', 'Code in the bio'), ('operator', 'Checked by the operator')], default='none', max_length=10)),
                ('proof_code', models.CharField(default=creators.models.claims.proof_code, max_length=20)),
                ('message', models.CharField(blank=True, help_text='What the creator adds for the operator.', max_length=500)),
                ('status', models.CharField(choices=[('pending', 'Waiting'), ('approved', 'Approved'), ('refused', 'Refused')], default='pending', max_length=10)),
                ('reason', models.CharField(blank=True, help_text='Why it was refused; the creator reads it.', max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('creator', models.ForeignKey(blank=True, help_text='Once it is theirs.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='claims', to='creators.creator')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.brand')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='claims', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['status', 'id'], name='creators_claim_queue')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'pending')), fields=('user', 'network', 'handle'), name='creators_claim_open_once'), models.CheckConstraint(condition=models.Q(('status', 'pending'), ('decided_at__isnull', False), _connector='XOR'), name='creators_claim_decided_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('creator__isnull', False), _connector='OR'), name='creators_claim_approved_has_creator'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'refused'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='creators_claim_refused_has_reason')],
            },
        ),
    ]
