"""What brands look for in creators, checklists, votes, decisions, signals as they were seen, and replies."""

import django.contrib.postgres.fields
import django.db.models.deletion
import groundswell.lib.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('creators', '0011_relationships'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChecklistAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('unsure', 'Not sure')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='ChecklistItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ('position', models.SmallIntegerField(default=0)),
                ('text', models.CharField(max_length=200)),
                ('is_retired', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='SignalReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signal', models.CharField(max_length=30)),
                ('text', models.CharField(max_length=500)),
                ('at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='Vetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ('attention', models.CharField(choices=[('close', 'Look closer'), ('some', 'Worth a look'), ('none', 'Nothing stands out'), ('unknown', 'Too little known')], default='unknown', max_length=10)),
                ('signals', models.JSONField(blank=True, default=list)),
                ('inputs', models.JSONField(blank=True, default=dict)),
                ('fit', models.DecimalField(blank=True, decimal_places=2, help_text='0 to 100.', max_digits=5, null=True)),
                ('fit_coverage', models.DecimalField(blank=True, decimal_places=3, max_digits=4, null=True)),
                ('computed_at', models.DateTimeField(blank=True, null=True)),
                ('decision', models.CharField(choices=[('open', 'Open'), ('approved', 'Approved'), ('rejected', 'Rejected')], default='open', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='VettingPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, help_text='Countries of the wanted audience, ISO 3166-1 alpha-2.', size=None)),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), blank=True, default=list, help_text='Languages of the wanted audience, ISO 639-1.', size=None)),
                ('ages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, default=list, help_text='Age bands of the wanted audience, such as 18-24.', size=None)),
                ('niches', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, help_text='Wanted niches.', size=None)),
                ('own_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text="The brand's own names and handles.", size=None)),
                ('competitors', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='Names and handles of competitors.', size=None)),
                ('category', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='Words for the kind of product.', size=None)),
                ('weights', models.JSONField(blank=True, default=dict, help_text='Weight by part of the fit score, 0 to 10.')),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='VettingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=groundswell.lib.codes.short_code, max_length=12, unique=True)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('creators', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='Keys of who was on the list at the start, in order.', size=None)),
                ('done', models.IntegerField(default=0, help_text='How many of them are finished; where another worker goes on.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('beat_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('approve', 'Approve'), ('reject', 'Reject'), ('unsure', 'Unsure')], max_length=10)),
                ('comment', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddField(
            model_name='checklistanswer',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='checklistitem',
            name='brand',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checklist', to='accounts.brand'),
        ),
        migrations.AddField(
            model_name='checklistanswer',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='creators.checklistitem'),
        ),
        migrations.AddField(
            model_name='signalreply',
            name='creator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signal_replies', to='creators.creator'),
        ),
        migrations.AddField(
            model_name='signalreply',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vetting',
            name='brand',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='vettings', to='accounts.brand'),
        ),
        migrations.AddField(
            model_name='vetting',
            name='creator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='vettings', to='creators.creator'),
        ),
        migrations.AddField(
            model_name='vetting',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='checklistanswer',
            name='vetting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='creators.vetting'),
        ),
        migrations.AddField(
            model_name='vettingpolicy',
            name='brand',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='vetting_policy', to='accounts.brand'),
        ),
        migrations.AddField(
            model_name='vettingrun',
            name='brand',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='vetting_runs', to='accounts.brand'),
        ),
        migrations.AddField(
            model_name='vettingrun',
            name='shortlist',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='vetting_runs', to='creators.shortlist'),
        ),
        migrations.AddField(
            model_name='vettingrun',
            name='started_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vote',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='vote',
            name='vetting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='creators.vetting'),
        ),
        migrations.AddConstraint(
            model_name='checklistitem',
            constraint=models.UniqueConstraint(condition=models.Q(('is_retired', False)), fields=('brand', 'text'), name='creators_checklist_item_once'),
        ),
        migrations.AddConstraint(
            model_name='signalreply',
            constraint=models.UniqueConstraint(fields=('creator', 'signal'), name='creators_signal_reply_once'),
        ),
        migrations.AddConstraint(
            model_name='vetting',
            constraint=models.UniqueConstraint(fields=('brand', 'creator'), name='creators_vetting_once'),
        ),
        migrations.AddConstraint(
            model_name='vetting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', 'open')), models.Q(models.Q(('decision', 'open'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='creators_vetting_decided'),
        ),
        migrations.AddConstraint(
            model_name='checklistanswer',
            constraint=models.UniqueConstraint(fields=('vetting', 'item'), name='creators_answer_once'),
        ),
        migrations.AddConstraint(
            model_name='vettingrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status__in', ['queued', 'running'])), models.Q(('ended_at__isnull', False), ('status__in', ['done', 'cancelled'])), _connector='OR'), name='creators_vettingrun_ended'),
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.UniqueConstraint(fields=('vetting', 'user'), name='creators_vote_once'),
        ),
    ]
