"""People join a brand by invitation, change roles and leave; somebody always owns it."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from groundswell.accounts.actions.team import (
    LastOwner,
    change_role,
    invitation_url,
    invite_member,
    mail_invitation,
    remove_member,
)
from groundswell.accounts.models import Brand, Invitation, Membership, Role, User
from groundswell.accounts.tasks import send_invitations
from groundswell.events.models import Event
from tests import factories as make


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def invitation(acme: Brand, alice: User) -> Invitation:
    return invite_member(acme, "Eve@Acme.example", Role.MANAGER, by=alice)


def path_of(invitation: Invitation) -> str:
    return urlsplit(invitation_url(invitation)).path


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


def test_owner_invites_and_the_new_person_joins(
    as_alice: Client, client: Client, acme: Brand, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        as_alice.post("/settings/team/invite/", {"email": "eve@acme.example", "role": "manager"})
    (letter,) = mail.outbox
    assert letter.to == ["eve@acme.example"]
    link = urlsplit(re.findall(r"http\S+", str(letter.body))[0]).path
    assert "eve@acme.example" in client.get(link).content.decode()
    assert client.post(link, {"name": "Eve Stone", "password": "a long way to the sea"})["Location"] == "/"
    member = Membership.objects.get(brand=acme, user__email="eve@acme.example")
    assert (member.role, member.user.name) == ("manager", "Eve Stone")
    assert EmailAddress.objects.get(user=member.user).verified
    names = list(Event.objects.of(acme).order_by("pk").values_list("name", flat=True))
    assert names == ["member.invited", "member.joined"]
    assert client.get("/settings/team/").status_code == 200


def test_existing_person_signs_in_and_joins(invitation: Invitation, client: Client, globex: Brand) -> None:
    eve = make.member(globex, "eve@acme.example", Role.OWNER)
    path = path_of(invitation)
    assert "Sign in to join" in client.get(path).content.decode()
    client.post(path, {"name": "Eve", "password": "a long way to the sea"})
    assert not Membership.objects.filter(user=eve, brand=invitation.brand).exists()
    client.force_login(eve)
    assert client.post(path)["Location"] == "/"
    assert Membership.objects.get(user=eve, brand=invitation.brand).role == "manager"


def test_somebody_else_cannot_use_it(invitation: Invitation, as_charlie: Client, charlie: User) -> None:
    assert "is signed in here" in as_charlie.get(path_of(invitation)).content.decode()
    assert as_charlie.post(path_of(invitation)).status_code == 410
    assert not Membership.objects.filter(user=charlie, brand=invitation.brand).exists()


def test_creators_address_cannot_join(acme: Brand, alice: User, as_dana: Client, dana: User) -> None:
    row = invite_member(acme, dana.email, Role.MANAGER, by=alice)
    assert as_dana.post(path_of(row)).status_code == 410
    assert not Membership.objects.filter(user=dana).exists()


def test_link_works_once(invitation: Invitation, client: Client) -> None:
    path = path_of(invitation)
    client.post(path, {"name": "Eve", "password": "a long way to the sea"})
    assert Client().get(path).status_code == 410


def test_link_expires_after_a_fortnight(invitation: Invitation, client: Client) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path_of(invitation)).status_code == 410


def test_code_on_the_team_page_is_no_key(invitation: Invitation, client: Client) -> None:
    assert client.get(f"/invitations/{invitation.code}/").status_code == 410


def test_withdrawn_link_is_dead(invitation: Invitation, as_alice: Client, client: Client) -> None:
    path = path_of(invitation)
    as_alice.post(f"/settings/team/invitations/{invitation.code}/revoke/")
    assert client.get(path).status_code == 410
    assert Event.objects.filter(name="invitation.revoked").count() == 1


def test_second_invitation_renews_the_first(invitation: Invitation, acme: Brand, alice: User) -> None:
    again = invite_member(acme, "eve@acme.example", Role.VIEWER, by=alice)
    assert again.pk == invitation.pk
    assert again.role == "viewer"


def test_member_is_not_invited(as_alice: Client, bob: User) -> None:
    page = as_alice.post("/settings/team/invite/", {"email": "BOB@acme.example", "role": "manager"})
    assert page.status_code == 422
    assert "belongs to your team already" in page.content.decode()
    assert not Invitation.objects.exists()


def test_e_mail_goes_out_once_per_ask(invitation: Invitation, as_alice: Client) -> None:
    assert [mail_invitation(invitation.pk) for _ in range(3)] == [True, False, False]
    as_alice.post(f"/settings/team/invitations/{invitation.code}/resend/")
    assert [mail_invitation(invitation.pk) for _ in range(2)] == [True, False]
    assert len(mail.outbox) == 2
    ids = {letter.extra_headers["Message-ID"] for letter in mail.outbox}
    assert len(ids) == 2


def test_forgotten_e_mail_is_swept(invitation: Invitation) -> None:
    send_invitations()
    assert not mail.outbox
    Invitation.objects.update(asked_at=timezone.now() - timedelta(minutes=6))
    send_invitations()
    assert len(mail.outbox) == 1


def test_mail_server_that_refuses_leaves_the_invitation_unsent(
    invitation: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    with pytest.raises(ConnectionRefusedError):
        mail_invitation(invitation.pk)
    monkeypatch.undo()
    assert mail_invitation(invitation.pk)


def test_owner_changes_a_role(as_alice: Client, bob: User) -> None:
    as_alice.post(f"/settings/team/{membership(bob).code}/role/", {"role": "finance"})
    assert membership(bob).role == "finance"
    event = Event.objects.get(name="role.changed")
    assert (event.data["before"], event.data["role"]) == ("viewer", "finance")


def test_unknown_role_is_refused(as_alice: Client, bob: User) -> None:
    as_alice.post(f"/settings/team/{membership(bob).code}/role/", {"role": "emperor"})
    assert membership(bob).role == "viewer"


def test_owner_removes_a_member_who_is_out_at_once(as_alice: Client, as_bob: Client, bob: User) -> None:
    assert as_bob.get("/settings/team/").status_code == 200
    as_alice.post(f"/settings/team/{membership(bob).code}/remove/")
    assert as_bob.get("/settings/team/")["Location"] == "/welcome/"
    assert Event.objects.get(name="member.removed").data["email"] == bob.email


def test_last_owner_stays(alice: User, bob: User) -> None:
    with pytest.raises(LastOwner):
        remove_member(membership(alice), by=alice)
    with pytest.raises(LastOwner):
        change_role(membership(alice), Role.MANAGER, by=alice)
    assert membership(alice).role == "owner"


def test_page_tells_the_last_owner_why(as_alice: Client, alice: User) -> None:
    page = as_alice.post(f"/settings/team/{membership(alice).code}/remove/", follow=True)
    assert "only owner" in page.content.decode()


def test_one_of_two_owners_may_go(acme: Brand, alice: User) -> None:
    make.member(acme, "eve@acme.example", Role.OWNER)
    remove_member(membership(alice), by=alice)
    assert Membership.objects.of(acme).owners().count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "act", [lambda row, by: change_role(row, Role.VIEWER, by=by), lambda row, by: remove_member(row, by=by)]
)
def test_two_owners_who_put_each_other_out_leave_one(act: Any) -> None:
    acme = make.brand("acme")
    owners = [make.member(acme, f"owner{n}@acme.example", Role.OWNER) for n in range(2)]
    rows, gate, refused = [membership(owner) for owner in owners], threading.Barrier(2), []

    def run(row: Membership, by: User) -> None:
        gate.wait(10)
        try:
            act(row, by)
        except LastOwner as reason:
            refused.append(reason)
        finally:
            connection.close()

    pairs = zip(rows, reversed(owners), strict=True)
    threads = [threading.Thread(target=run, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert Membership.objects.of(acme).owners().count() == 1
    assert len(refused) == 1


@pytest.mark.django_db(transaction=True)
def test_two_invitations_of_one_address_at_once_are_one() -> None:
    acme = make.brand("acme")
    alice = make.member(acme, "alice@acme.example", Role.OWNER)
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait(10)
        try:
            invite_member(acme, "eve@acme.example", Role.VIEWER, by=alice)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert Invitation.objects.count() == 1


def test_viewer_reads_the_team_and_sees_no_buttons(as_bob: Client, alice: User, invitation: Invitation) -> None:
    page = as_bob.get("/settings/team/").content.decode()
    assert "alice@acme.example" in page
    assert "Invite somebody" not in page
    assert "/role/" not in page


def test_team_page_asks_the_same_number_of_queries(
    as_alice: Client, acme: Brand, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        make.member(acme, "", Role.VIEWER)
    as_alice.get("/settings/team/")
    with django_assert_max_num_queries(8) as few:
        as_alice.get("/settings/team/")
    for _ in range(27):
        make.member(acme, "", Role.VIEWER)
    with django_assert_max_num_queries(8) as many:
        as_alice.get("/settings/team/")
    assert len(few) == len(many)
