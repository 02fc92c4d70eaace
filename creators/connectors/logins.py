"""How people let us in: OAuth 2 with Google, Instagram, Facebook (for brands) and TikTok.

Google uses PKCE (S256). Instagram, Facebook and TikTok's web login document none, so the state alone binds the answer
to the browser that asked.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from creators.connectors.errors import (
    AccessRevoked,
    BadAnswer,
    ConnectorError,
    NotOffered,
    RateLimited,
    ScopeMissing,
    Unreachable,
)
from creators.connectors.http import Answer, send
from creators.connectors.protocol import Grant
from creators.connectors.values import handle, part, rows, text, whole

# Codes of Meta's graph: try again later (faults of its own and limits), and a token that has ended.
GRAPH_PAUSES = frozenset({1, 2, 4, 17, 32, 341, 613, 80002})
GRAPH_ENDED = 190


class OAuth:
    """Base of the logins; `section` names the part of settings.CONNECTORS with addresses, id and secret."""

    network: ClassVar[str]
    section: ClassVar[str]
    name: ClassVar[str]
    scopes: ClassVar[tuple[str, ...]]
    needed: ClassVar[frozenset[str]]
    uses_pkce: ClassVar[bool] = False

    def __init__(self) -> None:
        self.config: dict[str, Any] = settings.CONNECTORS[self.section]

    @property
    def is_configured(self) -> bool:
        return bool(self.config["client_id"] and self.config["client_secret"])

    @property
    def client(self) -> dict[str, str]:
        return {"client_id": self.config["client_id"], "client_secret": self.config["client_secret"]}

    def authorise_url(self, state: str, redirect_uri: str, verifier: str) -> str:
        asked = {
            "client_id": self.config["client_id"],
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(self.scopes),
            "state": state,
        }
        return f"{self.config['authorise_url']}?{urlencode(asked)}"

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        raise NotImplementedError

    def refresh_token(self, grant: Grant) -> Grant:
        raise NotImplementedError

    def revoke_token(self, grant: Grant) -> None:
        raise NotImplementedError

    def end(self, method: str, url: str, **request: Any) -> None:
        """Ask for the end of an access; a refusal of the token means that it has ended before."""
        answer = send(self.section, method, url, tries=1, may_be_empty=True, **request)
        problem = refused(answer, self.name)
        if problem and not isinstance(problem, AccessRevoked):
            raise problem

    def token(self, method: str, url: str, **request: Any) -> dict[str, Any]:
        """The answer of a token endpoint; asked once only, because a code and some tokens work just once."""
        answer = send(self.section, method, url, tries=1, **request)
        problem = refused(answer, self.name)
        if problem:
            raise problem
        return answer.body

    def grant(self, body: dict[str, Any], **facts: Any) -> Grant:
        """What a token endpoint gave. Raises BadAnswer without a token, ScopeMissing where consent was partial."""
        token = text(body.get("access_token"))
        if not token:
            raise BadAnswer(f"{self.name} gave no token.")
        given = scopes_in(body)
        if given and not self.needed <= set(given):
            raise ScopeMissing(
                f"{self.name} was not allowed to show us all that is needed. Connect again, and allow it."
            )
        return Grant(access_token=token, expires_at=in_seconds(body.get("expires_in")), scopes=given, **facts)


class Google(OAuth):
    network = "youtube"
    section = "youtube"
    name = "Google"
    scopes = ("https://www.googleapis.com/auth/youtube.readonly",)
    needed = frozenset(scopes)
    uses_pkce = True

    def authorise_url(self, state: str, redirect_uri: str, verifier: str) -> str:
        more = {
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
        }
        return f"{super().authorise_url(state, redirect_uri, verifier)}&{urlencode(more)}"

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, **self.client}
        body = self.token("POST", self.config["token_url"], data={**data, "code_verifier": verifier})
        return self.grant(body, refresh_token=text(body.get("refresh_token")))

    def refresh_token(self, grant: Grant) -> Grant:
        """Google keeps the refresh token: only the access token is new."""
        data = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, **self.client}
        body = self.token("POST", self.config["token_url"], data=data)
        return self.grant(body, refresh_token=text(body.get("refresh_token")) or grant.refresh_token)

    def revoke_token(self, grant: Grant) -> None:
        """RFC 7009 in Google's form: the refresh token takes every access token with it."""
        self.end("POST", self.config["revoke_url"], data={"token": grant.refresh_token or grant.access_token})


