"""What the portal answers to messages out of the frames that applications run in.

Source: Bitrix24 REST documentation, BX24.js; the page around the frame does what only a browser can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.simulator.frames import Frame
from tools.simulator.installing import finish_install
from tools.simulator.opening import tokens
from tools.simulator.php import php_map
from tools.simulator.portal_state import PortalState


class Silence(Exception):
    """The portal does not answer this message, and says nothing about why."""


class NoFreshTokens(Exception):
    """The portal gives no fresh tokens: its own page tells the user, the frame gets no answer."""


def answer(portal: PortalState, sid: str, command: str, params: dict[str, Any]) -> Any:
    """The answer to the frame. Raises Silence, NoFreshTokens."""
    frame, carry_out = portal.frames.get(sid), COMMANDS.get(command)
    if frame is None or carry_out is None or not frame.installation.active:
        raise Silence
    return carry_out(portal, frame, params)


def _init_data(portal: PortalState, frame: Frame, _params: dict[str, Any]) -> Any:
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


def _fresh_tokens(portal: PortalState, frame: Frame, _params: dict[str, Any]) -> Any:
    """Tokens of a new chain. The tokens that the application keeps on its server stay valid."""
    user_id = frame.chain.user_id
    allowed = portal.crm.user(user_id).active and user_id not in frame.installation.closed_to
    if not allowed or not portal.switches.rest_available:
        raise NoFreshTokens
    frame.chain = portal.open_chain(frame.installation, user_id, origin="page")
    return tokens(frame.chain, portal.clock())


def _finished(portal: PortalState, frame: Frame, _params: dict[str, Any]) -> Any:
    if not frame.installer or not _is_admin(portal, frame) or frame.installation.finished:
        raise Silence
    finish_install(portal, frame.installation.application, frame.chain.user_id)


def _echo(_portal: PortalState, _frame: Frame, params: dict[str, Any]) -> Any:
    return params


def _user_option(_portal: PortalState, frame: Frame, params: dict[str, Any]) -> Any:
    options = frame.installation.user_options.setdefault(frame.chain.user_id, {})
    options[str(params.get("name"))] = params.get("value")
    return params


def _app_option(portal: PortalState, frame: Frame, params: dict[str, Any]) -> Any:
    if not _is_admin(portal, frame):
        raise Silence
    frame.installation.app_options[str(params.get("name"))] = params.get("value")
    return frame.installation.app_options


def _is_admin(portal: PortalState, frame: Frame) -> bool:
    return portal.crm.user(frame.chain.user_id).admin


COMMANDS: dict[str, Callable[[PortalState, Frame, dict[str, Any]], Any]] = {
    "getInitData": _init_data,
    "refreshAuth": _fresh_tokens,
    "setInstall": _echo,
    "setInstallFinish": _finished,
    "setUserOption": _user_option,
    "setAppOption": _app_option,
}
