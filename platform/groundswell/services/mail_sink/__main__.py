"""`python -m groundswell.services.mail_sink FOLDER SMTP_PORT PORT`: the sink without Django, which starts faster."""

import sys
from pathlib import Path

from groundswell.services.mail_sink.server import serve

if __name__ == "__main__":
    folder, smtp_port, http_port = sys.argv[1:]
    serve(Path(folder), smtp_port=int(smtp_port), http_port=int(http_port))
