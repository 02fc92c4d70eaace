"""Variables: an allow-list, one pass, errors that name the variable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach import starters
from outreach.rendering import (
    VARIABLES,
    MalformedVariable,
    MissingValue,
    UnknownVariable,
    check,
    fill_late,
    keeps_late,
    names_in,
    render,
    render_subject,
    uses,
)

VALUES = {name: f"<{name}>" for name in VARIABLES}


def test_fills_every_variable_whatever_the_spaces() -> None:
    text = "{{first_name}} {{ brand }} {{   offer}}"
    assert render(text, VALUES) == "<first_name> <brand> <offer>"


def test_names_an_unknown_variable() -> None:
    with pytest.raises(UnknownVariable, match=r"\{\{ firstname \}\}") as caught:
        render("Hi {{ firstname }}", VALUES)
    assert caught.value.names == ("firstname",)


@pytest.mark.parametrize("value", ["", "   "])
def test_names_every_missing_value(value: str) -> None:
    with pytest.raises(MissingValue) as caught:
        render("{{ handle }} {{ brand }} {{ offer }}", {"brand": "Acme", "handle": value})
    assert caught.value.names == ("handle", "offer")


@pytest.mark.parametrize("text", ["Hi {{ first_name", "Hi first_name }}", "{% if x %}", "{{ {{ name }} }}"])
def test_refuses_broken_variables(text: str) -> None:
    with pytest.raises(MalformedVariable):
        check(text)


@pytest.mark.parametrize("text", ["{{ brand.secret }}", "{{ name|upper }}", "{{ __class__ }}"])
def test_knows_no_template_language(text: str) -> None:
    with pytest.raises(UnknownVariable):
        check(text)


def test_never_reads_a_value_as_a_template() -> None:
    assert render("Hi {{ name }}", {**VALUES, "name": "{{ offer }}"}) == "Hi {{ offer }}"


def test_keeps_the_secret_link_out_until_sending() -> None:
    stored = render("Look: {{portal_link}} {{ brand }}", keeps_late(VALUES))
    assert stored == "Look: {{ portal_link }} <brand>"
    assert fill_late(stored, "https://x.example/1") == "Look: https://x.example/1 <brand>"


def test_a_subject_is_one_line_of_at_most_300_characters() -> None:
    hostile = {**VALUES, "name": "Eve\r\nBcc: all@example.com"}
    assert render_subject("Hi {{ name }}", hostile) == "Hi Eve Bcc: all@example.com"
    assert len(render_subject("{{ name }}", {"name": "x" * 1000})) == 300


@given(st.text())
def test_text_without_braces_stays_as_it_is(text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    assert render(plain, {}) == plain


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(min_size=1).filter(str.strip), min_size=1))
def test_every_value_arrives_once_and_unchanged(values: dict[str, str]) -> None:
    text = "|".join("{{ " + name + " }}" for name in values)
    assert render(text, values) == "|".join(values.values())


@given(st.text(alphabet="{}% abn", max_size=40))
def test_any_text_is_rendered_or_refused(text: str) -> None:
    try:
        check(text)
    except (UnknownVariable, MalformedVariable):
        return
    assert "{{" not in text or names_in(text)


def test_starters_are_sound_and_two_of_them_open_a_conversation() -> None:
    for starter in starters.STARTERS:
        check(starter["subject"])
        check(starter["body"])
    assert [uses(starter["body"], "referenced_post") for starter in starters.STARTERS] == [True, True, False, False]
