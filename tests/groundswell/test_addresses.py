"""The address of a client: one rule for pages and for the click path."""

from __future__ import annotations

import pytest

from groundswell.lib.addresses import client_address


@pytest.mark.parametrize(
    ("remote", "forwarded", "behind_proxy", "expected"),
    [
        ("203.0.113.9", None, False, "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1", False, "203.0.113.9"),
        ("127.0.0.1", "10.0.0.1, 198.51.100.7", True, "198.51.100.7"),
        ("127.0.0.1", "10.0.0.1,198.51.100.7 ", True, "198.51.100.7"),
        ("127.0.0.1", None, True, "127.0.0.1"),
        ("2001:DB8:0:0::1", None, False, "2001:db8::1"),
        ("", None, False, None),
        ("127.0.0.1", "somebody", True, None),
        ("127.0.0.1", "198.51.100.7, ", True, None),
    ],
)
def test_a_forwarded_address_counts_only_behind_our_proxy_and_only_its_last_entry(
    remote: str, forwarded: str | None, behind_proxy: bool, expected: str | None
) -> None:
    environ = {"REMOTE_ADDR": remote} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    assert client_address(environ, behind_proxy=behind_proxy) == expected
    assert client_address({}, behind_proxy=behind_proxy) is None
