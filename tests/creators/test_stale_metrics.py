"""Whoever writes posts or follower counts has the metrics of these accounts computed anew, and no others'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone

from campaigns.actions.submissions import record_metrics, submit_post
from campaigns.models import Campaign
from creators.actions.batches import Batch
from creators.actions.observations import observe_mentions
from creators.connectors.protocol import PostFacts
from creators.importing.rows import Row
from creators.models import Creator, MetricsRun, Relationship, SocialAccount, StaleAccount
from groundswell.accounts.models import Brand, User
from tests import factories as make


def stale() -> set[str]:
    return set(StaleAccount.objects.values_list("account__handle", flat=True))


def test_an_import_marks_whose_number_changed(acme: Brand) -> None:
    make.creator(owner=acme, handle="grown", followers=2000)
    make.creator(owner=acme, handle="same", followers=2000)
    make.creator(handle="public", followers=2000)
    counts = {"grown": 2500, "same": 2000, "public": 2500, "new": 10}
    with transaction.atomic():
        Batch(
            acme, [Row(network="instagram", handle=name, followers=count) for name, count in counts.items()], None
        ).write()
    assert stale() == {"grown"}


def test_a_partner_marks_whose_number_changed(api: Callable[..., Any], acme: Brand) -> None:
    body = {"network": "instagram", "handle": "eva_x", "followers": 4200}
    api(acme).post("/api/v1/creators/", body, format="json")
    assert stale() == set()
    api(acme).post("/api/v1/creators/", {**body, "followers": 4300}, format="json")
    assert stale() == {"eva_x"}


def test_posts_handed_in_and_their_figures_mark_the_account(
    campaign: Campaign, relationship: Relationship, alice: User
) -> None:
    agreed = make.collaboration(campaign, relationship, status="accepted")
    submission = submit_post(agreed, campaign.deliverables.get(), "https://www.instagram.com/reel/Cx12_ab-9/", by=None)
    assert stale() == {"dana.field"}
    StaleAccount.objects.all().delete()
    record_metrics(submission, by=alice, likes=90)
    assert stale() == {"dana.field"}


def test_posts_that_tag_a_brand_count_for_its_own_record_alone(acme: Brand) -> None:
    make.creator(owner=acme, handle="mine")
    make.creator(handle="public")
    facts = [PostFacts(name, f"https://x.example/{name}", author=name) for name in ("mine", "public")]
    assert observe_mentions(acme, "instagram", "acme", facts, timezone.now()) == 2
    assert stale() == {"mine"}


def test_what_an_operator_changes_marks_the_creators_accounts(admin_client: Client, creator: Creator) -> None:
    account = creator.accounts.get()
    make.creator(handle="other")
    path = f"/operator/creators/creator/{creator.pk}/change/"
    form = admin_client.get(path).context["adminform"].form
    inline = {"id": account.pk, "creator": creator.pk, "network": "instagram", "handle": account.handle,
              "followers": 9999, "engagement_basis": "followers", "source": "manual"}  # fmt: skip
    body = {name: "" if value is None else value for name, value in form.initial.items()}
    body |= {"niches": "", "accounts-TOTAL_FORMS": 1, "accounts-INITIAL_FORMS": 1}
    body |= {f"accounts-0-{name}": value for name, value in inline.items()}
    answer = admin_client.post(path, body)
    assert answer.status_code == 302, answer.context["errors"]
    assert SocialAccount.objects.get(pk=account.pk).followers == 9999
    assert stale() == {account.handle}


def test_operators_see_how_far_a_run_is(admin_client: Client) -> None:
    MetricsRun.objects.create(started_at=timezone.now(), total=300, done=120)
    MetricsRun.objects.create(started_at=timezone.now(), total=0)
    page = admin_client.get("/operator/creators/metricsrun/").content.decode()
    assert "40 %" in page
    assert "no accounts" in page
    assert admin_client.get("/operator/creators/metricsrun/add/").status_code == 403
