"""Our access to networks: whose it is, how long it lasts, what it used, and which accounts it keeps fresh."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from creators.connectors.protocol import Access, Grant
from creators.models.creators import Network, SocialAccount
from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code
from groundswell.lib.sealing import seal, unseal

if TYPE_CHECKING:
    from groundswell.accounts.models import User

WARN_BEFORE = timedelta(days=7)
RENEW_BEFORE = timedelta(minutes=15)
PROLONG_BEFORE = timedelta(days=10)


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def of(self, brand: Brand) -> ConnectionQuerySet:
        return self.filter(brand=brand)

    def of_user(self, user: User) -> ConnectionQuerySet:
        """A creator's own."""
        return self.filter(user=user)

    def of_operator(self) -> ConnectionQuerySet:
        """Those of whoever runs this installation; they serve every brand."""
        return self.filter(brand=None, user=None)

    def live(self) -> ConnectionQuerySet:
        return self.filter(status=Connection.Status.CONNECTED)

    def usable(self, at: datetime) -> ConnectionQuerySet:
        """Alive and not told to wait."""
        return self.live().filter(Q(paused_until=None) | Q(paused_until__lte=at))

    def with_work(self, at: datetime) -> ConnectionQuerySet:
        """Usable, and of creators' own connections only those whose account waits for its day or was asked for."""
        day_ago = at - timedelta(days=1)
        old = Q(account__refresh__done_at=None) | Q(account__refresh__done_at__lte=day_ago)
        due = Q(account__refresh__due_at__lte=at) & (old | Q(account__refresh__asked_at__isnull=False))
        own = Q(account__isnull=False) & (Q(account__refresh=None) | due)
        return self.usable(at).filter(~Q(kind=Connection.Kind.OWN) | own)

    def to_renew(self, at: datetime) -> ConnectionQuerySet:
        """Whose token ends soon: in minutes where another is a call away, in days where it is prolonged."""
        soon = Q(expires_at__lt=at + RENEW_BEFORE) | Q(expires_at=None, ends_at__lt=at + PROLONG_BEFORE)
        return self.usable(at).exclude(kind=Connection.Kind.KEY).filter(soon)

    def ending(self, at: datetime) -> ConnectionQuerySet:
        """Whose owner has to connect again within a week, and does not know yet."""
        return self.live().filter(ends_at__lt=at + WARN_BEFORE, warned_at=None)


