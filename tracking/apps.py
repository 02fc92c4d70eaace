from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "tracking"

    def ready(self) -> None:
        import tracking.privacy  # noqa: F401 - the tables name themselves once the models are there
