"""What the posts of an account add up to: one row per account, recomputable from the posts to the same digits."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from creators.models.creators import Network, SocialAccount, Source


def rate(text: str) -> models.DecimalField[Decimal | None, Decimal | None]:
    return models.DecimalField(max_digits=12, decimal_places=6, null=True, help_text=text)


def share(text: str) -> models.DecimalField[Decimal | None, Decimal | None]:
    return models.DecimalField(max_digits=7, decimal_places=6, null=True, help_text=text)


class AccountMetrics(models.Model):
    """Null is unknown. Rates of the three bases are different quantities and are never compared or averaged."""

    account = models.OneToOneField(SocialAccount, on_delete=models.CASCADE, primary_key=True, related_name="metrics")
    posts_n = models.IntegerField(default=0, help_text="Posts in the sample.")
    sources = ArrayField(
        models.CharField(max_length=10, choices=Source),
        default=list,
        help_text="Where the posts of the sample are from.",
    )
    observed_at = models.DateTimeField(null=True, help_text="When a post of the sample was last looked at.")
    rate_followers = rate("Median engagement rate by followers.")
    rate_followers_n = models.IntegerField(default=0)
    rate_followers_mean = rate("Mean of all posts.")
    rate_followers_mean_kept = rate("Mean without the outliers.")
    rate_reach = rate("Median engagement rate by reach.")
    rate_reach_n = models.IntegerField(default=0)
    rate_reach_mean = rate("Mean of all posts.")
    rate_reach_mean_kept = rate("Mean without the outliers.")
    rate_views = rate("Median engagement rate by views.")
    rate_views_n = models.IntegerField(default=0)
    rate_views_mean = rate("Mean of all posts.")
    rate_views_mean_kept = rate("Mean without the outliers.")
    outliers_n = models.IntegerField(default=0, help_text="Posts whose engagements stand out (robust z above 3.5).")
    median_views = models.DecimalField(max_digits=14, decimal_places=1, null=True)
    median_likes = models.DecimalField(max_digits=14, decimal_places=1, null=True)
    median_comments = models.DecimalField(max_digits=14, decimal_places=1, null=True)
    save_rate = rate("Median saves by reach.")
    share_rate = rate("Median shares by reach.")
    effectiveness = rate("Median of (likes + comments + saves + views) by reach; may exceed 1.")
    sponsored_n = models.IntegerField(default=0, help_text="Posts known to be sponsored or not.")
    sponsored_share = share("Sponsored posts among those.")
    disclosed_share = share("Labelled posts among the sponsored ones where that is known.")
    sponsored_drop = rate("1 - median rate of sponsored posts / median rate of the others, on the main basis.")
    comments_n = models.IntegerField(default=0, help_text="Comments by others that were read.")
    comment_words = models.DecimalField(max_digits=7, decimal_places=1, null=True, help_text="Median words.")
    comment_emoji_share = share("Comments of emoji only.")
    comment_question_share = share("Comments that ask something.")
    comment_generic_share = share("Emoji only, two words or fewer, or a stock phrase.")
    comment_duplicate_share = share("Comments whose text another one repeats.")
    comment_repeat_share = share("Commenters who wrote below more than one post.")
    comment_reply_share = share("Posts with comments that the creator answered under.")
    posts_per_week = models.DecimalField(max_digits=8, decimal_places=3, null=True)
    longest_gap_days = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    last_post_at = models.DateTimeField(null=True)
    growth_30 = rate("Followers now by followers 30 days ago, less 1.")
    growth_90 = rate("The same over 90 days.")
    growth_180 = rate("The same over 180 days.")
    standing = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        null=True,
        help_text="Share of peers (same network, size band and basis) with a lower main engagement rate, 0 to 1.",
    )
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"metrics of account {self.account_id}"


class PeerGroup(models.Model):
    """How the main engagement rates of public accounts of one network and size are spread; the ground of `standing`.

    `cuts` are the 99 percentiles, each the rate of an account. Written by a full recomputation.
    """

    network = models.CharField(max_length=10, choices=Network)
    size_band = models.SmallIntegerField(help_text="Half decades of followers: 0 is below 1,000, 1 below 3,163 …")
    n = models.IntegerField(help_text="Accounts whose rate is known.")
    cuts = ArrayField(models.DecimalField(max_digits=12, decimal_places=6))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "size_band"], name="creators_peers_once")]

    def __str__(self) -> str:
        return f"{self.n} accounts on {self.network}, size {self.size_band}"


class StaleAccount(models.Model):
    """An account whose posts or followers changed since its metrics were computed."""

    account = models.OneToOneField(SocialAccount, on_delete=models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return f"account {self.account_id}"


class MetricsRun(models.Model):
    """A recomputation of all accounts and how far it is."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    total = models.IntegerField(help_text="Accounts.")
    done = models.IntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(done__lte=models.F("total")), name="creators_run_done")]

    def __str__(self) -> str:
        return f"{self.done:,} of {self.total:,} accounts"
