"""What the tests of the table share."""

from django.http import QueryDict

from runs.table.state import State
from runs.table.table import RunTable


def table_of(experiment, below="", in_groups=False, **query):
    """The table of an address. A list stands for a name that comes several times."""
    address = QueryDict(mutable=True)
    for name, value in query.items():
        address.setlist(name, [value] if isinstance(value, str) else value)
    return RunTable(experiment, State.of(address), below, in_groups)


def names(table):
    return [row.run.name for row in table.rows]


def keys(columns):
    return [column.key for column in columns]
