"""What a WSGI server serves."""

import os

from django.core.wsgi import get_wsgi_application

from trackerweb.chunked import with_lengths
from trackerweb.pool import LimitedFiles, refuse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trackerweb.settings")
application = get_wsgi_application()
#: For servers with a pool of threads.
pooled = LimitedFiles(with_lengths(application, refuse))
