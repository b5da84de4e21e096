"""Series as charts ask for them, through the trees of long series."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs import history, ingest
from tests.factories import make_run

POINTS = 30_000
SPIKE = 1e9


@pytest.fixture
def spiked(db):
    """A function from a step to a long series with a spike there."""

    def make(step):
        values = [float(number % 97) for number in range(POINTS)]
        values[step] = SPIKE
        run = make_run()
        series = ingest.Series(steps=list(range(POINTS)), timestamps=list(range(POINTS)), values=values)
        ingest.store(run.run_id, ingest.Batch(metrics={"loss": series}))
        return run.metrics.get()

    return make


@pytest.mark.parametrize("step", [0, 12_345, POINTS - 1])
def test_a_spike_anywhere_survives_at_every_zoom(spiked, monkeypatch, step):
    # Otherwise a series of this length is read point by point, and its tree is never asked.
    monkeypatch.setattr(history, "RAW_POINTS", 4000)
    metric = spiked(step)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, step), st.integers(step, POINTS - 1), st.integers(4, 3000))
    def at_every_zoom(start, end, limit):
        found = history.read_series([metric], limit, start, end)[0]
        assert max(found.values) == SPIKE
        assert found.steps == sorted(found.steps)
        assert found.steps[0] >= start
        assert found.steps[-1] <= end
        if end - start < min(limit, 1000):
            assert found.is_exact
            assert found.steps == list(range(start, end + 1))

    at_every_zoom()
