"""Names of places for templates of the creators' pages."""

from django import template

from creators.importing.places import languages
from groundswell.lib.places import countries

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """DE → Germany; an unknown code as it is."""
    return countries().get(code, code)


@register.filter
def language_name(code: str) -> str:
    """de → German; an unknown code as it is."""
    return languages().get(code, code)