class Instagram(OAuth):
    """A creator's professional account. A token of 60 days that is prolonged while it is alive."""

    network = "instagram"
    section = "instagram"
    name = "Instagram"
    scopes = ("instagram_business_basic", "instagram_business_manage_insights", "instagram_business_manage_comments")
    needed = frozenset({"instagram_business_basic"})

    def authorise_url(self, state: str, redirect_uri: str, verifier: str) -> str:
        return super().authorise_url(state, redirect_uri, verifier).replace("+instagram", "%2Cinstagram")

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, **self.client}
        body = self.token("POST", self.config["token_url"], data=data)
        first = next(iter(rows(body.get("data"))), body)  # documented inside a list, seen without one
        short = self.grant({**first, "scope": first.get("permissions")})
        params = {"grant_type": "ig_exchange_token", "client_secret": self.config["client_secret"]}
        long = self.prolonged("access_token", {**params, "access_token": short.access_token})
        return replace(long, account_id=number(first.get("user_id")), scopes=short.scopes)

    def refresh_token(self, grant: Grant) -> Grant:
        params = {"grant_type": "ig_refresh_token", "access_token": grant.access_token}
        fresh = self.prolonged("refresh_access_token", params)
        return replace(fresh, account_id=grant.account_id, scopes=grant.scopes)

    def revoke_token(self, grant: Grant) -> None:
        """Meta documents the call for the graph of Facebook; where Instagram's refuses it, the token ends by itself."""
        delete_permissions(self, grant)

    def prolonged(self, path: str, params: dict[str, str]) -> Grant:
        body = self.token("GET", f"{self.config['root_url']}/{path}", params=params)
        return self.grant({"access_token": body.get("access_token")}, ends_at=in_seconds(body.get("expires_in")))


class Facebook(OAuth):
    """A brand's professional account, by the Facebook page it belongs to."""

    network = "instagram"
    section = "facebook"
    name = "Facebook"
    scopes = ("instagram_basic", "instagram_manage_insights", "pages_show_list", "pages_read_engagement")
    needed = frozenset[str]()

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        params = {"code": code, "redirect_uri": redirect_uri, **self.client}
        short = self.grant(self.token("GET", self.config["token_url"], params=params))
        return self.refresh_token(self.with_grantor(self.with_account(short)))

    def with_grantor(self, grant: Grant) -> Grant:
        """With the number of the person: all accounts that they connect are one access to Facebook."""
        headers = {"Authorization": f"Bearer {grant.access_token}"}
        body = self.token("GET", f"{self.config['api_url']}/me", params={"fields": "id"}, headers=headers)
        return replace(grant, grantor=number(body.get("id")))

    def revoke_token(self, grant: Grant) -> None:
        delete_permissions(self, grant)

    def with_account(self, grant: Grant) -> Grant:
        """With the professional account of the first page that has one. Raises AccessRevoked where none has."""
        headers = {"Authorization": f"Bearer {grant.access_token}"}
        params = {"fields": "instagram_business_account{id,username}", "limit": "100"}
        body = self.token("GET", f"{self.config['api_url']}/me/accounts", params=params, headers=headers)
        found = [part(page, "instagram_business_account") for page in rows(body.get("data"))]
        usable = [account for account in rows(found) if number(account.get("id"))]
        if not usable:
            raise AccessRevoked("None of these Facebook pages has a professional Instagram account.")
        return replace(grant, account_id=number(usable[0]["id"]), name=handle(usable[0].get("username")))

    def refresh_token(self, grant: Grant) -> Grant:
        """The same access for another 60 days."""
        asked = {"grant_type": "fb_exchange_token", "fb_exchange_token": grant.access_token, **self.client}
        body = self.token("GET", self.config["token_url"], params=asked)
        fresh = self.grant({"access_token": body.get("access_token")}, ends_at=in_seconds(body.get("expires_in")))
        return replace(fresh, account_id=grant.account_id, name=grant.name, scopes=grant.scopes, grantor=grant.grantor)


