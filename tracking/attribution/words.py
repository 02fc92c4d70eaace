"""Rules in words."""

from __future__ import annotations

from tracking.attribution import rules
from tracking.attribution.rules import Rule

MODELS = [
    (rules.LAST, "Last touch"),
    (rules.FIRST, "First touch"),
    (rules.LAST_NON_DIRECT, "Last touch a creator brought"),
    (rules.LINEAR, "Linear: every touch alike"),
    (rules.TIME_DECAY, "Time decay: the nearer the more"),
    (rules.POSITION, "Position: 40 % first, 20 % between, 40 % last"),
    (rules.SHAPLEY, "Shapley value: every creator on the path alike, or by conversion rate"),
    (rules.MARKOV, "Markov: by removal effect (replay only)"),
]
CONFLICTS = [
    (rules.CODE_WINS, "The code wins"),
    (rules.LINK_WINS, "The link wins"),
    (rules.SPLIT, "Both: the code gets the part below"),
    (rules.CODE_IN_PATH, "The code is one touch more on the path"),
]
ANSWERS = [
    (rules.ALONE, "Counts where no code and no click does"),
    (rules.IN_PATH, "Is a touch more on the path"),
]


def describe(rule: Rule) -> str:
    """A rule in a line of words."""
    window = f"{rule.click_days} days" if rule.model in {"last", "first", "last-non-direct"} else (
        f"{rule.look_back_new} days for new buyers, {rule.look_back_returning} for others"
    )  # fmt: skip
    own = "pays own purchases" if rule.pays_self_referral else "leaves out own purchases"
    conflict = dict(CONFLICTS)[rule.conflict].replace("the part below", f"{rule.code_part.normalize():.0%}")
    return f"{dict(MODELS)[rule.model]}. {conflict}. Clicks within {window}; {own}; {describe_answers(rule)}."


def describe_answers(rule: Rule) -> str:
    """What a rule does with survey answers."""
    if not rule.survey_days:
        return "answers earn nothing"
    where = "alone" if rule.answers == rules.ALONE else f"as a touch of weight {rule.survey_weight.normalize():f}"
    needed = f", with a post of the {rule.survey_post_days} days before" if rule.survey_post_days else ""
    return f"answers count {where} within {rule.survey_days} days{needed}"
