"""The filter language. `Run.objects.search(text, order_by)` is the one door."""

from runs.search.errors import SearchError

__all__ = ["SearchError"]
