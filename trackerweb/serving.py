"""What each worker process of `manage.py serve` loads: the application, and what works beside it."""

from trackerweb.wsgi import pooled
from webhooks import worker

application = pooled
worker.start()
