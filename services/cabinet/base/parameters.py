"""Parameters that addresses of several pages have."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

# A version's number.
VersionNumber = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
# The key of an entity type.
EntityKey = Annotated[str, Query(max_length=100)]
