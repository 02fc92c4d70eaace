"""A brand's own domains for links: added, proved by a DNS record, removed. And its rules for destinations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.actions.destinations import LinkRefusedError
from tracking.dns import DnsAwayError, LookUp, txt_records
from tracking.models import LinkAlias, LinkDomain, LinkRules, TrackingLink


class DomainTakenError(LinkRefusedError):
    """The domain belongs to another brand, or was added already."""


class DomainNotProvedError(LinkRefusedError):
    """The DNS record is missing or another one."""


class DomainInUseError(LinkRefusedError):
    """Links live on the domain."""


@transaction.atomic
def add_domain(brand: Brand, host: str, *, by: User | None) -> LinkDomain:
    """A domain to be proved; until then it serves nothing. Raises DomainTakenError."""
    own = urlsplit(settings.SITE_URL).hostname or ""
    if host == own or LinkDomain.objects.verified().exclude(brand=brand).filter(host=host).exists():
        raise DomainTakenError(f"{host} is in use already.")
    try:
        with transaction.atomic():
            domain = LinkDomain.objects.create(brand=brand, host=host)
    except IntegrityError as error:
        raise DomainTakenError(f"You added {host} already.") from error
    record(brand, "link_domain.added", domain, by=by, host=host)
    return domain


def verify_domain(domain: LinkDomain, *, by: User | None, look_up: LookUp = txt_records) -> None:
    """Look the record up and take the domain into service. Raises DomainNotProvedError or DomainTakenError."""
    problem = problem_of(domain, look_up)
    LinkDomain.objects.filter(pk=domain.pk).update(checked_at=timezone.now(), problem=problem)
    if problem:
        raise DomainNotProvedError(problem)
    take_into_service(domain, by=by)


def problem_of(domain: LinkDomain, look_up: LookUp) -> str:
    try:
        found = look_up(domain.record_name)
    except DnsAwayError:
        return "The name servers did not answer. Try again in a few minutes."
    if domain.record_value in found:
        return ""
    return "Another value is there." if found else "There is no TXT record yet. New records take minutes to be seen."


@transaction.atomic
def take_into_service(domain: LinkDomain, *, by: User | None) -> None:
    try:
        with transaction.atomic():
            rows = LinkDomain.objects.filter(pk=domain.pk, verified_at=None).update(verified_at=timezone.now())
    except IntegrityError as error:
        raise DomainTakenError(f"{domain.host} belongs to another brand.") from error
    if rows:
        record(domain.brand, "link_domain.verified", domain, by=by, host=domain.host)


@transaction.atomic
def remove_domain(domain: LinkDomain, *, by: User | None) -> None:
    """Raises DomainInUseError while links live on it, or did: they have been shared."""
    here = {"domain": domain}
    if TrackingLink.objects.filter(**here).exists() or LinkAlias.objects.filter(**here).exists():
        raise DomainInUseError(f"Links on {domain.host} have been shared. Pause them instead.")
    record(domain.brand, "link_domain.removed", domain, by=by, host=domain.host)
    domain.delete()


@transaction.atomic
def change_rules(brand: Brand, *, by: User | None, **fields: Any) -> LinkRules:
    """Change allowed sites and apps and how visitors are counted; the redirect follows within a second."""
    rules, _ = LinkRules.objects.update_or_create(brand=brand, defaults=fields)
    TrackingLink.objects.of(brand).update(updated_at=timezone.now())
    record(brand, "link_rules.changed", rules, by=by, **fields)
    return rules
