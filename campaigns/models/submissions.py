"""Posts handed in for a campaign."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from campaigns.models.briefs import Deliverable
from campaigns.models.collaborations import Collaboration
from creators.models import Post
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def of(self, brand: Brand) -> SubmissionQuerySet:
        return self.filter(collaboration__campaign__brand=brand)

    def waiting(self) -> SubmissionQuerySet:
        """Handed in and not looked at by the brand."""
        return self.filter(status=Submission.Status.SUBMITTED)

    def counting(self) -> SubmissionQuerySet:
        """Those that fulfil their deliverable: all but the ones sent back for changes."""
        return self.exclude(status=Submission.Status.CHANGES)


class Submission(models.Model):
    """A post that a creator handed in for a deliverable."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        APPROVED = "approved", "Approved"
        CHANGES = "changes", "Changes asked for"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    collaboration = models.ForeignKey(Collaboration, on_delete=models.CASCADE, related_name="submissions")
    deliverable = models.ForeignKey(Deliverable, on_delete=models.PROTECT, related_name="submissions")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="submissions")
    status = models.CharField(max_length=10, choices=Status, default=Status.SUBMITTED)
    note = models.TextField(blank=True)
    submitted_at = models.DateTimeField(auto_now_add=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["collaboration", "post"], name="campaigns_submission_once")]

    def __str__(self) -> str:
        return str(self.post)

    def about(self) -> About:
        return self.collaboration.about()
