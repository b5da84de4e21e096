"""A real Ray for all tests of this folder that ask for one."""

from collections.abc import Iterator

import pytest

from tests.tracker.projects.backends.ray.clusters import RayCluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[RayCluster]:
    """Two processors."""
    running = RayCluster().start()
    yield running
    running.stop()
