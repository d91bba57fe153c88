"""Forms as PHP spells them, read strictly."""

from __future__ import annotations

import pytest

from services.gateway.form_refusals import FormRefused
from services.gateway.php_form import (
    LONGEST_BODY,
    LONGEST_FIELD,
    MOST_FIELDS,
    map_at,
    parse,
    text_at,
)
from tests.counting import calls

READ = [
    (b"event=ONAPPINSTALL", {"event": "ONAPPINSTALL"}),
    (b"auth[member_id]=a&auth[domain]=b", {"auth": {"member_id": "a", "domain": "b"}}),
    (b"auth%5Bmember_id%5D=a", {"auth": {"member_id": "a"}}),
    (b"data[FIELDS][ID]=7405", {"data": {"FIELDS": {"ID": "7405"}}}),
    (b"a=&b&c=x", {"a": "", "b": "", "c": "x"}),
    (b"&&a=1&&", {"a": "1"}),
    (b"a=1%2B1+2", {"a": "1+1 2"}),
    (b"a=%D0%B4%D0%B0", {"a": "да"}),
    ("a=да".encode(), {"a": "да"}),
    (b"a=1=2", {"a": "1=2"}),
    (b"a=%0a%09", {"a": "\n\t"}),
    (b"x=1;auth[member_id]=a", {"x": "1;auth[member_id]=a"}),
    (b"a=%zz", {"a": "%zz"}),
]

REFUSED = [
    (b"", "empty_body"),
    (b"a" * (LONGEST_BODY + 1), "body_too_large"),
    (b"&".join(b"a%d=1" % number for number in range(MOST_FIELDS + 1)), "too_many_fields"),
    (b"data[x]=" + b"a" * (17 * 1024), "field_too_large"),
    (b"a;" * 30_000, "field_too_large"),
    (b"auth[member_id]=a%00", "bad_characters"),
    (b"data[FIELDS][ID]=%00", "bad_characters"),
    (b"a%00b=1", "bad_characters"),
    (b"a%0ab=1", "bad_characters"),
    (b"a=%ff", "bad_characters"),
    (b"a=%ed%a0%80", "bad_characters"),
    (b"auth[member_id]=A&auth[member_id]=B", "duplicate_field"),
    (b"auth[member_id]=A&auth%5Bmember_id%5D=B", "duplicate_field"),
    (b"event=A&event=A", "duplicate_field"),
    (b"auth" + b"[a]" * 40 + b"=1", "bad_shape"),
    (b"auth[a][b][c][d][e]=1", "bad_shape"),
    (b"auth[=1", "bad_shape"),
    (b"auth]x[=1", "bad_shape"),
    (b"auth[x]y=1", "bad_shape"),
    (b"auth[x]]=1", "bad_shape"),
    (b"auth[[x]=1", "bad_shape"),
    (b"auth[]=1", "bad_shape"),
    (b"[x]=1", "bad_shape"),
    (b"=1", "bad_shape"),
    (b"auth=x&auth[member_id]=a", "bad_shape"),
    (b"auth[member_id]=a&auth=x", "bad_shape"),
    (b"auth[a]=x&auth[a][b]=y", "bad_shape"),
    (b"a" * 101 + b"=1", "bad_shape"),
]


@pytest.mark.parametrize(("body", "tree"), READ)
def test_a_form_is_read_as_nested_maps_of_text(body: bytes, tree: object) -> None:
    assert parse(body) == tree


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_a_form_two_parsers_could_read_differently_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(FormRefused) as refused:
        parse(body)
    assert refused.value.code == code


def test_a_form_at_every_limit_is_read() -> None:
    fields = [b"a%d=" % number + b"x" * 900 for number in range(MOST_FIELDS)]
    assert len(parse(b"&".join(fields))) == MOST_FIELDS
    assert parse(b"x=" + b"a" * (LONGEST_FIELD - 2))["x"] == "a" * (LONGEST_FIELD - 2)


# A form at every limit takes about 1,400; one for every byte of a body would be 65,536.
MOST_CALLS = 3_000


@pytest.mark.parametrize("sign", [b"a;", b"&", b"[", b"a[", b"]", b"=", b"%", b"+", b"a[b]"])
def test_a_hostile_body_is_given_up_early(sign: bytes) -> None:
    body = (sign * LONGEST_BODY)[:LONGEST_BODY]

    def refuse() -> None:
        with pytest.raises(FormRefused):
            parse(body)

    assert calls(refuse) < MOST_CALLS


def test_text_that_is_not_there_is_empty() -> None:
    assert text_at({}, "auth", "member_id") == ""
    assert text_at({"auth": {"domain": "x"}}, "auth", "member_id") == ""
    assert map_at({"data": ""}, "data") == {}


@pytest.mark.parametrize("tree", [{"auth": "x"}, {"auth": {"member_id": {"a": "b"}}}])
def test_a_map_where_text_is_expected_is_refused(tree: dict[str, object]) -> None:
    with pytest.raises(FormRefused, match="bad_shape"):
        text_at(tree, "auth", "member_id")  # type: ignore[arg-type]
    with pytest.raises(FormRefused, match="bad_shape"):
        map_at({"data": "x"}, "data")
