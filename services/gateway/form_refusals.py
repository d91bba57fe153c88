"""Why a form or a field of it is refused. None of these errors repeats anything from the form."""

from __future__ import annotations

from shared.domain.errors import Refused


class FormRefused(Refused):
    """The base of all refusals of a form."""

    code = "bad_request"
    status = 400


class EmptyBody(FormRefused):
    code = "empty_body"


class BodyTooLarge(FormRefused):
    code = "body_too_large"
    status = 413


class UnsupportedMediaType(FormRefused):
    code = "unsupported_media_type"
    status = 415


class UnsupportedEncoding(FormRefused):
    code = "unsupported_encoding"
    status = 415


class TooManyFields(FormRefused):
    code = "too_many_fields"


class FieldTooLarge(FormRefused):
    code = "field_too_large"


class BadCharacters(FormRefused):
    """The form contains NUL or is not UTF-8."""

    code = "bad_characters"


class BadShape(FormRefused):
    """Broken brackets, too many brackets, or both text and map under one name."""

    code = "bad_shape"


class BadJson(FormRefused):
    code = "bad_json"


class DuplicateField(FormRefused):
    code = "duplicate_field"


class MissingField(FormRefused):
    code = "missing_field"


class BadValue(FormRefused):
    """Facts: ``hint``, the values a field takes."""

    code = "bad_value"


class BadDomain(FormRefused):
    """A text that is no host, a host that can be no portal's, or two hosts that differ."""

    code = "bad_domain"


class BadEndpoint(FormRefused):
    """An authorization server that is not one of ours."""

    code = "bad_endpoint"
