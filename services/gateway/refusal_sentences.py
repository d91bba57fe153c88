"""The sentence for a refusal: the gateway's own for its own refusals, the common one for all others."""

from __future__ import annotations

from services.gateway.dependencies import SessionExpired
from services.gateway.wording import is_known, sentence
from shared.domain.errors import CrmapError
from shared.frame import FrameSessionInvalid
from shared.refusal_route import own_sentence
from shared.wording.language import Language


def say(refusal: CrmapError, language: Language) -> str:
    """The sentence for this refusal; empty where there is none of its own."""
    # A person does not care whether his session is over or his access is.
    code = SessionExpired.code if isinstance(refusal, FrameSessionInvalid) else refusal.code
    return sentence(code, language) if is_known(code) else own_sentence(refusal, language)
