"""The rule every brand starts with: a creator's code decides, then the last click; one creator is credited."""

from __future__ import annotations

from tracking.attribution.evidence import Decision, Evidence, Refusal
from tracking.attribution.rules import DEFAULT
from tracking.attribution.rules import decide as decide_by

RULE = DEFAULT.label


def decide(evidence: Evidence) -> Decision | Refusal:
    return decide_by(DEFAULT, evidence)
