"""A report behind a link: for a while, with a password, with nothing but its sections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign
from groundswell.accounts.models import Brand, User
from tracking.actions.reports import ShareRefused, renew_share, revoke_share, share_report
from tracking.models import Report, ReportShare


def shared(of: Report, **choices: Any) -> tuple[ReportShare, str]:
    row, token = share_report(of, by=None, expires_at=timezone.now() + timedelta(days=30), **choices)
    return row, f"/shared-reports/{token}/"


def test_a_link_shows_the_report_and_counts_visits(report: Report, client: Client) -> None:
    row, path = shared(report)
    answer = client.get(path)
    page = answer.content.decode()
    assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex, nofollow")
    assert "no-store" in answer["Cache-Control"]
    assert "€440.00" in page
    assert "Anna" in page
    assert "/campaigns/" not in page
    assert "/collaborations/" not in page
    client.get(path)
    assert row.visits.get().times == 2
    assert row.digest not in page
    assert path.split("/")[2] not in row.digest


def test_prices_of_creators_stay_inside(report: Report, client: Client) -> None:
    report.sections = ["creators"]
    report.save()
    _, closed = shared(report)
    _, open_ = shared(report, shows_costs=True)
    assert "ROI on margin" not in client.get(closed).content.decode()
    assert "ROI on margin" in client.get(open_).content.decode()


def test_names_can_be_numbers_everywhere(report: Report, client: Client) -> None:
    _, path = shared(report, hides_names=True)
    page = client.get(path).content.decode()
    assert "Creator 1" in page
    assert "Anna" not in page
    for section in report.sections:
        assert b"Anna" not in client.get(f"{path}sections/{section}.csv").content


def test_a_password_comes_first_and_tries_are_counted(report: Report, client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "shared_password": "3/15m/ip"}
    row, path = shared(report, password="sesame")
    assert "sesame" not in row.password
    before = client.get(path).content.decode()
    assert not [word for word in ("Orders", row.report.name, "Acme", row.code) if word in before]
    assert client.get(f"{path}report.pdf").status_code == 302
    assert client.get(f"{path}sections/money.csv").status_code == 302
    assert client.post(f"{path}password/", {"password": "wrong"}).status_code == 403
    assert client.post(f"{path}password/", {"password": "sesame"}).status_code == 302
    assert "Orders" in client.get(path).content.decode()
    other = Client()
    assert [other.post(f"{path}password/", {"password": "no"}).status_code for _ in range(2)] == [403, 429]
    assert row.visits.get().times == 1


def test_files_can_be_kept_back(report: Report, client: Client) -> None:
    _, given = shared(report)
    assert client.get(f"{given}report.pdf").content.startswith(b"%PDF")
    assert client.get(f"{given}report.xlsx").status_code == 200
    assert client.get(f"{given}report.exe").status_code == 404
    _, kept = shared(report, gives_files=False)
    for path in ("report.pdf", "report.xlsx", "sections/money.csv"):
        assert client.get(kept + path).status_code == 404


def test_links_end_and_last_longer(report: Report, client: Client) -> None:
    row, path = shared(report)
    ReportShare.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert client.get(path).status_code == 404
    renew_share(row, expires_at=timezone.now() + timedelta(days=1), by=None)
    assert client.get(path).status_code == 200
    assert revoke_share(row, by=None) is True
    assert revoke_share(row, by=None) is False
    assert client.get(path).status_code == 404
    with pytest.raises(ShareRefused):
        renew_share(row, expires_at=timezone.now() + timedelta(days=1), by=None)
    for days in (-1, 400):
        with pytest.raises(ShareRefused):
            share_report(report, by=None, expires_at=timezone.now() + timedelta(days=days))


def test_a_deleted_report_is_gone_for_its_readers(report: Report, as_alice: Client, client: Client) -> None:
    _, path = shared(report)
    as_alice.post(f"/reports/{report.code}/delete/")
    assert client.get(path).status_code == 404


def test_share_renew_and_end_by_page(report: Report, as_alice: Client, client: Client) -> None:
    answer = as_alice.post(f"/reports/{report.code}/sharing/", {"days": "30", "password": "", "gives_files": "on"})
    page = answer.content.decode()
    token = page.partition("/shared-reports/")[2].partition("/")[0]
    assert client.get(f"/shared-reports/{token}/").status_code == 200
    row = ReportShare.objects.get()
    assert f"/shared-reports/{token}" not in as_alice.get(f"/reports/{report.code}/sharing/").content.decode()
    as_alice.post(f"/report-shares/{row.code}/renew/", {"days": "90"})
    row.refresh_from_db()
    assert row.expires_at > timezone.now() + timedelta(days=89)
    as_alice.post(f"/report-shares/{row.code}/revoke/")
    assert client.get(f"/shared-reports/{token}/").status_code == 404
    assert as_alice.post(f"/reports/{report.code}/sharing/", {"days": "0"}).status_code == 422


def test_others_may_not_touch_links(report: Report, as_bob: Client, as_charlie: Client) -> None:
    row, _ = shared(report)
    for path in ("renew", "revoke"):
        assert as_bob.post(f"/report-shares/{row.code}/{path}/").status_code == 403
        assert as_charlie.post(f"/report-shares/{row.code}/{path}/").status_code == 404
    before = (row.expires_at, row.revoked_at)
    row.refresh_from_db()
    assert (row.expires_at, row.revoked_at) == before


# Partners


def test_the_whole_life_by_api(
    sold: Campaign,
    acme: Brand,
    alice: User,
    api: Callable[..., APIClient],
    client: Client,
) -> None:
    partner = api(acme)
    facts = {"name": "API", "campaigns": [sold.code], "sections": ["headline", "money"]}
    made = partner.post("/api/v1/reports/", facts, format="json")
    assert made.status_code == 201, made.content
    path = f"/api/v1/reports/{made.json()['code']}/"
    changed = partner.patch(path, {"sections": ["money", "headline"]}, format="json").json()
    assert (changed["sections"], changed["campaigns"]) == (["money", "headline"], [sold.code])
    run = partner.get(f"{path}run/").json()
    assert [one["section"] for one in run["sections"]] == ["money", "headline"]
    assert run["sections"][0]["tables"][0]["rows"][-1]["amount"] == "384.00"
    assert partner.get(f"{path}report.pdf").content.startswith(b"%PDF")
    assert partner.get(f"{path}report.xlsx").status_code == 200
    assert partner.get(f"{path}schedule/").json()["next_due"] is None
    plan = partner.put(f"{path}schedule/", {"team": [alice.email], "addresses": ["c@a.example"]}, format="json")
    assert plan.json()["readers"] == [alice.email, "c@a.example"]
    assert partner.get("/api/v1/reports/").json()["results"][0]["next_due"] == plan.json()["next_due"]
    assert partner.get(f"{path}letters/").json()["results"] == []
    assert partner.delete(f"{path}schedule/").status_code == 204
    until = (timezone.now() + timedelta(days=3)).isoformat()
    share = partner.post(f"{path}shares/", {"expires_at": until, "password": "sesame"}, format="json").json()
    assert share["has_password"] is True
    assert client.get(share["url"].removeprefix("http://testserver")).status_code == 200
    assert "url" not in partner.get(f"{path}shares/").json()[0]
    later = (timezone.now() + timedelta(days=9)).isoformat()
    renewed = partner.patch(f"/api/v1/report-shares/{share['code']}/", {"expires_at": later}, format="json")
    assert renewed.json()["status"] == "open"
    assert partner.delete(f"/api/v1/report-shares/{share['code']}/").status_code == 204
    assert partner.delete(path).status_code == 204
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"campaigns": ["nonsense"]}, 400),
        ({"campaigns": []}, 409),
        ({"sections": []}, 400),
        ({"sections": ["money", "money"]}, 409),
        ({"sections": ["weather"]}, 400),
        ({"period": "fixed"}, 409),
        ({"period": "fixed", "since": "2026-02-02", "until": "2026-02-01"}, 409),
        ({"top": 0}, 400),
    ],
)
def test_bad_calls_are_refused(
    sold: Campaign,
    acme: Brand,
    api: Callable[..., APIClient],
    changes: dict[str, Any],
    status: int,
) -> None:
    facts = {"name": "API", "campaigns": [sold.code], **changes}
    answer = api(acme).post("/api/v1/reports/", facts, format="json")
    assert (answer.status_code, Report.objects.exists()) == (status, False)


def test_keys_of_others_find_nothing(
    report: Report,
    globex: Brand,
    acme: Brand,
    api: Callable[..., APIClient],
) -> None:
    path = f"/api/v1/reports/{report.code}/"
    for part in ("", "run/", "report.pdf", "report.xlsx", "schedule/", "letters/", "shares/"):
        assert api(globex).get(path + part).status_code == 404
    assert api(acme, "returns:read").delete(path).status_code == 403
    assert Report.objects.exists()
