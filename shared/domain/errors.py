"""The errors of CRMAP. Sentences for people are in ``shared.wording``.

The HTTP status of a refusal is ``status`` of its class and is defined nowhere else. Refusals that several services
share are in ``shared.domain.refusals``. A refusal of one service is declared in that service.

CrmapError
├─ Transient              worth another try later, nothing to repair
│  ├─ RateLimited         the portal asks for fewer requests
│  ├─ MethodPaused        one method has used up its time; others go on
│  ├─ TokenExpired        the access token has to be renewed
│  ├─ RenewalUnderWay     the token is being renewed, or it is not known yet whether a renewal worked
│  ├─ AuthorizationAway   the authorization server gives no answer that says anything
│  ├─ Unreachable         no connection, no answer in time, connection lost
│  └─ BadAnswer           the answer is not one of the REST interface: a page, half a document
├─ Permanent              somebody has to do something before another try makes sense
│  ├─ AccessLost          the webhook or token is not accepted any more
│  ├─ SubscriptionEnded   the portal's plan does not include REST
│  ├─ PortalBlocked       the vendor has closed REST for this portal
│  ├─ PortalGone          the portal says that it is closed or deleted, which may be temporary
│  ├─ ApplicationRemoved  the authorization server says that the application is not in the portal any more
│  ├─ ClientRefused       the authorization server refuses the application's id or secret
│  ├─ PortalMoved         the portal has another address now
│  ├─ RightsMissing       this reader may not do this
│  ├─ RequestRejected     the portal calls our request wrong: a fault of ours
│  └─ WorkerLost          several workers in a row died while they read the portal: a fault of ours
└─ Refused                our own rules forbid it
   ├─ NotAWebhookUrl      what was given is not the address of an incoming webhook
   ├─ InsecureAddress     http, or another scheme than https
   ├─ PrivateAddress      the address leads into a private network
   └─ NotASpecification   a file that was given is not a specification we can read
"""

from __future__ import annotations


class CrmapError(Exception):
    """A failure with a stable ``code`` and the facts its sentence needs; never holds a secret.

    ``status`` is the HTTP status of an answer that consists of this failure.
    """

    code = "error"
    status = 409

    def __init__(self, **facts: str) -> None:
        super().__init__(f"{self.code} {facts}" if facts else self.code)
        self.facts = facts

    @property
    def retry_after_s(self) -> int | None:
        """Seconds until a retry makes sense; ``None`` if unknown."""
        return None


class Transient(CrmapError):
    """Worth another try later."""

    code = "transient"
    status = 503

    @property
    def retry_after_s(self) -> int | None:
        """Half a minute by default."""
        return 30


class RateLimited(Transient):
    code = "rate_limited"


class MethodPaused(Transient):
    """Facts: ``method``, ``until`` (ISO time, empty when the portal did not say)."""

    code = "method_paused"


class TokenExpired(Transient):
    """The client renews the token if it can. An incoming webhook has no token that expires."""

    code = "token_expired"


class RenewalUnderWay(Transient):
    code = "renewal_under_way"


class AuthorizationAway(Transient):
    """Facts: those of Unreachable or BadAnswer."""

    code = "authorization_away"


class Unreachable(Transient):
    """Facts: ``host``, ``what`` — one of ``name``, ``refused``, ``silent``, ``cut``, ``tls``, ``other``."""

    code = "unreachable"


class BadAnswer(Transient):
    """Facts: ``what`` came instead, ``status``, and ``start``: its beginning, at most 80 characters.

    ``what``: ``page``, ``no_portal``, ``password``, ``firewall``, ``php``, ``redirect``, ``redirect_here``,
    ``empty``, ``not_json``, ``shape``, ``too_large``, ``encoding``, ``server``.
    """

    code = "bad_answer"


class Permanent(CrmapError):
    """Stops reading this portal until somebody acts."""

    code = "permanent"


class AccessLost(Permanent):
    """Facts: ``error``, the portal's own code."""

    code = "access_lost"


class SubscriptionEnded(Permanent):
    code = "subscription_ended"


class PortalBlocked(Permanent):
    code = "portal_blocked"


class PortalGone(Permanent):
    """Facts: ``error``, the portal's own code."""

    code = "portal_gone"


class ApplicationRemoved(Permanent):
    """Facts: ``error``, the authorization server's own code."""

    code = "application_removed"


class ClientRefused(Permanent):
    """Facts: ``error``, the authorization server's own code. No tokens are lost by it."""

    code = "client_refused"


class PortalMoved(Permanent):
    """Facts: ``host``, where the portal points to. Nothing was sent there."""

    code = "portal_moved"


class RightsMissing(Permanent):
    """Facts: ``error``, the portal's own code and text."""

    code = "rights_missing"


class RequestRejected(Permanent):
    """Facts: ``error``, the portal's own code and text."""

    code = "request_rejected"


class WorkerLost(Permanent):
    code = "worker_lost"


class Refused(CrmapError):
    """One of our rules forbids the request."""

    code = "refused"
    status = 403


class NotAWebhookUrl(Refused):
    code = "not_a_webhook_url"
    status = 422


class InsecureAddress(Refused):
    code = "insecure_address"
    status = 422


class PrivateAddress(Refused):
    """Facts: ``host``."""

    code = "private_address"
    status = 422


class NotASpecification(Refused):
    """Facts: ``what`` — ``json``, ``format``, ``version``, ``missing``, ``type``; ``where`` in the document."""

    code = "not_a_specification"
    status = 422
