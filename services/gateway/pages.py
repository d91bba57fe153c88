"""Pages inside the frame: a shell that sends the session to the cabinet, and sentences if there is no session.

Browsers keep no cookies in a foreign frame, so the session is part of the page and is sent in a form, with or without
JavaScript. Only the verified portal may frame the page.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from string import Template
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from services.gateway.app_opening import Opened
from services.gateway.wording import sentence
from shared.wording.language import Language

# Colours, radii and sizes are those of Bitrix24's own kit for applications, with text dark enough to be read.
_PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CRMAP</title>
<style nonce="$nonce">
* { box-sizing: border-box } [hidden] { display: none !important }
body { margin: 0; padding: 16px; background: #eef2f4; color: #333;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
main { max-width: 620px; margin: 0 auto; padding: 24px; border-radius: 10px; background: #fff }
h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.25 } p { margin: 0 0 12px; overflow-wrap: anywhere }
.muted { color: #525c69 } [role="alert"] { color: #a8201a } form { display: inline-block; margin: 4px 8px 4px 0 }
progress { width: 100%; height: 10px; accent-color: #0154c8 }
button { min-height: 34px; padding: 4px 13px; border: 1px solid #dfe0e3; border-radius: 10px; background: #fff;
  color: #333; font: inherit; font-weight: 500; cursor: pointer }
button.primary { border-color: #0154c8; background: #0154c8; color: #fff }
button.danger { border-color: #a8201a; background: #a8201a; color: #fff }
:focus-visible { outline: 2px solid #0154c8; outline-offset: 2px }
</style>
</head>
<body>
<main>
<h1>CRMAP</h1>
$content
</main>
</body>
</html>
""")
# The browser's time zone is sent along, because no header has it.
_SHELL = Template("""<p class="muted" role="status">$text</p>
<progress aria-label="$text"></progress>
<form id="open" method="post" action="/portal/">
<input type="hidden" name="session" value="$session">
<input type="hidden" name="zone" value="">
<noscript><button class="primary">$button</button></noscript>
</form>
<script nonce="$nonce">
(function (form) {
  form.elements.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  form.submit();
})(document.getElementById("open"));
</script>""")
# installFinish ends the installation, and this page is only sent once everything is stored.
# The portal then replaces the whole page; if that does not happen, the administrator is told.
_FINISHING = Template("""<div id="going">
<p role="status">$text</p>
<progress aria-label="$text"></progress>
</div>
<div id="silent" role="alert" hidden>
<p>$trouble</p>
<button id="again" type="button" class="primary">$again</button>
<form method="post" action="/portal/">
<input type="hidden" name="session" value="$session">
<button>$button</button>
</form>
</div>
<noscript>
<p>$unable</p>
<form method="post" action="/portal/">
<input type="hidden" name="session" value="$session">
<button>$button</button>
</form>
</noscript>
<script nonce="$nonce" src="$script"></script>
<script nonce="$nonce">
(function () {
  var going = document.getElementById("going"), silent = document.getElementById("silent"), timer;
  function show(trouble) { going.hidden = trouble; silent.hidden = !trouble; }
  function finish() {
    show(false);
    clearTimeout(timer);
    if (!window.BX24) { show(true); return; }
    timer = setTimeout(show, $patience, true);
    BX24.init(function () { BX24.installFinish(); });
  }
  document.getElementById("again").addEventListener("click", function () {
    if (window.BX24) { finish(); return; }
    var script = document.createElement("script");
    script.src = "$script";
    script.onload = script.onerror = finish;
    show(false);
    document.head.append(script);
  });
  finish();
})();
</script>""")
_FORM = Template(
    """<form method="post" action="$action">$fields<button class="$kind">$button</button></form>"""
)
# How long the portal may take to end the installation before its administrator is told, in milliseconds.
_PATIENCE_MS = 10_000


@dataclass(frozen=True, slots=True)
class Form:
    """A button that sends the session. ``kind``: ``primary``, ``danger`` or empty."""

    action: str
    button: str
    kind: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def shell(opened: Opened) -> HTMLResponse:
    """The page that goes to the cabinet's pages by itself."""
    return _framed(_SHELL, opened, "opening", script="")


def finishing(opened: Opened, script_url: str) -> HTMLResponse:
    """The page that ends the installation in the portal."""
    return _framed(_FINISHING, opened, "installed", script=script_url)


def message_page(
    text: str,
    language: Language,
    status: int,
    *,
    ancestors: str = "*",
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page with one sentence. ``ancestors``: who may frame it; a sentence without a button is safe for everybody."""
    return _page(f"<p>{escape(text)}</p>", language, status, ancestors=ancestors, headers=headers)


def plain(
    blocks: Sequence[str | Form],
    session: str,
    language: Language,
    *,
    ancestors: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page for a browser without scripts: sentences, and buttons that send the session."""
    content = "\n".join(
        f"<p>{escape(block)}</p>" if isinstance(block, str) else _form(block, session) for block in blocks
    )
    return _page(content, language, status, ancestors=ancestors, headers=headers)


def _form(form: Form, session: str) -> str:
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in {"session": session, **form.fields}.items()
    )
    return _FORM.substitute(
        action=escape(form.action), fields=fields, kind=form.kind, button=escape(form.button)
    )


def _framed(template: Template, opened: Opened, text: str, *, script: str) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    language = opened.language
    words = {"trouble": "cannot_finish", "unable": "needs_script", "again": "again", "button": "open"}
    content = template.substitute(
        {name: escape(sentence(code, language)) for name, code in {**words, "text": text}.items()},
        session=escape(opened.session),
        script=escape(script),
        nonce=nonce,
        patience=_PATIENCE_MS,
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
            # The referrer is the origin only, which is no secret; without it the form would look like a stranger's.
            "Referrer-Policy": "strict-origin",
            **(headers or {}),
        },
    )
