"""whentocall over HTTP: `create_app` makes an ASGI application, with or without settings.

Needs the extra `serve`. Run it with `whentocall serve`, or put it into an application of your own.
"""

from whentocall.http.asgi import create_app
from whentocall.http.settings import Settings

__all__ = ["Settings", "create_app"]
