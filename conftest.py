"""Runs before Django reads its settings: tests get a data folder of their own, and nothing that hurries them."""

import atexit
import os
import shutil
import signal
import tempfile

from hypothesis import HealthCheck, settings

for name in (
    "DATABASE_URL", "TRACKER_ALLOWED_HOSTS", "TRACKER_ARTIFACTS", "TRACKER_AUTH", "TRACKER_STALE_AFTER",
    "TRACKER_ALLOW_RUNS", "TRACKER_WEBHOOK_PRIVATE",
):  # fmt: skip
    os.environ.pop(name, None)
os.environ["TRACKER_HOME"] = tempfile.mkdtemp(prefix="trackerweb-tests-")
atexit.register(shutil.rmtree, os.environ["TRACKER_HOME"], ignore_errors=True)

# Of what it starts in the background a shell has Ctrl-C ignored, and so would be what tests start and interrupt.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more of the machine than of us.
settings.register_profile(
    "unhurried", settings.get_profile(settings.get_current_profile_name()), deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("unhurried")
