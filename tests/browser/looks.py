"""The widths and colours in which each page is looked at: by the slow tests, and one more by the long ones."""

import pytest

LOOKS = [
    pytest.param(1440, "light", marks=pytest.mark.slow),
    pytest.param(1440, "dark", marks=pytest.mark.long),
    pytest.param(390, "dark", marks=pytest.mark.slow),
]
everywhere = pytest.mark.parametrize(("width", "scheme"), LOOKS)
