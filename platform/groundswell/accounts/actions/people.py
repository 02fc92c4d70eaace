"""People: those of brand teams and creators share one table of sign-ins, and one kind per address."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from groundswell.accounts.models import User


class AddressTaken(Exception):
    """The address signs in already, as somebody of the other kind (`kind` names which) or as the same."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"This address belongs to a {User.Kind(kind).label.lower()} account.")
        self.kind = kind


@transaction.atomic
def create_person(email: str, *, kind: str, name: str = "", password: str | None = None) -> User:
    """A person whose address was just proven by a link sent to it; without a password nobody can guess one.

    Raises AddressTaken when somebody signs in with the address, in whatever spelling of its case.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, kind=kind, name=name[:120])
    except IntegrityError:
        raise AddressTaken(User.objects.get(email__iexact=email).kind) from None
    verify_address(user)
    return user


def verify_address(user: User) -> None:
    """Remember that the person reads the mail of their address, so that signing in asks for no proof again."""
    row, created = EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    if not created and not row.verified:
        EmailAddress.objects.filter(pk=row.pk).update(verified=True, primary=True)


def rename(user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(name=name)
