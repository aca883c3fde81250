"""Which models fit together: learned from what was seen side by side."""

from __future__ import annotations

import json

from chatui.scheduler.swap import Memory
from tests.support.entries import AMBER, BASALT, COBALT


def test_nothing_is_known_at_first() -> None:
    memory = Memory()
    assert memory.fits(frozenset((AMBER,))) is True
    assert memory.fits(frozenset((AMBER, BASALT))) is None


def test_what_was_seen_together_fits_and_so_does_less() -> None:
    memory = Memory()
    memory.saw({AMBER: None, BASALT: None, COBALT: None})
    assert memory.fits(frozenset((AMBER, COBALT))) is True


def test_what_was_evicted_does_not_fit_nor_does_more() -> None:
    memory = Memory()
    memory.evicted(frozenset((AMBER, BASALT)), frozenset((BASALT,)))
    assert memory.fits(frozenset((AMBER, BASALT))) is False
    assert memory.fits(frozenset((AMBER, BASALT, COBALT))) is False


def test_a_later_sight_wins() -> None:
    memory = Memory()
    memory.evicted(frozenset((AMBER, BASALT)), frozenset((BASALT,)))
    memory.saw({AMBER: None, BASALT: None})
    assert memory.fits(frozenset((AMBER, BASALT))) is True


def test_sizes_tell_about_sets_that_were_never_tried() -> None:
    memory = Memory()
    memory.saw({AMBER: 5, BASALT: 4})
    memory.saw({COBALT: 3})
    assert memory.fits(frozenset((AMBER, COBALT))) is True, "smaller than what fitted"
    memory.saw({COBALT: 9})
    assert memory.fits(frozenset((AMBER, COBALT))) is None
    memory.evicted(frozenset((BASALT, COBALT)), frozenset((COBALT,)))
    assert memory.fits(frozenset((AMBER, COBALT))) is False, "larger than what did not"


def test_what_fits_leaves_nothing() -> None:
    memory = Memory()
    memory.saw({AMBER: None, BASALT: None})
    assert memory.leaving(BASALT, [AMBER]) == (frozenset(), ())


def test_what_nobody_knows_drains_and_leaves_it_to_the_backend() -> None:
    assert Memory().leaving(BASALT, [AMBER]) == (frozenset((AMBER,)), ())


def test_the_least_wanted_goes_first_and_no_more_than_needed() -> None:
    memory = Memory()
    memory.saw({AMBER: None, COBALT: None})
    memory.evicted(frozenset((AMBER, BASALT)), frozenset((AMBER,)))
    assert memory.leaving(AMBER, [BASALT, COBALT]) == (frozenset((BASALT,)), (BASALT,))


def test_what_was_learned_survives_a_restart() -> None:
    memory, other = Memory(), Memory()
    memory.saw({AMBER: 5, BASALT: 4})
    memory.evicted(frozenset((AMBER, COBALT)), frozenset((COBALT,)))
    other.learn(json.loads(json.dumps(memory.learned())))
    assert other.fits(frozenset((AMBER, BASALT))) is True
    assert other.fits(frozenset((AMBER, COBALT))) is False
