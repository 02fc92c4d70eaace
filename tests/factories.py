"""Rows for tests: one function per noun, sensible without arguments."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection
from django.utils import timezone

from campaigns.models import Brief, Campaign, Collaboration, Deliverable, Offer
from creators.actions.discovery import reindex
from creators.models import Creator, Network, Post, PostFormat, Relationship, SocialAccount, TierBand, TierScheme
from groundswell.accounts.models import ApiKey, Brand, Membership, Role, Scope, User, digest_of
from groundswell.lib.sealing import seal
from outreach.letters import new_message_id
from outreach.models import Conversation, EmailTemplate, Message
from tracking.actions.orders import receive_order
from tracking.actions.stores import api_store
from tracking.models import Click, DiscountCode, Order, RenewalPolicy, Store, TrackingLink
from tracking.shops.orders import CodeOnOrder, OrderData
from tracking.spool.ids import id_at, time_of

number = count(1)
BANDS = [("nano", 1_000, 10_000), ("micro", 10_000, 100_000), ("macro", 100_000, 1_000_000), ("mega", 1_000_000, None)]


def user(email: str = "", **fields: Any) -> User:
    return User.objects.create_user(email or f"user{next(number)}@example.com", "correct horse battery", **fields)


def brand(code: str = "", **fields: Any) -> Brand:
    code = code or f"brand{next(number)}"
    row = Brand.objects.create(code=code, **{"name": code.title(), **fields})
    scheme = TierScheme.objects.create(brand=row)
    TierBand.objects.bulk_create(
        TierBand(scheme=scheme, name=name, lower=lower, upper=upper) for name, lower, upper in BANDS
    )
    return row


def member(of: Brand, email: str = "", role: str = Role.MANAGER) -> User:
    row = user(email, name=email.split("@", maxsplit=1)[0].title())
    Membership.objects.create(user=row, brand=of, role=role)
    return row


def api_key(of: Brand, *scopes: str) -> str:
    secret = f"secret{next(number)}"
    row = ApiKey(brand=of, name="Test", scopes=list(scopes) or list(Scope.values))
    key = f"gs_{row.prefix}_{secret}"
    row.digest = digest_of(key)
    row.save()
    return key


def creator(
    name: str = "", *, handle: str = "", followers: int | None = 5000, rate: str | None = "0.03", **fields: Any
) -> Creator:
    """A creator with one account; `network=`, `owner=`, `country=`, `niches=` … as wanted."""
    handle = handle or f"creator{next(number)}"
    network = fields.pop("network", Network.INSTAGRAM)
    row = Creator.objects.create(**{"name": name or handle.title(), "country": "DE", "language": "de", **fields})
    account(row, network=network, handle=handle, followers=followers, engagement_rate=Decimal(rate) if rate else None)
    return row


def account(of: Creator, **fields: Any) -> SocialAccount:
    defaults = {"network": Network.INSTAGRAM, "handle": f"handle{next(number)}", "owner": of.owner}
    row = SocialAccount.objects.create(creator=of, **{**defaults, **fields})
    reindex([of.pk])
    return row


def relationship(of: Brand, with_: Creator | None = None, **fields: Any) -> Relationship:
    with_ = with_ or creator()
    return Relationship.objects.create(brand=of, creator=with_, **{"email": f"c{with_.pk}@example.com", **fields})


def campaign(of: Brand, *, by: User | None = None, **fields: Any) -> Campaign:
    defaults: dict[str, Any] = {
        "name": "Spring launch",
        "status": Campaign.Status.LIVE,
        "launched_at": timezone.now(),
        "landing_url": "https://shop.example/spring",
        "budget": Decimal(5000),
        "currency": of.currency,
    }
    row = Campaign.objects.create(brand=of, created_by=by, **{**defaults, **fields})
    Brief.objects.create(campaign=row, benefits="Keeps you warm", disclosure="Start the caption with “Ad”.")
    Deliverable.objects.create(campaign=row, network=Network.INSTAGRAM, format=PostFormat.REEL)
    return row


def collaboration(
    of: Campaign, with_: Relationship | None = None, *, status: str = "offered", **terms: Any
) -> Collaboration:
    """A creator in a campaign with version 1 of an offer sent (or accepted, with `status="accepted"`)."""
    with_ = with_ or relationship(of.brand)
    now = timezone.now()
    agreed = status in {"accepted", "posted"}
    row = Collaboration.objects.create(
        campaign=of, relationship=with_, status=status, followers_when_added=8200, accepted_at=now if agreed else None
    )
    defaults: dict[str, Any] = {"fee": Decimal(120), "commission_percent": Decimal(10), "currency": of.currency}
    Offer.objects.create(
        collaboration=row, version=1, status="accepted" if agreed else "sent", sent_at=now, **{**defaults, **terms}
    )
    return row


def link(of: Collaboration, **fields: Any) -> TrackingLink:
    defaults: dict[str, Any] = {
        "slug": f"link{next(number)}",
        "destination": of.campaign.landing_url,
        "utm_source": "instagram",
        "utm_campaign": "spring-launch",
        "utm_content": "dana.field",
    }
    return TrackingLink.objects.create(collaboration=of, **{**defaults, **fields})


def click(on: TrackingLink, at: datetime | None = None, **fields: Any) -> Click:
    """A person's click; makes the month's partition when it is missing."""
    click_id = id_at(at or timezone.now())
    clicked_at = time_of(click_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tracking_click_partition(%s)", [clicked_at.astimezone(UTC).date()])
    defaults: dict[str, Any] = {"visitor": f"visitor{next(number)}", "device": "mobile", "app": "Instagram"}
    return Click.objects.create(id=click_id, clicked_at=clicked_at, link=on, **{**defaults, **fields})


def discount_code(of: Collaboration, code: str = "", **fields: Any) -> DiscountCode:
    code = code or f"CODE{next(number)}"
    return DiscountCode.objects.create(
        brand=of.campaign.brand, collaboration=of, code=code, **{"percent": Decimal(10), **fields}
    )


def store(of: Brand, **fields: Any) -> Store:
    """A Shopify shop, or one of another `kind`, that signs with `secret`, or "hush"."""
    domain, secret = f"shop{next(number)}.myshopify.com", fields.pop("secret", "hush")
    facts = {"kind": Store.Kind.SHOPIFY, "name": domain, "domain": domain, "sealed": seal(secret) if secret else ""}
    return Store.objects.create(brand=of, **{**facts, **fields})


def renewal_policy(of: Campaign, kind: str, number: int = 0) -> RenewalPolicy:
    return RenewalPolicy.objects.create(campaign=of, kind=kind, number=number)


def order(of: Brand, *codes: str, net: str = "50", in_: Store | None = None, **facts: Any) -> Order:
    """An order received through the partner API: 50.00 in the brand's currency, with these codes."""
    data = {
        "external_id": f"order-{next(number)}",
        "placed_at": timezone.now(),
        "currency": of.currency,
        "net": Decimal(net),
        "codes": tuple(CodeOnOrder(code) for code in codes),
        **facts,
    }
    return receive_order(in_ or api_store(of), OrderData(**data))


