"""Posts on a profile: the public ones and the brand's own, never what another brand was handed in or typed."""

from __future__ import annotations

from django.test import Client

from campaigns.actions.submissions import record_metrics, submit_post
from creators.models import Creator, Post
from groundswell.accounts.models import Brand, User
from tests import factories as make

REEL = "https://www.instagram.com/reel/Cx12_ab-9/"


def hand_in(to: Brand, creator: Creator, dana: User, likes: int) -> None:
    """Dana posts for a campaign of the brand, and its team types the likes in."""
    campaign = make.campaign(to)
    agreed = make.collaboration(campaign, make.relationship(to, creator), status="accepted")
    record_metrics(submit_post(agreed, campaign.deliverables.get(), REEL, by=dana), by=None, likes=likes)


def test_two_brands_of_one_post_see_their_own_figures_alone(
    as_alice: Client, as_charlie: Client, acme: Brand, dana: User
) -> None:
    creator = make.creator(handle="dana.public")
    seen = make.post(creator, REEL, likes=1_111)
    for client in (as_alice, as_charlie):
        assert b"1.1K" in client.get(creator.get_absolute_url()).content
    hand_in(acme, creator, dana, likes=2_222)
    mine, theirs = (client.get(creator.get_absolute_url()).content for client in (as_alice, as_charlie))
    assert b"2.2K" in mine
    assert b"1.1K" not in mine
    assert b"1.1K" in theirs
    assert b"2.2K" not in theirs
    seen.refresh_from_db()
    assert seen.likes == 1_111
    assert Post.objects.filter(url=REEL).count() == 2
