"""Search entries in blocks: found line by line, and replaced only where something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identity import ComparedKind
from shared.domain.search import Entry
from shared.domain.search_blocks import Block, Item, blocks_of, revised

A, B, C, D = (Block(letter, letter) for letter in "abcd")
some_blocks = st.lists(st.sampled_from([A, B, C, D]), max_size=12)


def an_entry(name: str, number: int = 1) -> Entry:
    return Entry(
        ComparedKind.STAGES, "deal", number, f"C{number}", name, f"c{number} {name.casefold()} {number}"
    )


def names(blocks: Iterable[Block]) -> list[str | None]:
    return [item.label for block in blocks for item in block.matching(())]


def after(stored: Mapping[int, Block], blocks: Sequence[Block]) -> dict[int, Block]:
    """What is stored once the blocks are, in the order of its places."""
    cleared, added = revised(stored, blocks)
    kept = {place: block for place, block in stored.items() if place not in cleared}
    assert len(kept) == len(stored) - len(cleared)
    assert not kept.keys() & added.keys()
    return dict(sorted({**kept, **added}.items()))


def test_every_entry_is_in_a_block_in_its_order() -> None:
    entries = [an_entry(f"Имя {number}", number) for number in range(500)]
    blocks = list(blocks_of(entries))
    assert names(blocks) == [entry.label for entry in entries]
    assert 5 < len(blocks) < 50


def test_an_item_is_found_by_the_words_of_its_own_line() -> None:
    (block,) = blocks_of([an_entry("Новая", 1), an_entry("Новая\nзаявка", 2)])
    assert list(block.matching(["заявка", "c2"])) == [Item("stages", "deal", 2, "C2", "Новая\nзаявка")]
    assert list(block.matching(["заявка", "c1"])) == []


def test_an_entry_more_or_less_changes_one_block() -> None:
    entries = [an_entry(f"Имя {number}", number) for number in range(500)]
    blocks = after({}, list(blocks_of(entries)))
    for place in range(0, 500, 7):
        fewer = list(blocks_of(entries[:place] + entries[place + 1 :]))
        cleared, added = revised(blocks, fewer)
        # The last entry of a block holds it apart from the next one.
        assert (len(cleared), len(added)) in {(1, 1), (2, 1)}


def test_a_block_is_never_much_larger_than_others() -> None:
    for block in blocks_of(an_entry("имя " * 100, number) for number in range(100)):
        assert len(block.folded) < 2_500


def test_what_did_not_change_is_left_alone() -> None:
    stored = after({}, [A, B, C])
    assert list(stored.values()) == [A, B, C]
    assert revised(stored, [A, B, C]) == ([], {})
    cleared, added = revised(stored, [A, D, C])
    assert ([stored[place] for place in cleared], list(added.values())) == ([B], [D])


def test_a_block_that_moves_to_the_front_moves_alone() -> None:
    stored = after({}, [A, B, C, D])
    cleared, added = revised(stored, [D, A, B, C])
    assert ([stored[place] for place in cleared], list(added.values())) == ([D], [D])


def test_without_room_between_two_blocks_all_get_new_places() -> None:
    assert list(after({1: A, 2: B}, [A, C, B]).values()) == [A, C, B]
    assert revised({1: A, 2: B}, [A, C, B])[0] == [1, 2]


def test_room_comes_back_when_it_was_used_up() -> None:
    stored = after({}, [A, B])
    blocks = [A, B]
    for _ in range(50):
        blocks = [A, *([C, D] if blocks[1] is not C else [D, C]), *blocks[1:]][:40]
        stored = after(stored, blocks)
        assert list(stored.values()) == blocks


@given(some_blocks, some_blocks)
def test_whatever_was_stored_becomes_what_there_is(old: list[Block], new: list[Block]) -> None:
    stored = after({}, old)
    assert list(stored.values()) == old
    assert list(after(stored, new).values()) == new
