"""Superset for one machine (`make bi-demo`): its own folder, loopback, nothing fetched from elsewhere.

`SUPERSET_HOME` is the folder; it has `secret_key`, unless `SUPERSET_SECRET_KEY` is set. CSRF protection is on, as
Superset has it, and so are its logins; nobody can register.
"""

import os
from pathlib import Path

_HOME = Path(os.environ["SUPERSET_HOME"])

SECRET_KEY = os.environ.get("SUPERSET_SECRET_KEY") or (_HOME / "secret_key").read_text(encoding="utf-8")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
SESSION_COOKIE_NAME = "rare_earths_superset"  # cookies of one host are shared by its ports
SESSION_COOKIE_SAMESITE = "Strict"
RATELIMIT_STORAGE_URI = "memory://"

# Pages may load nothing from other hosts: no map tiles, no fonts, and not the pixel that counts installations.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
