"""Posts and the comments below them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from creators.models.creators import SocialAccount, Source
from groundswell.accounts.models import Brand


class PostFormat(models.TextChoices):
    REEL = "reel", "Reel"
    STORY = "story", "Story"
    IMAGE = "image", "Image or carousel"
    VIDEO = "video", "Video"
    SHORT = "short", "Short"
    LIVE = "live", "Livestream"


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, brand: Brand) -> PostQuerySet:
        """The public records and the brand's own; where it has its own of a post, not the public one as well."""
        own = Post.objects.filter(owner=brand, account=OuterRef("account"), url=OuterRef("url"))
        return self.filter(Q(owner=brand) | Q(owner=None) & ~Exists(own))


class Post(models.Model):
    """A published post. Hidden likes, unknown views: null.

    A post handed in for a campaign is its brand's: what it is worth and what the brand typed in is nobody else's.
    """

    owner = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="Empty: a public record."
    )
    account = models.ForeignKey(SocialAccount, on_delete=models.CASCADE, related_name="posts")
    url = models.URLField(max_length=400)
    format = models.CharField(max_length=10, choices=PostFormat, blank=True)
    caption = models.TextField(blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    followers_at_post = models.BigIntegerField(null=True, blank=True)
    likes = models.BigIntegerField(null=True, blank=True)
    comments_count = models.BigIntegerField(null=True, blank=True)
    shares = models.BigIntegerField(null=True, blank=True)
    saves = models.BigIntegerField(null=True, blank=True)
    views = models.BigIntegerField(null=True, blank=True)
    reach = models.BigIntegerField(null=True, blank=True)
    is_sponsored = models.BooleanField(null=True)
    is_disclosed = models.BooleanField(null=True, help_text="Labelled as advertising by tool or words; null: unknown.")
    is_pinned = models.BooleanField(default=False)
    hashtags = ArrayField(models.CharField(max_length=80), default=list, blank=True, help_text="Lower case, without #.")
    mentions = ArrayField(models.CharField(max_length=80), default=list, blank=True, help_text="Lower case, without @.")
    source = models.CharField(max_length=10, choices=Source, default=Source.MANUAL)
    observed_at = models.DateTimeField(null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "url", "owner"], name="creators_post_once", nulls_distinct=False)
        ]
        indexes = [models.Index(fields=["account", "-posted_at"], name="creators_post_recent")]

    def __str__(self) -> str:
        return self.url

    @property
    def engagements(self) -> int | None:
        """Likes, comments, shares and saves that are known; unknown when none is."""
        known = [value for value in (self.likes, self.comments_count, self.shares, self.saves) if value is not None]
        return sum(known) if known else None


class Comment(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.CharField(max_length=80, help_text="Handle, lower case, without @.")
    is_reply = models.BooleanField(default=False, help_text="Answers another comment below the same post.")
    text = models.TextField()
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["author"], name="creators_comment_author")]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"
