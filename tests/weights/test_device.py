from fooo.engine.process import read_devices
from fooo.weights.device import cards


def test_the_cards_of_this_machine_can_be_named_as_they_are_listed():
    here = cards() or ("cpu",)
    assert read_devices("all", cards) == here
    assert read_devices(",".join(here), cards) == here
