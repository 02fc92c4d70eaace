"""Inviting a creator to take over their profile: its own e-mail, once more after a while, and a link that ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions import portal
from creators.models import Creator, Relationship
from groundswell.accounts.models import Brand, User
from outreach.actions.invitations import invitation_of, invite_to_profile
from outreach.actions.messages import CannotReply
from outreach.actions.outbox import send_due
from outreach.actions.suppressions import suppress
from outreach.models import EmailTemplate, Message
from tests import factories as make

Api = Callable[..., APIClient]


class Kept:
    """A mail server in memory."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    def send(self, mail: EmailMessage, before_content: Callable[[], None]) -> None:
        before_content()
        self.mails.append(mail)

    def close(self) -> None: ...


@pytest.fixture
def known(acme: Brand) -> Relationship:
    """A creator with a brand's own record whom Acme has written to before."""
    creator = make.creator("Mara Wild", handle="mara.wild", owner=acme)
    row = make.relationship(acme, creator, email="mara@wild.example")
    make.message(row, status="sent")
    return row


def path(row: Relationship, end: str = "send/") -> str:
    return f"/creators/{row.creator.code}/invitation/{end}"


def sent(by: Any = None) -> EmailMessage:
    server = Kept()
    send_due(server)
    (mail,) = server.mails
    return mail


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_from_the_button_to_the_claimed_profile(as_alice: Client, client: Client, known: Relationship) -> None:
    assert "Invite to claim it" in as_alice.get(path(known, "")).content.decode()
    as_alice.post(path(known))
    mail = sent()
    assert (mail["To"].addresses[0].addr_spec, "profile is waiting" in mail["Subject"]) == ("mara@wild.example", True)
    found = re.search(r"https?://[^/]+(/portal/enter/\S+)", text_of(mail))
    assert found
    landed = client.get(found[1], follow=True)
    assert landed.redirect_chain[-1][0] == "/portal/profile/"
    assert "This is me" in landed.content.decode()
    client.post("/portal/profile/claim/", {"network": "instagram", "handle": "mara.wild"})
    assert "/portal/enter/" not in as_alice.get(f"/conversations/{known.code}/").content.decode()
    assert User.objects.get(email="mara@wild.example").claims.get().handle == "mara.wild"


def test_link_ends_after_thirty_days_and_a_new_one_is_sent(
    as_alice: Client, client: Client, known: Relationship, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite_to_profile(known, by=alice)
    found = re.search(r"https?://[^/]+(/portal/enter/\S+)", text_of(sent()))
    assert found
    long_ago = timezone.now() - portal.INVITATION_AGE - timedelta(days=1)
    Message.objects.invitations().update(sent_at=long_ago, created_at=long_ago)
    assert "Link ended" in as_alice.get(path(known, "")).content.decode()
    monkeypatch.setattr(portal, "INVITATION_AGE", timedelta(seconds=-1))
    assert client.get(found[1]).status_code == 410
    monkeypatch.undo()
    as_alice.post(path(known))
    assert Message.objects.invitations().count() == 2
    again = re.search(r"https?://[^/]+(/portal/enter/\S+)", text_of(sent()))
    assert again
    assert client.get(again[1]).status_code == 302


def test_once_more_after_three_days_and_three_times_at_most(known: Relationship, alice: User) -> None:
    invite_to_profile(known, by=alice)
    for _ in range(2):
        with pytest.raises(CannotReply, match="less than 3 days ago"):
            invite_to_profile(known, by=alice)
        Message.objects.invitations().update(created_at=timezone.now() - timedelta(days=4))
        invite_to_profile(known, by=alice)
    Message.objects.invitations().update(created_at=timezone.now() - timedelta(days=4))
    with pytest.raises(CannotReply, match="3 times"):
        invite_to_profile(known, by=alice)
    assert Message.objects.invitations().count() == 3


def test_failed_invitation_does_not_count(known: Relationship, alice: User) -> None:
    message = invite_to_profile(known, by=alice)
    Message.objects.filter(pk=message.pk).update(status="failed")
    assert invitation_of(known).obstacle == ""


@pytest.mark.parametrize("case", ["claimed", "stranger", "suppressed", "blocked", "no address"])
def test_nobody_is_invited_in_vain(acme: Brand, known: Relationship, alice: User, dana: User, case: str) -> None:
    if case == "claimed":
        Creator.objects.filter(pk=known.creator_id).update(user=dana)
    elif case == "stranger":
        Message.objects.all().delete()
    elif case == "suppressed":
        suppress(acme, known.email, by=alice)
    elif case == "blocked":
        Relationship.objects.update(stage="blocked")
    else:
        Relationship.objects.update(email="")
    fresh = Relationship.objects.select_related("creator", "brand").get(pk=known.pk)
    with pytest.raises(CannotReply):
        invite_to_profile(fresh, by=alice)
    assert not Message.objects.invitations().exists()


def test_brands_own_template_is_used(acme: Brand, known: Relationship, alice: User) -> None:
    make.email_template(acme, subject="Yours, {{ first_name }}", body="Here: {{ profile_link }}")
    message = invite_to_profile(known, by=alice)
    assert (message.subject, message.body) == ("Yours, Mara", "Here: {{ profile_link }}")
    EmailTemplate.objects.update(body="{{ offer }} {{ profile_link }}")
    Message.objects.all().update(created_at=timezone.now() - timedelta(days=4))
    with pytest.raises(CannotReply, match="Nothing is known for"):
        invite_to_profile(known, by=alice)


def test_reader_and_stranger(as_bob: Client, as_charlie: Client, known: Relationship) -> None:
    assert "Invite to claim it" not in as_bob.get(path(known, "")).content.decode()
    assert as_bob.post(path(known)).status_code == 403
    assert as_charlie.get(path(known, "")).status_code == 404
    assert as_charlie.post(path(known)).status_code == 404
    assert not Message.objects.invitations().exists()


def test_partners_invite(api: Api, acme: Brand, globex: Brand, known: Relationship) -> None:
    twin = f"/api/v1/creators/{known.creator.code}/invitation/"
    assert api(acme).get(twin).data["obstacle"] == ""
    answer = api(acme).post(twin)
    assert (answer.status_code, answer.data["count"], answer.data["is_claimed"]) == (201, 1, False)
    assert api(acme).post(twin).status_code == 409
    assert api(acme, "outreach:read").post(twin).status_code == 403
    assert api(globex).get(twin).status_code == 404
    assert api(globex).post(twin).status_code == 404
    assert Message.objects.invitations().count() == 1
