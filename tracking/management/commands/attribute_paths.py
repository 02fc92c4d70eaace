import argparse
import csv
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracking.attribution.markov import markov
from tracking.attribution.paths import (
    HALF_LIFE,
    HEURISTICS,
    BadPaths,
    Credits,
    Journey,
    by_touches,
    read_journeys,
    shapley,
    time_decay,
)

MODELS = [*HEURISTICS, "time-decay", "markov", "shapley"]


class Command(BaseCommand):
    help = (
        "Credits the conversions of paths (CSV path,conversions,value,null with ' > ' between touches) to their "
        "channels by a named rule; prints CSV channel,conversions,value. Needs no database."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=argparse.FileType(encoding="utf-8-sig"), help="- reads standard input")
        parser.add_argument("--model", choices=MODELS, required=True)
        parser.add_argument("--order", type=int, default=1, help="channels a Markov state remembers")
        parser.add_argument("--with-null", action="store_true", help="Markov also learns from paths without conversion")
        parser.add_argument("--half-life", type=float, default=HALF_LIFE, help="of the time decay, in touches")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["order"] < 1:
            raise CommandError("--order must be 1 or more.")
        if options["half_life"] <= 0:
            raise CommandError("--half-life must be above 0.")
        try:
            journeys = list(read_journeys(options["file"]))
        except (BadPaths, UnicodeDecodeError, csv.Error) as error:
            raise CommandError(f"{options['file'].name}: {error}") from error
        self.write(self.credits(journeys, options))
        self.report(journeys, with_null=options["with_null"])

    def credits(self, journeys: list[Journey], options: dict[str, Any]) -> Credits:
        match options["model"]:
            case "markov":
                return markov(journeys, options["order"], with_null=options["with_null"])
            case "shapley":
                return shapley(journeys)
            case "time-decay":
                return by_touches(journeys, time_decay(options["half_life"]))
            case name:
                return by_touches(journeys, HEURISTICS[name])

    def write(self, credited: Credits) -> None:
        """The largest first."""
        out = csv.writer(self.stdout, lineterminator="\n")
        out.writerow(["channel", "conversions", "value"])
        for channel, credit in sorted(credited.items(), key=lambda item: (-item[1].conversions, item[0])):
            out.writerow([channel, repr(credit.conversions), repr(credit.value)])

    def report(self, journeys: list[Journey], *, with_null: bool) -> None:
        untouched = sum(journey.conversions for journey in journeys if not journey.touches)
        if untouched:
            self.stderr.write(f"{untouched:g} conversions came without any touch and are credited to nobody.")
        if not any(journey.conversions for journey in journeys):
            self.stderr.write("No path converted: there is nothing to credit.")
        if with_null and not any(journey.nulls for journey in journeys):
            self.stderr.write("--with-null: no path without conversion was given, so it changes nothing.")
