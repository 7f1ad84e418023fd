"""Logs without content, traces, figures."""

import asyncio
import io
import json
import logging
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.infra import telemetry
from lienthong.infra.errors import STORAGE_FULL
from lienthong.infra.metrics import MAX_SERIES, Registry


@pytest.fixture
def log():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    telemetry.configure("info", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_has_time_level_event_trace_and_known_fields(log):
    with telemetry.tracing() as trace:
        telemetry.info("envelope.accepted", envelope="e-1", duration_ms=3.5, recipients=2)
    telemetry.debug("not.shown")
    (line,) = log()
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "info",
        "event": "envelope.accepted",
        "envelope": "e-1",
        "duration_ms": 3.5,
        "recipients": 2,
        "trace": trace,
    }


def test_content_cannot_be_logged_by_a_new_field_name_or_a_query(log):
    telemetry.info("x", subject="Mật: nhân sự", body="tối mật", route="/v1/inbox?name=Nguyễn", name="a\nb")
    text = json.dumps(log(), ensure_ascii=False)
    assert "nhân sự" not in text
    assert "tối mật" not in text
    assert "Nguyễn" not in text
    assert log()[0]["withheld"] == "subject body"
    assert log()[0]["name"] == "a b"


def test_a_fault_says_kind_and_place_but_not_the_message(log):
    try:
        raise ValueError("content of a document")
    except ValueError as reason:
        telemetry.fault("job.failed", reason, job=7)
    telemetry.fault("job.failed", Refused(STORAGE_FULL))
    first, second = log()
    assert first["error"].startswith("ValueError at ")
    assert "test_infra_telemetry" in first["error"]
    assert "content" not in json.dumps(first)
    assert second["error"] == "STORAGE_FULL at nowhere"


def test_records_of_libraries_lose_their_values(log):
    logging.getLogger("some.library").warning("could not read %s", "/inbox/secret.pdf")
    logging.getLogger("some.library").info("quiet")
    logging.getLogger("some.library").error(f"holds {'content'}")
    text = json.dumps(log())
    assert len(log()) == 2
    assert "secret" not in text
    assert "holds" not in text


def test_a_trace_comes_from_the_header_or_is_made():
    trace = "0af7651916cd43dd8448eb211c80319c"
    assert telemetry.trace_from_header(f"00-{trace}-b7ad6b7169203331-01") == trace
    for bad in (None, "", "00-zz-b7-01", f"00-{'0' * 32}-b7ad6b7169203331-01", "x" * 10_000):
        made = telemetry.trace_from_header(bad)
        assert len(made) == 32
        assert made != trace


def test_traces_of_concurrent_tasks_do_not_mix():
    async def work():
        with telemetry.tracing() as mine:
            await asyncio.sleep(0)
            return telemetry.trace_id() == mine

    async def several():
        return await asyncio.gather(*[work() for _ in range(10)])

    assert all(asyncio.run(several()))
    assert telemetry.trace_id() is None
    with telemetry.tracing("not a trace") as mine:
        assert len(mine) == 32


@given(st.text(max_size=50), st.dictionaries(st.text(max_size=8), st.text(max_size=300), max_size=4))
def test_any_text_gives_one_line_of_json(event, fields):
    record = logging.LogRecord("x", 20, "x", 1, "%s", (event,), None)
    record.lienthong_fields = fields
    line = telemetry._JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["level"] == "info"


def test_the_figures_page_is_exact():
    figures = Registry()
    counter = figures.counter("accepted", "Accepted documents", ["face"])
    gauge = figures.gauge("debt", "Untimestamped leaves")
    histogram = figures.histogram("seconds", "Time\nto accept", buckets=(0.1, 1.0))
    counter.add("native")
    counter.add("native", by=2)
    counter.add('q"\\\n')
    gauge.set(lambda: 2.5)
    for value in (0.1, 0.2, 5):
        histogram.observe(value)
    assert figures.exposition() == (
        "# TYPE accepted counter\n# HELP accepted Accepted documents\n"
        'accepted_total{face="native"} 3\naccepted_total{face="q\\"\\\\\\n"} 1\n'
        "# TYPE debt gauge\n# HELP debt Untimestamped leaves\ndebt 2.5\n"
        "# TYPE seconds histogram\n# HELP seconds Time\\nto accept\n"
        'seconds_bucket{le="0.1"} 1\nseconds_bucket{le="1.0"} 2\nseconds_bucket{le="+Inf"} 3\n'
        "seconds_count 3\nseconds_sum 5.3\n# EOF\n"
    )


def test_figures_are_declared_once_with_their_labels_and_cannot_grow_without_end():
    figures = Registry()
    counter = figures.counter("c", "c", ["key"])
    with pytest.raises(ValueError, match="twice"):
        figures.gauge("c", "again")
    with pytest.raises(ValueError, match="labels"):
        counter.add()
    with pytest.raises(ValueError, match="grows"):
        counter.add("a", by=-1)
    with pytest.raises(ValueError, match="rise"):
        figures.histogram("h", "h", buckets=(1, 1))
    with pytest.raises(ValueError, match="rise"):
        figures.histogram("h", "h", buckets=(1, math.inf))
    for n in range(MAX_SERIES + 50):
        counter.add(str(n))
    assert len(counter.samples()) == MAX_SERIES + 1
    assert 'c_total{key="other"} 50' in counter.samples()
