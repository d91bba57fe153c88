"""Refusals that several services share. Pages, frame and API each have their own sentences for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from shared.domain.errors import Refused, Transient


class TryAgainLater(Transient):
    """We are too busy at the moment, or our database does not answer."""

    code = "try_again_later"


class NotFound(Refused):
    """It does not exist, or it belongs to somebody else. The answer does not say which."""

    code = "not_found"
    status = 404


class NeverRead(Refused):
    """The portal has not been read yet, so there is nothing to show of it."""

    code = "never_read"
    status = 404


class PortalRemoved(Refused):
    """The application was removed from the portal, or the portal was erased."""

    code = "portal_removed"
    status = 409


class AdminsOnly(Refused):
    """Only administrators of the portal may see what was read. Facts: ``origins`` of the portal's pages."""

    code = "admins_only"


class TooManyDocuments(Refused):
    """As many documents as one person may have are being made for him."""

    code = "too_many_documents"
    status = 429

    @property
    def retry_after_s(self) -> int | None:
        """A large document is made within seconds."""
        return 5


class TooManyAccounts(Refused):
    """A cabinet has as many accounts as it may have. Facts: ``most``."""

    code = "too_many_accounts"
    status = 409


class TooManyTries(Refused):
    """The limit of tries is reached. Facts: ``seconds`` until the next try."""

    code = "too_many_tries"
    status = 429

    @classmethod
    def after(cls, wait: timedelta) -> Self:
        """The refusal of a try before ``wait`` is over, in full seconds."""
        return cls(seconds=str(int(wait.total_seconds()) + 1))

    @property
    def retry_after_s(self) -> int | None:
        """Seconds until the limit allows a try."""
        return int(self.facts["seconds"])


class TooManyRefreshes(TooManyTries):
    """A cabinet has asked for as many refreshes as it may in a minute. Facts: ``seconds`` until the next."""

    code = "too_many_refreshes"
