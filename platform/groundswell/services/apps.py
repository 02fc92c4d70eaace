from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "groundswell.services"
    label = "services"
