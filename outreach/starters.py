"""Templates that every new brand starts with: short, personal, honest about the offer."""

FIRST = """Hi {{ first_name }},

I just came across this post of yours: {{ referenced_post }}

The way you talk to people there is what we look for. I'm {{ sender_name }} from {{ brand }}, and I'd like to \
work with you on “{{ campaign }}”.

What we offer: {{ offer }}. You keep your own voice; we only ask that the post is marked as advertising.

The brief and the offer are on your personal page, where you can accept, make a counter-offer or decline:
{{ portal_link }}

Questions? Just reply to this e-mail.

Best wishes
{{ sender_name }}
"""

PRODUCT = """Hi {{ first_name }},

{{ referenced_post }} made us think of you: this is exactly how our customers use what we make.

We'd love to hear your honest opinion in “{{ campaign }}”. What we offer: {{ offer }}.

Everything about it, and a button to say yes, no or “yes, but”:
{{ portal_link }}

If it isn't for you, that's fine. A short no helps us as well.

Best wishes
{{ sender_name }}, {{ brand }}
"""

FOLLOW_UP = """Hi {{ first_name }},

I wrote to you about “{{ campaign }}” a while ago and wanted to ask once more, in case it got lost.

The offer still stands: {{ offer }}. It is here, and one click says yes or no:
{{ portal_link }}

I won't write about this again if I don't hear from you.

Best wishes
{{ sender_name }}, {{ brand }}
"""

INVITATION = """Hi {{ first_name }},

brands find creators here by what these publish. There is a page about you and {{ handle }} as well, and it should be \
yours: there you say what you post about, what you ask for, and what nobody should see.

This is your link. It shows what is there about you, and lets you take it over, or have it erased:
{{ profile_link }}

It costs nothing, and what we agree on with you stays between us.

Best wishes
{{ sender_name }}, {{ brand }}
"""

STARTERS: tuple[dict[str, str], ...] = (
    {"name": "First contact", "subject": "{{ first_name }}, a collaboration with {{ brand }}?", "body": FIRST},
    {"name": "First contact: try our product", "subject": "Would you try this, {{ first_name }}?", "body": PRODUCT},
    {"name": "Invitation to their profile", "subject": "{{ first_name }}, your profile is waiting", "body": INVITATION},
    {"name": "Follow-up", "subject": "Still interested, {{ first_name }}?", "body": FOLLOW_UP},
)
