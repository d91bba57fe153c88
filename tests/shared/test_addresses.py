"""What SQLAlchemy is not asked about is what it would have taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from shared.addresses import PLAIN_DATABASE, fault_of_database


@given(st.from_regex(PLAIN_DATABASE, fullmatch=True))
def test_a_plain_address_of_a_database_is_one_sqlalchemy_takes(url: str) -> None:
    assert fault_of_database(url) is None
    assert make_url(url).drivername in ("postgresql", "postgres", "postgresql+psycopg")