def post(of: Creator, url: str = "", **fields: Any) -> Post:
    """A post on the creator's first account."""
    url = url or f"https://www.instagram.com/p/{next(number)}/"
    first = of.accounts.order_by("pk")[0]
    return Post.objects.create(account=first, url=url, **{"posted_at": timezone.now(), **fields})


def email_template(of: Brand, **fields: Any) -> EmailTemplate:
    """A first contact: name, post, offer and personal link."""
    body = "Hi {{ first_name }},\nwe liked {{ referenced_post }}. We offer {{ offer }}: {{ portal_link }}"
    defaults = {"name": f"Template {next(number)}", "subject": "{{ first_name }}, work with {{ brand }}?", "body": body}
    return EmailTemplate.objects.create(brand=of, **{**defaults, **fields})


def conversation(with_: Relationship) -> Conversation:
    return Conversation.objects.get_or_create(relationship=with_)[0]


def message(with_: Relationship, **fields: Any) -> Message:
    """A queued e-mail to the creator; `status=`, `direction=`, `channel=` … as wanted."""
    sent = {"sent_at": timezone.now()} if fields.get("status") == "sent" else {}
    claimed = {"claimed_at": timezone.now()} if fields.get("status") in {"sending", "handed_over"} else {}
    defaults = {"subject": "Hello", "body": "Hi there", "recipient": with_.email, "message_id": new_message_id()}
    row = conversation(with_)
    return Message.objects.create(conversation=row, **{**defaults, **sent, **claimed, **fields})


def database_url() -> str:
    """The address of the test database, for a process or a connection of its own; on a socket or a port."""
    of = connection.get_connection_params()
    return f"postgresql://{of['user']}@/{of['dbname']}?host={of.get('host', '')}&port={of.get('port') or 5432}"
