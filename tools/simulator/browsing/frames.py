"""The frames applications run in, and what the portal answers to the messages out of them.

Source: Bitrix24 REST documentation, BX24.js; the page around the frame does what only a browser can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.simulator.installation import Installation
from tools.simulator.oauth.chains import Chain
from tools.simulator.opening import tokens
from tools.simulator.php import php_map

if TYPE_CHECKING:
    from tools.simulator.portal import SimulatedPortal

_MOST = 1000


class Silence(Exception):
    """The portal does not answer this message, and says nothing about why."""


class NoFreshTokens(Exception):
    """The portal's own page tells the user so; the frame hears nothing."""


@dataclass(slots=True)
class Frame:
    """One rendering of the application for one user; ``chain`` has the tokens he runs it with."""

    installation: Installation
    chain: Chain
    installer: bool
    language: str
    placement: str
    options: Mapping[str, Any]


@dataclass(slots=True)
class Frames:
    """The latest of a portal, by the id that every message out of them carries."""

    _known: dict[str, Frame] = field(default_factory=dict)

    def add(self, sid: str, frame: Frame) -> None:
        self._known[sid] = frame
        while len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def answer(self, portal: SimulatedPortal, sid: str, command: str, params: dict[str, Any]) -> Any:
        """What the frame hears. Raises Silence, NoFreshTokens."""
        frame, known = self._known.get(sid), COMMANDS.get(command)
        if frame is None or known is None or not frame.installation.active:
            raise Silence
        return known(portal, frame, params)


def _init_data(portal: SimulatedPortal, frame: Frame, _params: dict[str, Any]) -> Any:
    installation, user_id = frame.installation, frame.chain.user_id
    is_first = user_id not in installation.seen_by
    installation.seen_by.add(user_id)
    return {
        "LANG": frame.language,
        "DOMAIN": portal.domain,
        "PROTOCOL": 0,
        "PATH": "/rest",
        **tokens(frame.chain, portal.clock()),
        "MEMBER_ID": portal.member_id,
        "FIRST_RUN": is_first,
        "IS_ADMIN": _is_admin(portal, frame),
        "INSTALL": frame.installer,
        "USER_OPTIONS": php_map(installation.user_options.get(user_id, {})),
        "APP_OPTIONS": php_map(installation.app_options),
        "PLACEMENT": frame.placement,
        "PLACEMENT_OPTIONS": php_map(frame.options),
    }


def _fresh_tokens(portal: SimulatedPortal, frame: Frame, _params: dict[str, Any]) -> Any:
    """Tokens of a new chain: those an application keeps on its server go on."""
    user_id = frame.chain.user_id
    allowed = portal.crm.user(user_id).active and user_id not in frame.installation.closed_to
    if not allowed or not portal.switches.rest_available:
        raise NoFreshTokens
    frame.chain = portal.open_chain(frame.installation, user_id, origin="page")
    return tokens(frame.chain, portal.clock())


def _finished(portal: SimulatedPortal, frame: Frame, _params: dict[str, Any]) -> Any:
    if not frame.installer or not _is_admin(portal, frame) or frame.installation.finished:
        raise Silence
    portal.finish_install(frame.installation.application, frame.chain.user_id)


def _echo(_portal: SimulatedPortal, _frame: Frame, params: dict[str, Any]) -> Any:
    return params


def _user_option(_portal: SimulatedPortal, frame: Frame, params: dict[str, Any]) -> Any:
    options = frame.installation.user_options.setdefault(frame.chain.user_id, {})
    options[str(params.get("name"))] = params.get("value")
    return params


def _app_option(portal: SimulatedPortal, frame: Frame, params: dict[str, Any]) -> Any:
    if not _is_admin(portal, frame):
        raise Silence
    frame.installation.app_options[str(params.get("name"))] = params.get("value")
    return frame.installation.app_options


def _is_admin(portal: SimulatedPortal, frame: Frame) -> bool:
    return portal.crm.user(frame.chain.user_id).admin


COMMANDS: dict[str, Callable[[SimulatedPortal, Frame, dict[str, Any]], Any]] = {
    "getInitData": _init_data,
    "refreshAuth": _fresh_tokens,
    "setInstall": _echo,
    "setInstallFinish": _finished,
    "setUserOption": _user_option,
    "setAppOption": _app_option,
}
