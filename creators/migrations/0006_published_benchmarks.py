from decimal import Decimal

from django.db import migrations

IG, TT, YT = "instagram", "tiktok", "youtube"
HYPE = "HypeAuditor, State of Influencer Marketing"
STATISTA = "Statista listing of HypeAuditor data"
PRODIA = "Prodia, Nano vs Micro Influencers (2025)"
CAPTIV8 = "Captiv8 study by way of EMARKETER"
CAT = "Social Cat, Instagram engagement calculator"
DASH = "Dash Hudson (2023)"
UNTAPPER = "Untapper, vendor's opinion"
EM26 = "HypeAuditor by way of EMARKETER"
RATES = "alittleclass.blogspot.com, How much do influencers cost"
RELEASE = "https://busycontinent.com/influencers-impacted-fraud-decreases-hypeauditor"
SMALLER = "https://emarketer.com/content/smaller-creators-deliver-efficiency-roi-pressure-mounts"
EXCLUSIVE = "https://content-na1.emarketer.com/exclusive-instagram-s-nano-influencers-outperform"
CALCULATOR = "https://thesocialcat.com/instagram-engagement-rate-calculator"
ARCHIVE = "https://archive.com/blog/micro-influencer-engagement-rate-statistics"
OPINION = "https://untapper.com/influencer-marketing-benchmarks"
COST = "https://alittleclass.blogspot.com/2021/01/how-much-do-influencers-cost.html"
COPIED = "Widely copied; the origin was not found."
SELF = "The text contradicts itself: four figures for the same tier."
BAND, VALUE, UPLIFT, SURVEY = "band", "value", "relative_uplift", "survey"


def rate(network, tier, low, high=None, **facts):
    """An engagement rate in per cent."""
    return row("engagement", low, high, network=network, tier=tier, percent=True, **facts)


def price(network, tier, low, high, **facts):
    return row("price", low, high, network=network, tier=tier, kind=BAND, currency="USD", denominator="none", **facts)


def row(metric, low, high=None, *, percent=False, **facts):
    by = Decimal(100 if percent else 1)
    kind = facts.pop("kind", VALUE if high is None else BAND)
    return {
        "metric": metric,
        "kind": kind,
        "low": Decimal(low) / by,
        "high": None if high is None else Decimal(high) / by,
        **facts,
    }


