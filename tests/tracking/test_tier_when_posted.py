"""A creator who grows across a threshold during a campaign is told by the tier of each moment."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from rest_framework.test import APIClient

from campaigns.actions.submissions import submit_post
from campaigns.models import Campaign
from creators.actions.tiers import set_tiers
from creators.models import Creator, SocialAccount
from creators.tiers import PRESETS
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tracking.reports.campaign import report_of


def test_tier_when_added_when_posted_and_now(acme: Brand, dana: User, creator: Creator, as_alice: Client) -> None:
    campaign = make.campaign(acme)
    agreed = make.collaboration(campaign, make.relationship(acme, creator), status="accepted")
    type(agreed).objects.filter(pk=agreed.pk).update(network_when_added="instagram", followers_when_added=9_000)
    SocialAccount.objects.filter(creator=creator).update(followers=12_000)
    submission = submit_post(agreed, campaign.deliverables.get(), "https://www.instagram.com/reel/Cx12_ab-9/", by=dana)
    assert submission.post.followers_at_post == 12_000
    SocialAccount.objects.filter(creator=creator).update(followers=120_000)
    line = report_of(campaign).lines[0]
    assert (line.tier_when_added, line.tier_when_posted, line.tier) == ("nano", "micro", "macro")
    report = report_of(campaign)
    assert [report.tiers(at)[0].name for at in ("added", "posted", "")] == ["nano", "micro", "macro"]
    page = as_alice.get(f"/campaigns/{campaign.code}/results/?split=tier-when-posted").content.decode()
    assert "at the first post" in page


def test_reports_say_which_version_of_the_scheme_they_used(
    acme: Brand, campaign: Campaign, alice: User, as_bob: Client, api: Callable[..., APIClient]
) -> None:
    set_tiers(acme, "Flinque", PRESETS["flinque"].bands, by=alice)
    set_tiers(acme, "Ours", PRESETS["hypeauditor"].bands, by=alice)
    make.collaboration(campaign, status="accepted")
    for by in ("tier", "tier-when-added", "tier-when-posted"):
        page = as_bob.get(f"/campaigns/{campaign.code}/results/?split={by}").content.decode()
        assert "Scheme: Ours, version 2." in page
    assert "Scheme:" not in as_bob.get(f"/campaigns/{campaign.code}/results/?split=network").content.decode()
    answers = {by: api(acme).get(f"/api/v1/returns/?by={by}").json()["tier_scheme"] for by in ("tier", "network")}
    assert answers == {"tier": "Ours, version 2", "network": ""}
