"""Settings of the test suite: cheap password hashing, mail in memory, tasks in the calling process."""

import os

from groundswell.settings import *  # noqa: F403
from groundswell.settings import CACHES, DATABASES, REDIS_URL

DEBUG = False
SECRET_KEY = "test-" * 12
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SECURE_SSL_REDIRECT = False
CONNECTOR_BACKOFF = 0
SITE_URL = "http://testserver"
DATABASES["default"]["CONN_MAX_AGE"] = 0

# Each parallel test process empties a Redis database of its own; `manage.py services` gives an address with db=0.
REDIS_URL = REDIS_URL.replace("?db=0", f"?db={os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')}")
CACHES["default"]["LOCATION"] = REDIS_URL

# Else every test client looks at all static files before its first answer: a third of the suite's time.
WHITENOISE_AUTOREFRESH = True
