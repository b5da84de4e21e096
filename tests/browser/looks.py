"""The widths and colours in which each page is looked at. All but the first are among the slow tests."""

import pytest

LOOKS = [
    (1440, "light"),
    pytest.param(1440, "dark", marks=pytest.mark.slow),
    pytest.param(390, "dark", marks=pytest.mark.slow),
]
everywhere = pytest.mark.parametrize(("width", "scheme"), LOOKS)