class Connection(models.Model):
    """Access to one network: a creator's own account, a brand's own account, or an application's key.

    `brand` and `user` empty: the operator's, for everybody. Tokens and keys are in `sealed` only.
    """

    class Kind(models.TextChoices):
        KEY = "key", "API key"
        OWN = "own", "A creator's own account"
        BRAND = "brand", "A brand's own account"

    class Status(models.TextChoices):
        CONNECTED = "connected", "Connected"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Revoked"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    network = models.CharField(max_length=10, choices=Network)
    kind = models.CharField(max_length=10, choices=Kind)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True, related_name="connections")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="connections"
    )
    account = models.ForeignKey(
        SocialAccount, on_delete=models.SET_NULL, null=True, blank=True, related_name="connections"
    )
    external_id = models.CharField(max_length=80, blank=True, help_text="Of the connected account, on its network.")
    grantor = models.CharField(
        max_length=80, blank=True, help_text="Who gave the access, on the network, where that isn't the account."
    )
    name = models.CharField(max_length=160, blank=True, help_text="A handle, or a key's last signs.")
    sealed = models.TextField(help_text="Tokens or the key, encrypted.")
    scopes = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.CONNECTED)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Of the access token.")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="From then on only its owner can renew the access.")
    paused_until = models.DateTimeField(null=True, blank=True, help_text="The network asked for a pause.")
    renewed_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True, help_text="When numbers last came through it.")
    mentions_at = models.DateTimeField(null=True, blank=True, help_text="When we last asked who tagged the account.")
    error = models.CharField(max_length=300, blank=True, help_text="What last went wrong; empty after a success.")
    error_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(brand=None) | Q(user=None), name="creators_connection_one_owner"),
            models.CheckConstraint(
                condition=~Q(kind="own") | Q(user__isnull=False), name="creators_connection_own_has_person"
            ),
            models.UniqueConstraint(
                fields=["network", "kind", "brand", "user", "external_id"],
                name="creators_connection_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["status", "network"], name="creators_connection_live")]

    def __str__(self) -> str:
        return f"{self.name or self.get_kind_display()} on {self.get_network_display()}"

    @property
    def is_live(self) -> bool:
        return self.status == self.Status.CONNECTED

    @property
    def ending_words(self) -> str:
        """What its owner has to know once we wrote that it ends; empty while we renew it ourselves."""
        if not (self.is_live and self.warned_at and self.ends_at):
            return ""
        return f"The access ends on {self.ends_at:%-d %B %Y}, and {self.get_network_display()} wants you to renew it."

    @property
    def bucket_owner(self) -> str:
        """Whose budget its calls count against: this installation's registration, or the connection's own."""
        shared = self.network == Network.TIKTOK or (self.network == Network.YOUTUBE and self.brand_id is None)
        return "app" if shared else self.code

    def grant(self) -> Grant:
        """The tokens. Raises groundswell.lib.sealing.SealBroken."""
        kept = json.loads(unseal(self.sealed))
        return Grant(
            access_token=kept["access"],
            refresh_token=kept["refresh"],
            expires_at=self.expires_at,
            ends_at=self.ends_at,
            account_id=self.external_id,
            scopes=tuple(self.scopes),
            grantor=self.grantor,
        )

    def hold(self, grant: Grant) -> None:
        """Put tokens into the row; the caller saves it."""
        self.sealed = seal(json.dumps({"access": grant.access_token, "refresh": grant.refresh_token}))
        self.expires_at, self.ends_at = grant.expires_at, grant.ends_at
        self.external_id, self.scopes = grant.account_id or self.external_id, list(grant.scopes)
        self.name, self.grantor = grant.name or self.name, grant.grantor or self.grantor

    def access(self) -> Access:
        """What its calls are made with. Raises SealBroken."""
        return Access(self.grant().access_token, self.kind == self.Kind.KEY, self.external_id)


class RevocationQuerySet(models.QuerySet["Revocation"]):
    def due(self, at: datetime) -> RevocationQuerySet:
        return self.filter(due_at__lte=at).order_by("due_at", "pk")

    def of_owner(self, network: str, kind: str, *, brand: Brand | None, user: User | None) -> RevocationQuerySet:
        return self.filter(network=network, kind=kind, brand=brand, user=user)


class Revocation(models.Model):
    """An access that has ended here and is to be ended at its network. Gone as soon as that is done, or given up."""

    MOST_TRIES: ClassVar[int] = 10

    network = models.CharField(max_length=10, choices=Network)
    kind = models.CharField(max_length=10, choices=Connection.Kind)
    brand = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    sealed = models.TextField(help_text="Tokens, account and grantor, encrypted.")
    expires_at = models.DateTimeField(null=True, help_text="Of the access token.")
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RevocationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="creators_revocation_due")]

    def __str__(self) -> str:
        return f"end of an access to {self.get_network_display()}"

    def grant(self) -> Grant:
        """The tokens. Raises groundswell.lib.sealing.SealBroken."""
        return Grant(**json.loads(unseal(self.sealed)), expires_at=self.expires_at)

    def hold(self, grant: Grant) -> None:
        kept = {name: getattr(grant, name) for name in ("access_token", "refresh_token", "account_id", "grantor")}
        self.sealed, self.expires_at = seal(json.dumps(kept)), grant.expires_at

    def rivals(self) -> ConnectionQuerySet:
        """Living connections that ending this access would end as well: those of the account, with Google all of the
        person's, with Facebook all of the grantor's, and of an unknown grantor's any."""
        grant, living = self.grant(), Connection.objects.live().filter(network=self.network, kind=self.kind)
        same = Q(external_id=grant.account_id) if grant.account_id else Q()
        if self.network == Network.YOUTUBE:
            same |= Q(user=self.user)
        if self.kind == Connection.Kind.BRAND:
            same |= Q(grantor__in=["", grant.grantor]) if grant.grantor else Q(pk__isnull=False)
        return living.filter(same)


class QuotaUseQuerySet(models.QuerySet["QuotaUse"]):
    def take(self, cost: int, limit: int) -> bool:
        """Add the cost to the one row of this set if it stays within the limit; whether it did."""
        return bool(self.filter(used__lte=limit - cost).update(used=F("used") + cost))


class QuotaUse(models.Model):
    """What a budget was used for in one window: a day, an hour or seconds, see creators.connectors.quota."""

    network = models.CharField(max_length=10, choices=Network)
    bucket = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    used = models.IntegerField(default=0)

    objects = QuotaUseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "bucket", "starts_at"], name="creators_quota_once"),
            models.CheckConstraint(condition=Q(used__gte=0), name="creators_quota_positive"),
        ]
        indexes = [models.Index(fields=["starts_at"], name="creators_quota_old")]

    def __str__(self) -> str:
        return f"{self.used} of {self.network} {self.bucket}"


class AccountRefresh(models.Model):
    """When an account was last asked for at its network, and when it may be again."""

    account = models.OneToOneField(SocialAccount, on_delete=models.CASCADE, primary_key=True, related_name="refresh")
    due_at = models.DateTimeField(help_text="Not before; also a lease while somebody is at it.")
    asked_at = models.DateTimeField(null=True, help_text="When a person asked for it and has not got it yet.")
    asked_for = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True, help_text="When numbers last came.")
    failures = models.IntegerField(default=0, help_text="In a row.")
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="creators_refresh_due"),
            models.Index(fields=["asked_at"], condition=Q(asked_at__isnull=False), name="creators_refresh_asked"),
        ]

    def __str__(self) -> str:
        return f"refresh of account {self.account_id}"
