"""The spool's writing end: what was appended is in the file, whole, whatever the disk or the process does."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.spool import writer as writing
from tracking.spool.ids import new_id
from tracking.spool.keys import DAY, VisitorKeys
from tracking.spool.pressure import Pressure, forget_gauges, pressure_in
from tracking.spool.records import MAX_LINE, Record, UnreadableError, decode, encode
from tracking.spool.segments import segments_in
from tracking.spool.writer import SpoolWriter

TEXT = st.text(st.characters(max_codepoint=255), max_size=3000)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def writer(spool: Path) -> Iterator[SpoolWriter]:
    """A writer whose sync happens when a test calls it."""
    made = SpoolWriter(spool)
    made.stopping.set()
    made.thread.join()
    yield made
    made.close()


def lines(spool: Path) -> list[bytes]:
    return [line for segment in segments_in(spool) for line in segment.path.read_bytes().splitlines()]


@given(agent=TEXT, referrer=TEXT, purpose=TEXT, country=TEXT)
def test_a_line_gives_back_what_went_in(agent: str, referrer: str, purpose: str, country: str) -> None:
    click_id = new_id(1_700_000_000_000)
    line = encode(click_id, 7, "GET", 3, "a" * 32, country, purpose, agent, referrer)
    assert len(line) < MAX_LINE
    assert line.count(b"\n") == 1
    cut = [text.replace("\0", "") for text in (country[:2], purpose[:20], agent[:300], referrer[:200])]
    assert decode(line[:-1]) == Record(click_id, 7, "GET", 3, "a" * 32, *cut)


@given(st.binary(max_size=300))
def test_what_is_no_line_is_refused_with_a_reason(line: bytes) -> None:
    with pytest.raises(UnreadableError):
        decode(line)


def test_one_flipped_bit_is_noticed() -> None:
    line = encode(new_id(1_700_000_000_000), 7, "GET", 1, "a" * 32, "DE", "", "Mozilla/5.0", "https://x.example")[:-1]
    for place in range(9, len(line)):
        with pytest.raises(UnreadableError, match="checksum"):
            decode(line[:place] + bytes([line[place] ^ 4]) + line[place + 1 :])


def test_a_line_is_in_the_file_before_append_returns(writer: SpoolWriter, spool: Path) -> None:
    writer.append(b"one\n")
    assert lines(spool) == [b"one"]


def test_a_segment_belongs_to_its_writer_until_that_ends(spool: Path) -> None:
    writer = SpoolWriter(spool)
    (segment,) = segments_in(spool)
    assert re.fullmatch(rf"{os.getpid()}-[0-9a-f]+-1", segment.name)
    with segment.claimed() as abandoned:
        assert not abandoned
    writer.close()
    with segment.claimed() as abandoned:
        assert abandoned


def test_a_killed_writer_leaves_its_lines_and_its_segment(spool: Path) -> None:
    code = (
        "import os, signal, pathlib; from tracking.spool.writer import SpoolWriter;"
        f"w = SpoolWriter(pathlib.Path({str(spool)!r})); w.append(b'one\\n'); w.append(b'two\\n');"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert lines(spool) == [b"one", b"two"]
    with segments_in(spool)[0].claimed() as abandoned:
        assert abandoned


@pytest.mark.parametrize("limit", [{"segment_bytes": 4}, {"segment_seconds": -1}])
def test_a_full_or_old_segment_gives_way_to_a_new_one(spool: Path, limit: dict[str, Any]) -> None:
    writer = SpoolWriter(spool, **limit)
    writer.stopping.set()
    writer.thread.join()
    writer.append(b"one\n")
    writer.sync()
    writer.append(b"two\n")
    first, second = sorted(segments_in(spool), key=lambda segment: segment.name)
    assert (first.path.read_bytes(), second.path.read_bytes()) == (b"one\n", b"two\n")
    with first.claimed() as left, second.claimed() as current:
        assert (left, current) == (True, False)
    writer.close()


def test_an_idle_writer_keeps_its_segment(writer: SpoolWriter, spool: Path) -> None:
    writer.segment_seconds = -1
    writer.sync()
    assert len(segments_in(spool)) == 1


def test_a_full_disk_holds_clicks_in_memory_and_then_writes_them_in_order(
    writer: SpoolWriter, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing.os, "write", full)
    writer.append(b"one\n")
    writer.append(b"two\n")
    writer.sync()
    assert (lines(spool), writer.lost) == ([], 0)
    monkeypatch.setattr(writing.os, "write", write)
    writer.append(b"three\n")
    writer.sync()
    writer.append(b"four\n")
    assert lines(spool) == [b"one", b"two", b"three", b"four"]


def test_beyond_the_backlog_lost_clicks_are_counted(writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BACKLOG", 2)
    writer.postpone(b"one\n", OSError(errno.ENOSPC, ""))
    for _ in range(3):
        writer.append(b"more\n")
    assert (len(writer.backlog), writer.lost) == (2, 2)


def test_what_waits_and_what_was_lost_is_shown_beside_the_segments(
    writer: SpoolWriter, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "BACKLOG", 2)
    for _ in range(5):
        writer.postpone(b"one\n", OSError(errno.ENOSPC, ""))
    writer.gauge.show(Pressure(len(writer.backlog), writer.lost))
    assert pressure_in(spool) == Pressure(waiting=2, lost=3)
    forget_gauges(spool, 2**40)
    assert pressure_in(spool) == Pressure(waiting=2, lost=3)
    writer.sync()
    writer.gauge.show(Pressure(len(writer.backlog), writer.lost))
    assert pressure_in(spool) == Pressure(waiting=0, lost=3)


def test_what_waited_in_a_killed_writers_memory_is_lost(spool: Path) -> None:
    code = (
        "import os, signal, pathlib; from tracking.spool.writer import SpoolWriter, Pressure;"
        f"w = SpoolWriter(pathlib.Path({str(spool)!r})); w.gauge.show(Pressure(4, 1));"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert pressure_in(spool) == Pressure(waiting=0, lost=5)
    forget_gauges(spool, 0)
    assert pressure_in(spool) == Pressure(waiting=0, lost=5)
    forget_gauges(spool, 2**40)
    assert pressure_in(spool) == Pressure()


def test_a_disk_that_is_full_at_the_start_gets_its_clicks_later(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(SpoolWriter, "open", full)
        writer = SpoolWriter(spool)
        writer.append(b"one\n")
    writer.close()
    assert lines(spool) == [b"one"]


def test_a_full_disk_does_not_stop_the_telling_apart_of_visitors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, other = VisitorKeys(tmp_path), VisitorKeys(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(VisitorKeys, "of_day", lambda *_: os.open("/dev/full/no", os.O_RDONLY))
        makeshift = keys.visitor(DAY, "203.0.113.7", "phone")
        assert makeshift == keys.visitor(DAY + 90_000, "203.0.113.7", "phone")
    assert keys.visitor(DAY + 120_000, "203.0.113.7", "phone") == makeshift
    assert keys.visitor(DAY + 160_000, "203.0.113.7", "phone") == other.visitor(DAY, "203.0.113.7", "phone")


def test_a_line_taken_in_part_is_ended_and_written_again(
    writer: SpoolWriter, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(writing.os, "write", lambda descriptor, data: write(descriptor, data[:2]))
    writer.append(b"first\n")
    monkeypatch.setattr(writing.os, "write", write)
    writer.sync()
    assert lines(spool) == [b"fi", b"first"]


def test_workers_of_a_host_agree_on_a_visitor_for_a_day(tmp_path: Path) -> None:
    noon = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000)
    one, other = VisitorKeys(tmp_path), VisitorKeys(tmp_path)
    assert one.visitor(noon, "203.0.113.7", "phone") == other.visitor(noon, "203.0.113.7", "phone")
    assert one.visitor(noon, "203.0.113.7", "phone") != one.visitor(noon, "203.0.113.8", "phone")
    assert one.visitor(noon, "203.0.113.7", "phone") != one.visitor(noon + DAY, "203.0.113.7", "phone")


def test_a_key_is_gone_after_two_days(tmp_path: Path) -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    keys = VisitorKeys(tmp_path)
    for day in range(4):
        keys.visitor(int((noon + timedelta(days=day)).timestamp() * 1000), "203.0.113.7", "phone")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-11-24.key", "2026-11-25.key"]


SERVICE = """
import json, os, sys
from pathlib import Path
Path(os.environ["SPOOL_DIR"], "links.json").write_text(json.dumps({"hosts": {}, "rows": [
    [1, "dana", "https://shop.example/", "instagram", "influencer", "spring", "", True, ""]]}))
from tracking.redirect import application
said = []
application({"REQUEST_METHOD": "GET", "PATH_INFO": "/r/dana"}, lambda *given: said.extend(given))
application.stop()
print(said[0], sorted({"django", "rest_framework", "celery"} & set(sys.modules)))
"""


def test_the_click_path_runs_without_django(tmp_path: Path) -> None:
    env = {**os.environ, "SPOOL_DIR": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = subprocess.run([sys.executable, "-c", SERVICE], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "302 Found []"
    (segment,) = segments_in(tmp_path)
    assert len(segment.path.read_bytes().splitlines()) == 1
