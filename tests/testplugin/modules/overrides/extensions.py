from tests.testplugin.extensions import FirstPanel, Panel


class BetterFirstPanel(FirstPanel):
    text = "Better first"


class ThirdPanel(Panel):
    name = "third"
    text = "Third"
