from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"

    def ready(self) -> None:
        import outreach.privacy  # noqa: F401 - the tables name themselves once the models are there
