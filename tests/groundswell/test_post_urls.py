"""Addresses of posts: one canonical form, and nothing else gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.lib.post_urls import HOSTS, parse_post_url

PASTED = {
    "https://instagram.com/reel/Cx_1-a/?igsh=x": ("instagram", "https://www.instagram.com/reel/Cx_1-a/", ""),
    "www.instagram.com/Dana.Field/p/abc": ("instagram", "https://www.instagram.com/p/abc/", "dana.field"),
    "https://www.instagram.com/stories/dana/123/": ("instagram", "https://www.instagram.com/stories/dana/123/", "dana"),
    "https://m.tiktok.com/@Dana.F/video/77?x=1#y": ("tiktok", "https://www.tiktok.com/@dana.f/video/77", "dana.f"),
    "https://vm.tiktok.com/ZMabc/": ("tiktok", "https://vm.tiktok.com/ZMabc/", ""),
    "https://youtu.be/dQw4w9WgXcQ?si=1": ("youtube", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", ""),
    "https://m.youtube.com/watch?list=a&v=dQw4": ("youtube", "https://www.youtube.com/watch?v=dQw4", ""),
    "https://youtube.com/shorts/a-b_c": ("youtube", "https://www.youtube.com/shorts/a-b_c", ""),
    "https://blog.example/a?b=c": ("other", "https://blog.example/a?b=c", ""),
}


@pytest.mark.parametrize("text", PASTED)
def test_what_people_paste(text: str) -> None:
    network, url, handle = PASTED[text]
    found = parse_post_url(text, network)
    assert (found.url, found.handle) == (url, handle)


@given(text=st.text(max_size=80), network=st.sampled_from([*HOSTS, "other"]))
def test_any_text_is_a_post_or_refused(text: str, network: str) -> None:
    for candidate in (text, f"https://www.{network}.com/{text}"):
        try:
            found = parse_post_url(candidate, network)
        except ValueError:
            continue
        assert found.url.startswith("https://")
        assert parse_post_url(found.url, network).url == found.url
