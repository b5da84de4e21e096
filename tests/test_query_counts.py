"""What each endpoint asks of the database, whatever the number of rows. Pages assert theirs beside their own tests."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api import Api
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db
api = Api()

COUNTS = [
    ("GET", "/api/v1/experiments/", None, 2),  # experiments; tags
    ("GET", "/api/v1/experiments/0/", None, 2),  # experiment; tags
    ("GET", "/api/v1/experiments/by-name/Default/", None, 2),  # experiment; tags
    ("PUT", "/api/v1/experiments/by-name/Default/", None, 2),  # experiment; tags
    ("GET", "/api/v1/runs/", None, 4),  # runs; params; tags; metrics
    ("GET", "/api/v1/runs/r1/", None, 4),  # run with its experiment; params; tags; metrics
    ("GET", "/api/v1/metrics/?run=r1&run=r2&key=m0", None, 3),  # series with their runs; points of each
    ("GET", "/api/v1/audit/", None, 1),  # entries
    # run; begin; run once more; param; end; params; tags; metrics
    ("PUT", "/api/v1/runs/r1/params/p0/", b'{"value": "0"}', 8),
    # begin; run with its experiment; begin; end twice; params; tags; metrics
    ("PUT", "/api/v1/runs/r1/", b"{}", 8),
    # begin; run; stored params; heartbeat; end
    ("POST", "/api/v1/runs/r1/log/", b'{"params": {"p0": "0"}}', 5),
]


@pytest.mark.parametrize(("method", "path", "body", "count"), COUNTS)
@pytest.mark.parametrize("size", [1, 5])
def test_an_endpoint_costs_so_many_queries(method, path, body, count, size):
    for number in range(1, 3):
        make_run(
            run_id=f"r{number}",
            params={f"p{place}": str(place) for place in range(size)},
            tags={f"t{place}": "x" for place in range(size)},
            metrics={f"m{place}": [1.0] * size for place in range(size)},
        )
    for _ in range(size):
        make_experiment()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert api.send(method, path, body).status == 200
    assert len(queries) == count, [query["sql"] for query in queries]
