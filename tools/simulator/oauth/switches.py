"""Where sources disagree about the authorization server, or it is in an unusual state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class OAuthSwitches:
    ignorant: bool = False  # this server knows no token at all
    invalid_client_status: int = 401  # or 400, as an SDK expects
    bad_code_error: str = "invalid_grant"  # or "bad_verification_code"
    uninstalled_error: str = "NOT_INSTALLED"  # or "ERROR_OAUTH", "invalid_grant"
    payment_error: str = "PAYMENT_REQUIRED"  # or "ERROR_OAUTH"
    payment_text: str = "Payment required"  # or "Subscription has been ended"
    latency_ms: float = 0.0  # added to every request; lowering it ends the wait of those under way
