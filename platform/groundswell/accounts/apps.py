from django.apps import AppConfig

from groundswell.lib.generic import allow_subscripts

allow_subscripts()  # the first app of the list, so before the modules of all others


class AccountsConfig(AppConfig):
    name = "groundswell.accounts"
    label = "accounts"