class TikTok(OAuth):
    network = "tiktok"
    section = "tiktok"
    name = "TikTok"
    scopes = ("user.info.basic", "user.info.profile", "user.info.stats", "video.list")
    needed = frozenset(scopes)

    @property
    def client(self) -> dict[str, str]:
        return {"client_key": self.config["client_id"], "client_secret": self.config["client_secret"]}

    def authorise_url(self, state: str, redirect_uri: str, verifier: str) -> str:
        asked = {
            "client_key": self.config["client_id"],
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": ",".join(self.scopes),
            "state": state,
        }
        return f"{self.config['authorise_url']}?{urlencode(asked)}"

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, **self.client}
        return self.full(self.token("POST", self.config["token_url"], data=data))

    def refresh_token(self, grant: Grant) -> Grant:
        """TikTok may give another refresh token; the old one is dead then."""
        data = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, **self.client}
        fresh = self.full(self.token("POST", self.config["token_url"], data=data))
        return replace(fresh, refresh_token=fresh.refresh_token or grant.refresh_token)

    def revoke_token(self, grant: Grant) -> None:
        """With the access token of a day; a fresh one where it has run out."""
        if grant.expires_at and grant.expires_at <= timezone.now() and grant.refresh_token:
            grant = self.refresh_token(grant)
        self.end("POST", self.config["revoke_url"], data={**self.client, "token": grant.access_token})

    def full(self, body: dict[str, Any]) -> Grant:
        facts = {"refresh_token": text(body.get("refresh_token")), "account_id": text(body.get("open_id"), 80)}
        return self.grant(body, ends_at=in_seconds(body.get("refresh_expires_in")), **facts)


def delete_permissions(login: OAuth, grant: Grant) -> None:
    """What Meta's graph documents for the end of an access: DELETE /{user}/permissions. Raises a ConnectorError."""
    headers = {"Authorization": f"Bearer {grant.access_token}"}
    url = f"{login.config['api_url']}/me/permissions"
    answer = send(login.section, "DELETE", url, tries=1, headers=headers)
    error = answer.body.get("error")
    code = whole(part(error, "code"))
    if code in GRAPH_PAUSES or answer.status == 429:
        raise RateLimited(f"{login.name} asks for a pause.", answer.wait)
    if error and code != GRAPH_ENDED:
        raise NotOffered(f"{login.name} doesn't end the access (code {code or answer.status}).")


def refused(answer: Answer, name: str) -> ConnectorError | None:
    """What a token endpoint refused; TikTok does so with status 200."""
    error = answer.body.get("error")
    if answer.is_fine and not error:
        return None
    word = text(part(error, "type") if isinstance(error, dict) else error, 80)
    if answer.status == 429:
        return RateLimited(f"{name} asks for a pause.", answer.wait)
    if word in {"invalid_client", "unauthorized_client"}:
        return BadAnswer(f"{name} doesn't know this installation. Its operator has to check id and secret.")
    if word in {"server_error", "temporarily_unavailable"}:
        return Unreachable(f"{name} reports a fault of its own.")
    return AccessRevoked(f"{name} no longer gives access. Connect the account again.")


def challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def in_seconds(value: Any) -> datetime | None:
    seconds = whole(value)
    return timezone.now() + timedelta(seconds=min(seconds, 10 * 365 * 86400)) if seconds else None


def scopes_in(body: dict[str, Any]) -> tuple[str, ...]:
    """Scopes as a string with spaces or commas, or as a list."""
    found = body.get("scope")
    words = found if isinstance(found, list) else re.split(r"[\s,]+", found) if isinstance(found, str) else []
    return tuple(word for word in (text(word, 120) for word in words) if word)


def number(value: Any) -> str:
    """An account's number, which some answers write as a number and others as a string."""
    digits = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return digits if re.fullmatch(r"\d{1,40}", digits, re.ASCII) else ""
