"""The access a verified token gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.bitrix24.access import access_by_token
from shared.domain.errors import InsecureAddress
from shared.domain.tokens import TokenFacts

FACTS = TokenFacts(
    client_id="app.1",
    user_id=17,
    member_id="a" * 32,
    domain="crm.example:8443",
    endpoint="https://crm.example:8443/rest/",
    installed=True,
    version="1",
    scopes=frozenset({"crm"}),
)


def test_a_token_opens_the_endpoint_the_authorization_server_names() -> None:
    access = access_by_token(FACTS, "AT-1")
    assert (access.endpoint, access.host, access.user_id, access.token) == (
        "https://crm.example:8443/rest/",
        "crm.example:8443",
        17,
        "AT-1",
    )
    assert "AT-1" not in repr(access)


@pytest.mark.parametrize(
    "endpoint", ["http://crm.example/rest/", "ftp://crm.example/rest/", "crm.example", ""]
)
def test_a_token_is_not_sent_where_everybody_could_read_it(endpoint: str) -> None:
    with pytest.raises(InsecureAddress):
        access_by_token(replace(FACTS, endpoint=endpoint), "AT-1")


def test_a_portal_on_this_machine_may_do_without_encryption_while_developing() -> None:
    local = replace(FACTS, endpoint="http://127.0.0.1:8024/rest/")
    assert access_by_token(local, "AT-1", allow_private=True).host == "127.0.0.1:8024"
