from __future__ import annotations

import pytest

from campaigns.models import Campaign, Collaboration
from tests import factories as make


@pytest.fixture
def anna(campaign: Campaign) -> Collaboration:
    """A creator who agreed to 10 % commission in Acme's campaign, with the code ANNA10."""
    row = make.collaboration(campaign, status="accepted")
    make.discount_code(row, "ANNA10")
    return row