BY_FOLLOWERS = {"denominator": "followers"}
UNSTATED = {"denominator": "unstated"}
OF_BRANDS = {"denominator": "followers", "population": "brands", "note": "Brands' own accounts, not creators."}
PUBLISHED = [
    # Engagement on Instagram
    rate(IG, "nano", "1.78", lower=1000, upper=10000, period="2026", source=EM26, url=SMALLER, confidence="medium", **BY_FOLLOWERS),
    rate(IG, "micro", "0.54", lower=10000, upper=50000, period="2026", source=EM26, url=SMALLER, confidence="medium", **BY_FOLLOWERS),
    rate(IG, "mega", "0.33", lower=1000000, period="2026", source=EM26, url=SMALLER, confidence="medium", **BY_FOLLOWERS),
    rate(IG, "nano", "2.78", period="2022", country="AU", source=HYPE, url=RELEASE, confidence="medium", **BY_FOLLOWERS),
    rate(IG, "nano", "2.19", period="2023", source=STATISTA, confidence="medium", **BY_FOLLOWERS),
    rate(IG, "", "1.85", period="2023", source=STATISTA, confidence="medium", note="All sizes; lowest from 50,000 to 500,000.", **BY_FOLLOWERS),
    rate(IG, "nano", "3.41", period="H1 2024", country="SE", source=STATISTA, confidence="low", **BY_FOLLOWERS),
    rate(IG, "mega", "1.4", lower=1000000, period="H1 2024", country="SE", source=STATISTA, confidence="low", **BY_FOLLOWERS),
    rate(IG, "nano", "4.59", lower=1000, upper=5000, period="2021", country="GB", source=STATISTA, confidence="low", **BY_FOLLOWERS),
    rate(IG, "micro", "2.26", lower=5000, upper=20000, period="2021", country="GB", source=STATISTA, confidence="low", **BY_FOLLOWERS),
    rate(IG, "nano", "5.15", lower=5000, upper=10000, period="H1 2023", country="US", source=STATISTA, confidence="low", **UNSTATED),
    rate(IG, "mega", "2.54", lower=1000000, period="H1 2023", country="US", source=STATISTA, confidence="low", **UNSTATED),
    rate(IG, "nano", "6.23", upper=10000, denominator="impressions", source=CAPTIV8, url=EXCLUSIVE, confidence="medium", note="More than 5,000 campaign posts. Often quoted without its denominator."),
    rate(IG, "nano", "3.38", "4.42", lower=1000, upper=5000, source=CAT, url=CALCULATOR, confidence="low", note="The source's “average” band.", **BY_FOLLOWERS),
    rate(IG, "nano", "1.25", "1.62", lower=5000, upper=10000, source=CAT, url=CALCULATOR, confidence="low", note="The source's “average” band.", **BY_FOLLOWERS),
    rate(IG, "micro", "0.84", "1.11", lower=10000, upper=50000, source=CAT, url=CALCULATOR, confidence="low", note="The source's “average” band.", **BY_FOLLOWERS),
    rate(IG, "micro", "0.75", "1.01", lower=50000, upper=100000, source=CAT, url=CALCULATOR, confidence="low", note="The source's “average” band.", **BY_FOLLOWERS),
    rate(IG, "micro", "3.86", source="archive.com", url=ARCHIVE, note=COPIED, **UNSTATED),
    rate(IG, "mega", "1.21", source="archive.com", url=ARCHIVE, note=COPIED, **UNSTATED),
    rate(IG, "nano", "3", "5", period="2026", source=UNTAPPER, url=OPINION, **UNSTATED),
    rate(IG, "micro", "2", "3.5", period="2026", source=UNTAPPER, url=OPINION, **UNSTATED),
    rate(IG, "mid", "1.5", "2.5", period="2026", source=UNTAPPER, url=OPINION, **UNSTATED),
    rate(IG, "macro", "1", "1.8", period="2026", source=UNTAPPER, url=OPINION, **UNSTATED),
    rate(IG, "mega", "0.7", "1.2", period="2026", source=UNTAPPER, url=OPINION, **UNSTATED),
    rate(IG, "", "1.54", "1.62", lower=20000, source="HypeAuditor, study of six tiers", confidence="low", note="More than 36,000 creators; very old.", **BY_FOLLOWERS),
    rate(IG, "nano", "6.23", "10", source=PRODIA, is_disputed=True, note="Without a formula. The lower figure is Captiv8's by impressions, the upper one is elsewhere TikTok's.", **UNSTATED),
    rate("", "micro", "1", "3", source=PRODIA, is_disputed=True, note=SELF, **UNSTATED),
    rate("", "micro", "3", "6", source=PRODIA, is_disputed=True, note=SELF, **UNSTATED),
    rate("", "micro", "8", source=PRODIA, is_disputed=True, note=SELF, **UNSTATED),
    rate(IG, "", "0.47", period="2022", source="Rival IQ", confidence="medium", **OF_BRANDS),
    rate(IG, "", "0.48", period="2026", source="Socialinsider", confidence="medium", **OF_BRANDS),
    rate(IG, "", "9.7", "16.9", period="2024–2025", source="Emplifi", note="Fell from 16.9 to 9.7. Evidently by reach or the like; not comparable.", population="brands", **UNSTATED),
    # Engagement on TikTok
    rate(TT, "nano", "12.6", period="2022", country="AU", source=HYPE, url=RELEASE, confidence="medium", **BY_FOLLOWERS),
    rate(TT, "nano", "10.3", period="2024", source=PRODIA, is_disputed=True, note="Once said of TikTok, once of Instagram. Copied from archive.com; the origin was not found.", **UNSTATED),
    rate(TT, "micro", "8.7", period="2024", source=PRODIA, is_disputed=True, note=f"{SELF} This one is said of TikTok.", **UNSTATED),
    rate(TT, "nano", "6", "10", period="2026", source=UNTAPPER, url=OPINION, denominator="views"),
    rate(TT, "micro", "4", "7", period="2026", source=UNTAPPER, url=OPINION, denominator="views"),
    rate(TT, "", "4.95", lower=1500000, denominator="views", source=CAPTIV8, url=EXCLUSIVE, confidence="medium", note="Campaign posts; no simple decline with size."),
    rate(TT, "", "7.5", upper=100000, source="IQFluence", url="https://iqfluence.io/public/blog/influencer-marketing-engagement-rate", **UNSTATED),
    rate(TT, "", "5.69", period="2022", source="Rival IQ", confidence="medium", **OF_BRANDS),
    rate(TT, "", "3.7", period="2026", source="Socialinsider", confidence="medium", **OF_BRANDS),
    rate(TT, "", "30", period="2024–2025", source="Emplifi", note="About 30 %, “median engagement”. Evidently by reach or the like; not comparable.", population="brands", **UNSTATED),
    # How tiers compare
    row("engagement", "23.5", percent=True, kind=UPLIFT, tier="micro", against="macro", denominator="reach", source=DASH, note="The rate of micro is 23.5 % higher than that of macro: a ratio, not percentage points. A vendor's own data."),
    row("conversion", "7", percent=True, tier="nano", source=PRODIA, note="Of clicks or of sessions is not said. The origin was not found.", **UNSTATED),
    row("conversion", "3", percent=True, tier="macro", source=PRODIA, note="Of clicks or of sessions is not said. The origin was not found.", **UNSTATED),
    # Return
    row("return", "20", tier="nano", source=PRODIA, denominator="none", is_disputed=True, note="“More than $1,000 per $50”: revenue by cost, not ROI. Goes back to one firm's code-tracked sales."),
    row("return", "5.78", tier="micro", source=PRODIA, denominator="none", note="“$5.78 per $1”: revenue by cost, not ROI. The origin was not found."),
    # Opinions and shares
    row("opinion", "56", percent=True, kind=SURVEY, tier="micro", population="people", denominator="none", source=PRODIA, note="Marketers who report a better return with small creators. No ground for a forecast."),
    row("opinion", "92", percent=True, kind=SURVEY, population="people", denominator="none", source=PRODIA, note="People who trust individuals over companies. Context only."),
    row("population", "75", percent=True, network=IG, tier="nano", denominator="none", source=PRODIA, is_disputed=True, note="Said of Instagram's users; the title of the source it cites says of Instagram's influencers."),
    row("population", "81.5", percent=True, network=IG, tier="nano", lower=1000, upper=10000, period="2026", denominator="none", source=EM26, url=SMALLER, confidence="medium"),
    row("population", "14.4", percent=True, network=IG, tier="micro", lower=10000, upper=50000, period="2026", denominator="none", source=EM26, url=SMALLER, confidence="medium"),
    # Prices
    price("", "nano", "10", "100", source=f"{PRODIA}; {DASH}", note="Or the product alone."),
    price("", "micro", "50", "500", source=DASH, note="Overlaps with nano: a price says nothing about the size."),
    price("", "macro", "1000", None, source=PRODIA, note="“Thousands or even millions”: no upper end."),
    price("", "mega", "1000", None, source=PRODIA, note="“Thousands or even millions”: no upper end."),
    price(IG, "micro", "100", "500", period="2021", source=RATES, url=COST, note=COPIED),
    price(IG, "mid", "500", "5000", period="2021", source=RATES, url=COST, note=COPIED),
    price(IG, "macro", "5000", "10000", period="2021", source=RATES, url=COST, note=COPIED),
    price(YT, "nano", "20", "200", period="2021", source=RATES, url=COST, note=COPIED),
    price(YT, "micro", "200", "1000", period="2021", source=RATES, url=COST, note=COPIED),
    price(TT, "nano", "5", "25", period="2021", source=RATES, url=COST, note=COPIED),
    price(TT, "micro", "25", "125", period="2021", source=RATES, url=COST, note=COPIED),
]  # fmt: skip


def publish(apps, schema_editor):
    Benchmark = apps.get_model("creators", "Benchmark")
    Benchmark.objects.bulk_create(Benchmark(**facts) for facts in PUBLISHED)


def withdraw(apps, schema_editor):
    apps.get_model("creators", "Benchmark").objects.filter(owner=None).delete()


class Migration(migrations.Migration):
    dependencies = [("creators", "0005_benchmarks")]
    operations = [migrations.RunPython(publish, withdraw)]
