"""The sentence for a refusal: the gateway's own for its own refusals, the shared one for all others."""

from __future__ import annotations

from services.gateway.dependencies import SessionExpired
from services.gateway.wording import is_known, sentence
from shared.domain.errors import CrmapError
from shared.frame import FrameSessionInvalid
from shared.refusal_route import own_sentence
from shared.wording.language import Language


def say(refusal: CrmapError, language: Language) -> str:
    """The sentence for this refusal; empty if it has none."""
    # For the person it makes no difference whether his session or his access is over.
    code = SessionExpired.code if isinstance(refusal, FrameSessionInvalid) else refusal.code
    return sentence(code, language) if is_known(code) else own_sentence(refusal, language)
