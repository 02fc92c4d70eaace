from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "groundswell.events"
    label = "events"

    def ready(self) -> None:
        """Import every app's tasks, so that `@on` subscriptions are known in each process that records events."""
        from groundswell.celery import app

        app.autodiscover_tasks(force=True)
