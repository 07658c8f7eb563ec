"""The web face: the same interview as server-rendered pages that work without JavaScript.

`respond` is a pure function from a posted form to a page. It keeps nothing: the answers travel in the
pages, in a hidden field, and are checked afresh on every turn, as anybody may have changed them.

    GET /    respond(protocols, {}, numbers=numbers)
    POST /   respond_to_post(protocols, body, numbers=numbers)

Both give a `WebPage`; send its status, headers and body as they are. Without a protocol to ask about, every
function here raises `ConfigError`.

Everything goes by POST, so that no answer ever stands in an address, a history or a log. There are no cookies
and nothing to forge, but an app should take a POST that another site sent (`Sec-Fetch-Site: cross-site`) for
a GET, so that no other site can choose what this one seems to say.
"""

from whentocall.web.page import WebPage
from whentocall.web.turns import did_not_arrive, respond, respond_to_post, went_wrong

__all__ = ["WebPage", "did_not_arrive", "respond", "respond_to_post", "went_wrong"]
