"""Pages inside the frame: a shell that carries the session on to the cabinet, and sentences where there is none.

Browsers give a foreign frame no cookies, so the session stands in the page and goes on in a form, with or without
JavaScript. Only the portal that was verified may show the page around it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from html import escape
from string import Template
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from services.gateway.opening import Opened
from services.gateway.wording import sentence
from shared.wording.language import Language

_PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CRMAP</title>
<style nonce="$nonce">
body { margin: 32px; font: 15px/1.5 system-ui, sans-serif; color: #525c69; background: #fff }
button { font: inherit; padding: 8px 20px; border: 0; border-radius: 4px; color: #fff; background: #0154c8 }
</style>
</head>
<body>
<h1>CRMAP</h1>
$content
</body>
</html>
""")
_SHELL = Template("""<p>$text</p>
<form id="open" method="post" action="/portal/">
<input type="hidden" name="session" value="$session">
<button>$button</button>
</form>
<script nonce="$nonce">document.getElementById("open").submit();</script>""")
# The installation is over when the portal hears installFinish, and this page exists only once everything is stored.
_FINISHING = Template("""<p id="said">$text</p>
<p id="silent" hidden>$trouble</p>
<form method="post" action="/portal/">
<input type="hidden" name="session" value="$session">
<button>$button</button>
</form>
<script nonce="$nonce" src="$script"></script>
<script nonce="$nonce">
if (window.BX24) {
  BX24.init(function () { BX24.installFinish(); });
} else {
  document.getElementById("said").hidden = true;
  document.getElementById("silent").hidden = false;
}
</script>""")


def shell(opened: Opened) -> HTMLResponse:
    """The page that goes on to the cabinet's pages by itself."""
    return _framed(_SHELL, opened, "opening", script="")


def finishing(opened: Opened, script_url: str) -> HTMLResponse:
    """The page that tells the portal that the installation is over."""
    return _framed(_FINISHING, opened, "installed", script=script_url)


def said(
    text: str,
    language: Language,
    status: int,
    *,
    ancestors: str = "*",
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """One sentence. ``ancestors``: who may show it around himself; a sentence without a button harms nobody."""
    return _page(f"<p>{escape(text)}</p>", language, status, ancestors=ancestors, headers=headers)


def _framed(template: Template, opened: Opened, text: str, *, script: str) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    language = opened.language
    content = template.substitute(
        text=escape(sentence(text, language)),
        trouble=escape(sentence("cannot_finish", language)),
        button=escape(sentence("open", language)),
        session=escape(opened.session),
        script=escape(script),
        nonce=nonce,
    )
    target = urlsplit(script)
    scripts = f"{target.scheme}://{target.netloc}" if script else ""
    return _page(content, language, 200, ancestors=opened.origins, nonce=nonce, scripts=scripts)


def _page(  # noqa: PLR0913 - what a page may need, by name
    content: str,
    language: Language,
    status: int,
    *,
    ancestors: str,
    nonce: str = "",
    scripts: str = "",
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    nonce = nonce or secrets.token_urlsafe(16)
    policy = (
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        f"style-src 'nonce-{nonce}'",
        f"script-src 'nonce-{nonce}' {scripts}".rstrip(),
        f"frame-ancestors {ancestors}",
    )
    return HTMLResponse(
        _PAGE.substitute(language=language, nonce=nonce, content=content),
        status,
        headers={
            "Content-Security-Policy": "; ".join(policy),
            # With the origin alone, which everybody knows; without it the form would look like a stranger's.
            "Referrer-Policy": "strict-origin",
            **(headers or {}),
        },
    )
