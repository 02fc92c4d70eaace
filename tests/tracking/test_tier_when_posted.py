"""A creator who grows across a threshold during a campaign is told by the tier of each moment."""

from __future__ import annotations

from django.test import Client

from campaigns.actions.submissions import submit_post
from creators.models import Creator, SocialAccount
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
