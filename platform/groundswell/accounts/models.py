"""People, brands (the tenant), roles, API keys, and our own e-mails on their way out."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from groundswell.lib.codes import short_code
from groundswell.lib.sealing import seal, unseal


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in: somebody at a brand, or a creator."""

    class Kind(models.TextChoices):
        BRAND = "brand", "Brand team"
        CREATOR = "creator", "Creator"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.BRAND)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_ci")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_creator(self) -> bool:
        return self.kind == self.Kind.CREATOR

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


class Brand(models.Model):
    """The tenant: every row a brand owns points here."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, default="EUR")
    timezone = models.CharField(max_length=40, default="UTC")
    country = models.CharField(max_length=2, blank=True)
    website = models.URLField(blank=True)
    sender_name = models.CharField(max_length=120, blank=True, help_text="Name that creators see on your e-mails.")
    postal_address = models.CharField(max_length=300, blank=True, help_text="Shown in the footer of outreach e-mail.")
    hour_rate = models.DecimalField(
        max_digits=10, decimal_places=2, default=Decimal(40), help_text="Cost of an hour of your team's time."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def day(self, at: datetime | None = None) -> date:
        """The day of a moment by the brand's clock; today without one."""
        return (at or timezone.now()).astimezone(ZoneInfo(self.timezone)).date()


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    REVIEWER = "reviewer", "Reviewer"
    FINANCE = "finance", "Finance"
    VIEWER = "viewer", "Viewer"


# What each role may do beyond reading. The HTTP edge asks for one of these words: own the brand, manage campaigns and
# creators, review posts, write lines into cost ledgers, spend money.
CAPABILITIES: dict[str, frozenset[str]] = {
    Role.OWNER: frozenset({"own", "manage", "review", "cost", "spend"}),
    Role.MANAGER: frozenset({"manage", "review", "cost"}),
    Role.REVIEWER: frozenset({"review"}),
    Role.FINANCE: frozenset({"cost", "spend"}),
    Role.VIEWER: frozenset(),
}


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, brand: Brand) -> MembershipQuerySet:
        return self.filter(brand=brand)

    def owners(self) -> MembershipQuerySet:
        return self.filter(role=Role.OWNER)


class Membership(models.Model):
    code = models.CharField(max_length=12, unique=True, default=short_code)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "brand"], name="accounts_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.brand} ({self.role})"

    def may(self, capability: str) -> bool:
        return capability in CAPABILITIES[self.role]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of(self, brand: Brand) -> InvitationQuerySet:
        return self.filter(brand=brand)

    def open(self, at: datetime | None = None) -> InvitationQuerySet:
        return self.filter(accepted_at=None, expires_at__gt=at or timezone.now())


def in_a_fortnight() -> datetime:
    return timezone.now() + timedelta(days=14)


class Invitation(models.Model):
    """An e-mail that lets somebody join a brand with a role.

    The code names the row on the team page; the link in the e-mail carries a signature that the code doesn't give away.
    """

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=in_a_fortnight)
    asked_at = models.DateTimeField(default=timezone.now, help_text="When somebody last asked to send the e-mail.")
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "brand", Lower("email"), condition=models.Q(accepted_at=None), name="accounts_invitation_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.brand}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.expires_at > timezone.now()

    @property
    def is_unsent(self) -> bool:
        return self.sent_at is None or self.sent_at < self.asked_at


class Scope(models.TextChoices):
    CREATORS_READ = "creators:read", "Read creators"
    CREATORS_WRITE = "creators:write", "Add and change creators"
    CAMPAIGNS_READ = "campaigns:read", "Read campaigns"
    CAMPAIGNS_WRITE = "campaigns:write", "Change campaigns and offers"
    OUTREACH_READ = "outreach:read", "Read conversations"
    OUTREACH_WRITE = "outreach:write", "Write to creators"
    ORDERS_WRITE = "orders:write", "Post orders and refunds"
    RETURNS_READ = "returns:read", "Read links, orders and returns"
    COMMISSIONS_WRITE = "commissions:write", "Approve commissions and note their payment"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def of(self, brand: Brand) -> ApiKeyQuerySet:
        return self.filter(brand=brand)

    def live(self) -> ApiKeyQuerySet:
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """A partner's key: the prefix finds the row, the hash proves the rest; the key itself is shown once."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True, default=short_code)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope))
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} (gs_{self.prefix}…)"

    @property
    def scope_labels(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes]

    def matches(self, key: str) -> bool:
        return secrets.compare_digest(self.digest, digest_of(key))


def digest_of(key: str) -> str:
    """Hex SHA-256 of a key; keys carry 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True)
class Text:
    """An e-mail as people read it."""

    to: list[str]
    subject: str
    body: str


class LetterQuerySet(models.QuerySet["Letter"]):
    def waiting(self) -> LetterQuerySet:
        return self.exclude(sealed="")

    def due(self, at: datetime) -> LetterQuerySet:
        """Waiting ones whose next try has come, the longest due first."""
        return self.waiting().filter(due_at__lte=at).order_by("due_at", "pk")


class Letter(models.Model):
    """One of our own e-mails, written in the transaction that it tells of.

    It holds links that sign people in, so its text is sealed, and gone once the letter is sent or given up.
    """

    code = models.CharField(max_length=12, unique=True, default=short_code, help_text="Its Message-ID is made of it.")
    name = models.CharField(max_length=60, help_text="Which letter it is: the path of its template.")
    once = models.CharField(max_length=80, blank=True, help_text="What must not be told twice.")
    sealed = models.TextField(blank=True, help_text="Recipients, subject and text, encrypted; empty afterwards.")
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True, help_text="The kind of the last failure; names nobody.")
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now, help_text="When it is tried next.")
    sent_at = models.DateTimeField(null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(sealed=""), name="accounts_letter_sent_is_empty"
            ),
            models.UniqueConstraint(fields=["once"], condition=~models.Q(once=""), name="accounts_letter_once"),
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=~models.Q(sealed=""), name="accounts_letter_due")]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"

    def read(self) -> Text:
        """Raises SealBroken."""
        return Text(**json.loads(unseal(self.sealed)))

    def write(self, text: Text) -> None:
        self.sealed = seal(json.dumps(asdict(text)))
