import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "groundswell.settings")

from groundswell.services.heartbeat import Heartbeat

app = Celery("groundswell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(Heartbeat)
