from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        """Creators in a campaign that is under way are refreshed before all others."""
        import campaigns.privacy  # noqa: F401 - the tables name themselves once the models are there
        from campaigns.models import Collaboration
        from creators.actions.refreshes import count_in_campaigns

        count_in_campaigns(Collaboration.objects.creators_under_way)
