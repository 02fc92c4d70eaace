"""Networks that answer on this machine what their documentation promises."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from pytest_httpserver import HTTPServer

from tests.networks import Networks


@pytest.fixture
def networks(httpserver: HTTPServer, settings: Any) -> Networks:
    """All networks on one local server; this installation is registered with each of them."""
    cache.clear()
    return Networks(httpserver, settings)
