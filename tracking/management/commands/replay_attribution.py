from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from groundswell.accounts.models import Brand
from tracking.actions.replays import ReplayRefused, claim_replay, differences, start_replay, work_on
from tracking.attribution.rules import Rule
from tracking.models import AttributionRule, AttributionRun

ACTIVE = "active"


class Command(BaseCommand):
    help = (
        "Decides a period's orders once more under a rule, beside the ledger, and prints what each creator's credit "
        "would be. --rule active takes each order's own rule and evidence; with --check any difference to the ledger "
        "is printed and the exit code is 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--brand", help="code; may be left out where there is only one")
        parser.add_argument("--rule", default=ACTIVE, help="active, or name/version such as code-first/2")
        parser.add_argument("--from", dest="since", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--to", dest="until", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--check", action="store_true", help="compare with the ledger, to the cent")

    def handle(self, *args: Any, **options: Any) -> None:
        brand = self.brand(options["brand"])
        if options["since"] > options["until"]:
            raise CommandError("--from lies after --to.")
        as_decided = options["rule"] == ACTIVE
        rule = self.rule(brand, options["rule"])
        try:
            with transaction.atomic():  # claimed before any worker hears of it
                run = start_replay(brand, rule, options["since"], options["until"], as_decided=as_decided)
                claim_replay(run)
        except ReplayRefused as problem:
            raise CommandError(str(problem)) from problem
        work_on(run)
        self.tell(run)
        if options["check"]:
            self.compare(run)

    def brand(self, code: str | None) -> Brand:
        found = list(Brand.objects.filter(code=code) if code else Brand.objects.all()[:2])
        if len(found) != 1:
            raise CommandError(f"No brand has the code {code}." if code else "Say which --brand.")
        return found[0]

    def rule(self, brand: Brand, label: str) -> Rule:
        if label == ACTIVE:
            return AttributionRule.objects.deciding(brand)[None]
        found = AttributionRule.objects.labelled(brand, label)
        if found is None:
            raise CommandError(f"There is no rule {label}.")
        return found

    def tell(self, run: AttributionRun) -> None:
        self.stdout.write(f"{run.done} orders under {run.label}, {run.since} to {run.until}: {run.status}. {run.note}")
        for reason, count in sorted(run.summary.get("refused", {}).items()):
            self.stdout.write(f"  {count} credited to nobody: {reason}")

    def compare(self, run: AttributionRun) -> None:
        found = differences(run)
        for one in found:
            self.stdout.write(f"{one.order} {one.collaboration}: ledger {one.ledger}, replay {one.replay}")
        if found:
            raise CommandError(f"{len(found)} differences to the ledger.")
        self.stdout.write("The ledger is reproduced to the cent.")
