"""A file that a team brought in: rows that were read, rows refused with the reason, and two that may be one person."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

from creators.actions.imports import import_now
from groundswell.demo.brands import House
from groundswell.demo.clock import at

NAME = "trail-fair-visitors.csv"
ROWS = """\ufeffName;Profile;Platform;Followers;Engagement rate;E-mail;Price;Country;Category
Marit Solheim;https://www.instagram.com/marit.solheim/?hl=en;Instagram;8,4K;3,9 %;marit@solheim.example;;Norway;hiking
Marit S.;https://www.tiktok.com/@marit.on.trails;TikTok;12.3K;5.1%;marit@solheim.example;;Norway;hiking, camping
Tobias Kern;@tobi.kern.runs;Instagram;2 310;4,4 %;tobias@kern.example;80 €;Austria;running
Renske Vos;renske.kampeert;Instagram;0.89k;1.39%;;;;camping
No card left;;Instagram;5k;2%;;;Germany;hiking
Pavel Horak;@pavel.horak.outdoor;Instagram;many;3%;pavel@horak.example;;Czechia;hiking
Tobias K.;https://www.instagram.com/tobi.kern.runs/;Instagram;2310;4.4%;tobias@kern.example;80;Austria;running
"""
CREATED = 4


def bring_in(house: House, now: datetime) -> None:
    with at(now - timedelta(days=4)):
        import_now(house.brand, BytesIO(ROWS.encode()), NAME)
