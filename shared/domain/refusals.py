"""Refusals that several services share. Pages, frame and API each put them in words of their own."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.errors import Refused, Transient


class TryAgainLater(Transient):
    """We are too busy at the moment, or our database does not answer."""

    code = "try_again_later"


class NotFound(Refused):
    """There is no such thing, or it belongs to somebody else: nobody is told which."""

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
    """The administrators of the portal keep what was read to themselves. Facts: ``origins`` of the portal's pages."""

    code = "admins_only"


class TooManyTries(Refused):
    """The limit of tries is reached. Facts: ``seconds`` until the next try."""

    code = "too_many_tries"
    status = 429

    @classmethod
    def after(cls, wait: timedelta) -> TooManyTries:
        """The refusal of a try before ``wait`` is over, in full seconds."""
        return cls(seconds=str(int(wait.total_seconds()) + 1))

    @property
    def retry_after_s(self) -> int | None:
        """As long as the limit says."""
        return int(self.facts["seconds"])
