"""What is damaged, and how it is found and repaired."""

import math
from io import StringIO

from django.core.management import call_command
from django.db import connection

from runs import ingest
from runs.artifacts import store
from runs.artifacts.storage import blob_storage
from runs.checking import CHECKS, Scope, look
from tests.factories import NOON, log, make_run


def findings(quick=False):
    """(check, finding) of all that is wrong."""
    return [(check.name, finding) for check in CHECKS for finding in look(check, Scope(quick))]


def found():
    """The one check that finds something, what it says and whether it can be mended."""
    ((check, finding),) = findings()
    return check, f"{finding.where}: {finding.what}", finding.is_repairable


def repair(*options):
    """Run the command with --repair: what it says."""
    said = StringIO()
    call_command("check_data", "--repair", *options, stdout=said)
    return said.getvalue()


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def put(run, path="model.bin", content=b"weights"):
    return store.put(run, path, [content])[0]


def place_of(blob):
    return blob_storage().path(store.name_of(blob.sha256))


def long_run():
    run = make_run()
    log(run, metrics={"loss": [math.sin(step) for step in range(5000)]})
    return run


def one_step_run():
    """A long series without steps, which is thinned by time."""
    run = make_run()
    times = [NOON + 10 * number for number in range(5000)]
    columns = ingest.Series(values=[float(number) for number in range(5000)], steps=[0] * 5000, timestamps=times)
    ingest.store(run.run_id, ingest.Batch(metrics={"loss": columns}))
    return run
