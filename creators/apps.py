from django.apps import AppConfig


class CreatorsConfig(AppConfig):
    name = "creators"

    def ready(self) -> None:
        import creators.privacy.tables  # noqa: F401 - the tables name themselves once the models are there
