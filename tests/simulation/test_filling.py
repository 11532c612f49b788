"""Only what a change bears on is found anew, and that is as fair as if all were."""

import pytest

from tests.simulation.fair_shares import Wish, share_fairly
from tests.simulation.test_shares import Sending
from vmplanner.simulation import shares as shares_module
from vmplanner.simulation.filling import Bundle, Wire, found_anew
from vmplanner.simulation.network import DirectedLink
from vmplanner.simulation.shares import Shares

BACKBONE: DirectedLink = ("backbone", "end")
CARDS: list[DirectedLink] = [(f"card-{number}", "end") for number in range(10)]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    """The bundles whose rates were found, one after the other."""
    seen: list[Bundle] = []

    def watched(changed: dict[Wire, None]) -> dict[Bundle, None]:
        bundles = found_anew(changed)
        seen.extend(bundles)
        return bundles

    monkeypatch.setattr(shares_module, "found_anew", watched)
    return seen


class Cards:
    """Two flows over the backbone to each of ten slow cards, and some that go over the backbone alone."""

    def __init__(self, backbone: float) -> None:
        self.capacity = {BACKBONE: backbone} | dict.fromkeys(CARDS, 20.0)
        self.shares = Shares(self.capacity)
        self.flows = [self.put((BACKBONE, card)) for card in CARDS for _ in range(2)]
        self.flows += [self.put((BACKBONE,)) for _ in range(5)]
        self.shares.settle()

    def put(self, links: tuple[DirectedLink, ...]) -> Sending:
        flow = Sending(links)
        flow.work_bytes = 1e9
        self.shares.put(flow)
        return flow

    def assert_fair(self) -> None:
        fair = share_fairly(
            {str(n): Wish(flow.links, float("inf")) for n, flow in enumerate(self.flows)}, self.capacity
        )
        rates = {str(n): self.shares.rate(flow) for n, flow in enumerate(self.flows)}
        assert rates == pytest.approx(fair, rel=1e-9)


def test_a_change_on_the_backbone_leaves_flows_alone_that_slow_cards_hold(found: list[Bundle]) -> None:
    cards = Cards(backbone=400.0)
    found.clear()
    cards.flows.append(cards.put((BACKBONE,)))
    cards.shares.settle()
    cards.assert_fair()
    assert {len(bundle.wires) for bundle in found} == {1}


def test_flows_that_cards_held_join_when_the_backbone_has_less_for_them() -> None:
    cards = Cards(backbone=400.0)
    for _ in range(40):
        cards.flows.append(cards.put((BACKBONE,)))
        cards.shares.settle()
        cards.assert_fair()
    while len(cards.flows) > 20:
        cards.shares.take_out(cards.flows.pop())
        cards.shares.settle()
        cards.assert_fair()
