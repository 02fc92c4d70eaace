"""The sections of a report, each from the functions that the results pages use: one figure, one value, everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from campaigns.models import Submission
from tracking.attribution.words import describe
from tracking.models import AttributionRule, Credit, Report
from tracking.reports.breakdown import Breakdown, Part
from tracking.reports.campaign import Line, funnel_of, series_of, unmatched_in
from tracking.reports.figures import FORMULAS, Figures, cost_kinds, efficiency
from tracking.reports.freshness import freshness_of
from tracking.reports.material import Material
from tracking.reports.outlooks import hint_of
from tracking.reports.series import Day
from tracking.reports.tables import ENDS, ROW, Cell, Chart, Column, Row, Section, Table

WEEKLY_BEYOND = 62  # days
BARS = 12
PEOPLE = 4  # steps of the funnel that count people; clicks and orders are of another scale
COSTS = ("cost", "roi", "roi_low", "roi_high", "advice", "why")
Built = Callable[[Material], Section]


def sections_of(material: Material) -> list[Section]:
    """The report's sections in its order; days and times by the brand's clock."""
    with timezone.override(material.report.brand.timezone):
        return [built(word, material) for word in material.report.sections]


def built(word: str, material: Material) -> Section:
    section = BUILDERS[word](material)
    section.title = section.title or str(Report.Section(word).label)
    return section


def each(material: Material, title: str) -> Iterable[tuple[str, str]]:
    """Every currency, and the title of its table."""
    several = len(material.currencies) > 1
    return [(one, f"{title}, {one}" if several else title) for one in material.currencies]


def ends(interval: Any) -> tuple[float | None, float | None]:
    return (interval.low, interval.high) if interval else (None, None)


# Headline and funnel


HEADLINE = (
    Column("figure", "Figure"),
    Column("value", "Value", ROW),
    Column("unit", "Unit"),
    Column("low", "95% from", ENDS),
    Column("high", "to", ENDS),
    Column("definition", "How it is made"),
)


def headline(material: Material) -> Section:
    tables = [
        Table("headline", title, HEADLINE, headline_rows(material.totals[currency], currency), currency)
        for currency, title in each(material, "Headline figures")
    ]
    return Section("headline", "", tables, notes=freshness_notes(material))


def headline_rows(total: Figures, currency: str) -> list[Row]:
    money, cost = f"money:{currency}", total.cost or None
    facts: list[tuple[str, Any, Any, str, str]] = [
        ("Orders", total.orders, total.orders_interval, "number", FORMULAS["orders"]),
        ("Unique clicks", total.unique_clicks, None, "number", FORMULAS["unique"]),
        ("Conversion", total.conversion, total.conversion_interval, "percent:2", FORMULAS["conversion"]),
        ("Net revenue", total.revenue, total.revenue_interval, money, FORMULAS["revenue"]),
        ("Refunded", total.refunded, None, money, "Goods sent back, taken off the net revenue."),
        ("New customers", total.new_customers, None, "number", "Orders of people who had not bought before."),
        ("Cost", cost, None, money, FORMULAS["cost"]),
        ("Contribution", total.contribution, None, money, FORMULAS["contribution"]),
        ("ROI on margin", total.roi, total.roi_interval, "percent:0", FORMULAS["roi"]),
        ("ROI on revenue", total.roi_on_revenue, None, "percent:0", FORMULAS["roi_revenue"]),
        ("ROAS", total.roas, None, "times", FORMULAS["roas"]),
        ("CPA", total.cpa, None, money, FORMULAS["cpa"]),
        ("CAC", total.cac, None, money, FORMULAS["cac"]),
    ]
    return [
        Row(
            (name, value, Cell(value, kind).unit, *ends(limits), text),
            kind,
            ends_kind="number:1" if kind == "number" else kind,
        )
        for name, value, limits, kind, text in facts
    ]


def freshness_notes(material: Material) -> list[str]:
    if material.waiting_since is None:
        return []
    since = in_brand_time(material, material.waiting_since)
    return [f"Clicks or orders since {since} were still being added up and may be missing."]


def in_brand_time(material: Material, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(material.report.brand.timezone)):%-d %b %Y, %H:%M}"


def funnel(material: Material) -> Section:
    totals = list(material.totals.values())
    clicks, orders = sum(one.unique_clicks for one in totals), sum(one.orders for one in totals)
    steps = funnel_of(material.people, Figures(unique_clicks=clicks, orders=orders))
    columns = (Column("stage", "Step"), Column("count", "Count", "number"))
    people = steps[:PEOPLE]
    chart = Chart("funnel", "funnel", "Creators", [name for name, _ in people], [count for _, count in people])
    note = "People, then clicks, then orders: three kinds of count."
    if not material.period.is_open:
        note += " Creators stand where they stand today; clicks and orders are those of the period."
    return Section("funnel", "", [Table("funnel", "Steps", columns, [Row(step) for step in steps])], [chart], [note])


# Over time


def series(material: Material) -> Section:
    section = Section("series", "")
    for currency, title in each(material, "Over time"):
        campaigns = material.campaigns_in(currency)
        rows = series_of(campaigns, period=material.period)
        weekly = len(rows) > WEEKLY_BEYOND
        rows = series_of(campaigns, weekly=True, period=material.period) if weekly else rows
        head = Column("week_from", "Week from", "day") if weekly else Column("day", "Day", "day")
        section.tables.append(series_table(head, title, rows, currency))
        section.charts += series_charts(rows, currency, several=len(material.currencies) > 1)
    return section


def series_table(head: Column, title: str, rows: list[Day], currency: str) -> Table:
    columns = (
        head,
        Column("unique_clicks", "Unique clicks", "number"),
        Column("orders", "Orders", "number"),
        Column("revenue", "Net revenue", f"money:{currency}"),
    )
    lines = [Row(tuple(row)) for row in rows]
    clicks, orders = sum(row.unique_clicks for row in rows), sum(row.orders for row in rows)
    total = Row(("All", clicks, orders, sum((row.revenue for row in rows), Decimal(0))), is_total=True)
    return Table("series", title, columns, [*lines, total] if lines else [], currency)


def series_charts(rows: list[Day], currency: str, *, several: bool) -> list[Chart]:
    labels = [row.day.isoformat() for row in rows]
    after = f", {currency}" if several else ""

    def one(word: str, kind: str, name: str, money: str = "") -> Chart:
        return Chart(
            f"{word}-{currency.lower()}", kind, name + after, labels, [getattr(row, word) for row in rows], money
        )

    if not rows:
        return []
    return [
        one("unique_clicks", "line", "Unique clicks"),
        one("orders", "bar", "Orders"),
        one("revenue", "bar", "Net revenue", currency),
    ]


# Creators


def figure_columns(currency: str) -> tuple[Column, ...]:
    money = f"money:{currency}"
    return (
        Column("unique_clicks", "Unique clicks", "number", FORMULAS["unique"]),
        Column("orders", "Orders", "number", FORMULAS["orders"]),
        Column("orders_low", "95% from", "number:1"),
        Column("orders_high", "to", "number:1"),
        Column("revenue", "Net revenue", money, FORMULAS["revenue"]),
        Column("cost", "Cost", money, FORMULAS["cost"]),
        Column("roi", "ROI on margin", "percent:0", FORMULAS["roi"]),
        Column("roi_low", "95% from", "percent:0"),
        Column("roi_high", "to", "percent:0"),
    )


def figure_values(figures: Figures) -> tuple[Any, ...]:
    return (
        figures.unique_clicks,
        figures.orders,
        *ends(figures.orders_interval),
        figures.revenue,
        figures.cost or None,
        figures.roi,
        *ends(figures.roi_interval),
    )


def creators(material: Material) -> Section:
    first = "return" if material.period.is_open else "orders"
    notes = [f"The lower end of the {first} decides the order, so that two lucky orders never lead."]
    if not material.period.is_open:
        notes.append("Keep, keep testing and pause rest on the campaign's whole record, not on the period alone.")
    if material.hides_costs:
        notes.append("What each creator cost is not part of this copy.")
    tables = [creators_table(material, currency, title) for currency, title in each(material, "Creators")]
    return Section("creators", "", tables, notes=notes)


def creators_table(material: Material, currency: str, title: str) -> Table:
    columns = (
        Column("creator", "Creator"),
        Column("advice", "Advice"),
        Column("campaign", "Campaign"),
        Column("tier", "Tier"),
        Column("status", "Status"),
        *figure_columns(currency),
        Column("why", "Why"),
    )
    lines, total = material.lines(currency), material.totals[currency]
    named = [line for line in lines if line.is_worth_a_row][: material.report.top]
    rows = [creator_row(material, line) for line in named]
    if rest := len(lines) - len(named):
        rows.append(rest_row(f"{rest:,} more", [line for line in lines if line not in named]))
    unshared = sum((one.unshared.total for one in material.within(currency)), Decimal(0))
    if unshared:
        rows.append(Row(("Costs laid on nobody", *[None] * 9, unshared, *[None] * 4)))
    if rows:
        rows.append(Row(("All", "", "", "", "", *figure_values(total), ""), is_total=True))
    table = Table("creators", title, columns, rows, currency)
    hidden = (*(COSTS if material.hides_costs else ()), *(() if len(material.campaigns) > 1 else ("campaign",)))
    return table.without(*hidden)


def creator_row(material: Material, line: Line) -> Row:
    hint = hint_of(line, material.expected.get(line.collaboration.pk))
    status = line.collaboration.get_status_display()
    advice, reason = (hint.label, hint.note) if hint else (None, None)
    facts = (
        material.name_of(line),
        advice,
        material.campaign_names[line.collaboration.campaign_id],
        line.tier.capitalize(),
        status,
    )
    return Row((*facts, *figure_values(line.figures), reason))


def rest_row(name: str, lines: list[Line]) -> Row:
    figures = lines[0].figures
    for line in lines[1:]:
        figures += line.figures
    return Row((name, "", "", "", "", *figure_values(figures), ""))


# Told apart


def part_table(material: Material, found: Breakdown, currency: str, title: str) -> Table:
    columns = (Column("key", found.title), Column("creators", "Creators", "number"), *figure_columns(currency))
    parts = parts_in(found, currency)
    rows = [Row((part.name.capitalize(), part.creators, *figure_values(part.figures))) for part in parts]
    unshared = found.unshared.get(currency)
    if unshared and unshared.total:
        rows.append(Row(("Costs laid on nobody", *[None] * 6, unshared.total, *[None] * 3)))
    if rows:
        people = sum(part.creators for part in parts)
        rows.append(Row(("All", people, *figure_values(material.totals[currency])), is_total=True))
    return Table(found.by, title, columns, rows, currency)


def parts_in(found: Breakdown, currency: str) -> list[Part]:
    return [part for part in found.parts if part.currency == currency]


def part_chart(found: Breakdown, currency: str, title: str) -> Chart:
    parts = parts_in(found, currency)[:BARS]
    names = [part.name.capitalize() for part in parts]
    return Chart(
        f"{found.by}-{currency.lower()}", "horizontal", title, names, [part.figures.revenue for part in parts], currency
    )


def told_apart(material: Material, section: str, words: Iterable[str]) -> Section:
    built = Section(section, "")
    for word in words:
        found = material.told_by(word)
        for currency, title in each(material, found.title):
            if parts_in(found, currency):
                built.tables.append(part_table(material, found, currency, title))
                built.charts.append(part_chart(found, currency, f"Net revenue by {title.lower()}"))
        built.notes.append(" ".join(filter(None, (found.note, f"Scheme: {found.scheme}." if found.scheme else ""))))
    return built


def tiers(material: Material) -> Section:
    return told_apart(material, "tiers", ["tier"])


def formats(material: Material) -> Section:
    return told_apart(material, "formats", ["network", "format"])


# Money


def money(material: Material) -> Section:
    section = Section("money", "", notes=[FORMULAS["cost"]])
    for currency, title in each(material, "Cost by kind"):
        total = material.totals[currency]
        section.tables.append(money_table(total, currency, title))
        kinds = [(name, amount) for name, amount, _ in cost_kinds(total) if amount]
        if kinds:
            names, amounts = zip(*kinds, strict=True)
            section.charts.append(
                Chart(f"cost-{currency.lower()}", "horizontal", title, list(names), list(amounts), currency)
            )
    section.notes += [note for one in material.returns if (note := one.shared_note)][:1]
    return section


def money_table(total: Figures, currency: str, title: str) -> Table:
    columns = (
        Column("kind", "Kind"),
        Column("amount", "Amount", f"money:{currency}"),
        Column("roi_without_it", "ROI on margin without it", "percent:0", FORMULAS["roi"]),
        Column("roi_on_revenue_without_it", "ROI on revenue without it", "percent:0", FORMULAS["roi_revenue"]),
    )
    rows = [Row((name, amount, rest.roi, rest.roi_on_revenue)) for name, amount, rest in cost_kinds(total)]
    rows.append(Row(("All kinds, nothing left out", total.cost, total.roi, total.roi_on_revenue), is_total=True))
    return Table("money", title, columns, rows, currency)


# Attribution


def attribution(material: Material) -> Section:
    tables = [rules_table(material, currency, title) for currency, title in each(material, "Rules that gave credit")]
    missing = unmatched_in(material.campaigns, material.period)
    columns = (Column("reason", "Why"), Column("orders", "Orders", "number"))
    if missing:
        tables.append(Table("unmatched", "Orders that credit nobody", columns, [Row(one) for one in missing]))
    return Section("attribution", "", tables, notes=attribution_notes(material))


def rules_table(material: Material, currency: str, title: str) -> Table:
    columns = (
        Column("rule", "Rule and version"),
        Column("orders", "Orders", "number"),
        Column("revenue", "Net revenue", f"money:{currency}"),
    )
    lines = Credit.objects.filter(
        material.period.of("credited_on"), collaboration__campaign__in=material.campaigns_in(currency)
    )
    sums = lines.order_by().values_list("rule").annotate(
        orders=Count("order", filter=Q(refund=None, number=0), distinct=True), net=Sum("revenue")
    )  # fmt: skip
    rows = [Row((rule or "by hand", orders, net)) for rule, orders, net in sums.order_by("-net", "rule")]
    return Table("rules", title, columns, rows, currency)


def attribution_notes(material: Material) -> list[str]:
    deciding = AttributionRule.objects.deciding(material.report.brand)
    rules = {deciding.get(one.pk, deciding[None]) for one in material.campaigns}
    in_order = sorted(rules, key=lambda rule: rule.label)
    notes = [f"In force for new orders: {rule.label}. {describe(rule)}" for rule in in_order]
    leaked = sum(rank.is_leaked for one in material.returns for rank in one.ranks)
    if leaked:
        codes = "1 creator's code" if leaked == 1 else f"{leaked} creators' codes"
        notes.append(f"{codes} may have leaked; commission on them is held.")
    known = material.engagement
    if known.posts and known.viewed.posts < known.posts:
        notes.append(f"The views of {known.posts - known.viewed.posts:,} of {known.posts:,} posts are not known.")
    return [*notes, "Attribution is a rule, not a proof of cause.", *freshness_notes(material)]


# Posts


def posts(material: Material) -> Section:
    known = material.engagement
    rates = [
        Row((rate.basis.capitalize(), rate.value, rate.engagements, rate.denominator, rate.posts))
        for rate in (known.reach, known.views, known.followers)
    ]
    columns = (
        Column("basis", "Engagement rate"),
        Column("rate", "Rate", "percent:2"),
        Column("engagements", "Engagements", "number"),
        Column("denominator", "Denominator", "number"),
        Column("posts", "Posts known", "number"),
    )
    tables = [Table("engagement", "Engagement", columns, rates)]
    tables += [efficiency_table(material, currency, title) for currency, title in each(material, "Cost of one")]
    tables.append(posts_table(material))
    note = f"{known.posts:,} posts were handed in. Rates of different denominators are not comparable."
    return Section("posts", "", tables, notes=[note])


def efficiency_table(material: Material, currency: str, title: str) -> Table:
    one = efficiency(material.totals[currency], material.engagement_in(currency))
    facts = [("CPC", one.cpc, "cpc"), ("CPE", one.cpe, "cpe"), ("CPM by views", one.cpm, "cpm"),
             ("CPM by reach", one.cpm_reach, "cpm"), ("CPV", one.cpv, "cpv")]  # fmt: skip
    columns = (
        Column("measure", "Measure"),
        Column("cost", "Cost", f"money:{currency}"),
        Column("definition", "How it is made"),
    )
    return Table(
        "efficiency", title, columns, [Row((name, value, FORMULAS[word])) for name, value, word in facts], currency
    )


def submissions_of(material: Material) -> Any:
    rows = Submission.objects.counting().filter(
        material.period.of("post__posted_at__date"), collaboration__campaign__in=material.campaigns
    )
    return rows.select_related("post__account", "collaboration__relationship__creator")


def posts_table(material: Material) -> Table:
    columns = (
        Column("creator", "Creator"),
        Column("network", "Network"),
        Column("format", "Format"),
        Column("posted_on", "Posted", "day"),
        Column("views", "Views", "number"),
        Column("reach", "Reach", "number"),
        Column("engagements", "Engagements", "number"),
        Column("address", "Post"),
    )
    best = submissions_of(material).order_by(F("post__views").desc(nulls_last=True), "pk")[: material.report.top]
    table = Table("posts", "Posts seen most", columns, [post_row(material, row) for row in best])
    return table.without("address") if material.hides_names else table


def post_row(material: Material, row: Submission) -> Row:
    post, relationship = row.post, row.collaboration.relationship
    name = material.called(relationship.pk, relationship.creator.name)
    day = material.report.brand.day(post.posted_at) if post.posted_at else None
    facts = (name, post.account.get_network_display(), post.get_format_display() or None, day)
    return Row((*facts, post.views, post.reach, post.engagements, post.url))


# Health


def health(material: Material) -> Section:
    rows = submissions_of(material).order_by()
    counts = rows.aggregate(
        labelled=Count("pk", filter=Q(post__is_disclosed=True)),
        missing=Count("pk", filter=Q(post__is_disclosed=False)),
        unknown=Count("pk", filter=Q(post__is_disclosed=None)),
    )
    names = {"labelled": "Labelled as advertising", "missing": "Not labelled", "unknown": "Not known"}
    disclosure = Table(
        "disclosure",
        "Disclosure of the posts",
        (Column("label", "Label"), Column("posts", "Posts", "number")),
        [Row((name, counts[word])) for word, name in names.items()],
    )
    return Section("health", "", [disclosure, sources_table(material)], notes=freshness_notes(material))


def sources_table(material: Material) -> Table:
    fresh = freshness_of(material.report.brand)
    stores: list[Any] = list(fresh.stores)

    def when(moment: datetime | None) -> str | None:
        return in_brand_time(material, moment) if moment else None

    facts = [
        ("Everything added up through", when(fresh.through)),
        ("Last click on a creator's link", f"{fresh.last_click_on:%-d %b %Y}" if fresh.last_click_on else None),
        *((f"Last order of {store.name}", when(store.last_order_at)) for store in stores),
        ("Results proved to be the sums of their rows", when(fresh.check.at) if fresh.check else None),
    ]
    return Table(
        "sources", "Where the figures come from", (Column("source", "Source"), Column("newest", "Newest")),
        [Row(one) for one in facts],
    )  # fmt: skip


def text(material: Material) -> Section:
    return Section("text", material.report.text_title, text=material.report.text)


BUILDERS: dict[str, Built] = {
    "headline": headline,
    "funnel": funnel,
    "series": series,
    "creators": creators,
    "tiers": tiers,
    "formats": formats,
    "money": money,
    "attribution": attribution,
    "posts": posts,
    "health": health,
    "text": text,
}
