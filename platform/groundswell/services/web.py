"""The WSGI application as the supervisor's web server loads it: a worker never outlives its server."""

import signal

from groundswell.services.children import die_with_parent

die_with_parent(signal.SIGKILL)

from groundswell.wsgi import application  # noqa: E402

__all__ = ["application"]
