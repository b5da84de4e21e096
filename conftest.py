"""Runs before Django reads its settings: tests get a data folder of their own."""

import atexit
import os
import shutil
import tempfile

for name in (
    "DATABASE_URL", "TRACKER_ALLOWED_HOSTS", "TRACKER_ARTIFACTS", "TRACKER_AUTH", "TRACKER_STALE_AFTER",
    "TRACKER_ALLOW_RUNS", "TRACKER_WEBHOOK_PRIVATE",
):  # fmt: skip
    os.environ.pop(name, None)
os.environ["TRACKER_HOME"] = tempfile.mkdtemp(prefix="trackerweb-tests-")
atexit.register(shutil.rmtree, os.environ["TRACKER_HOME"], ignore_errors=True)
