"""The state of torch's generators of random numbers: the CPU's and the device's."""

from typing import Any

import torch


class RandomState:
    """What dropout and its like draw from."""

    def __init__(self, device: str | torch.device) -> None:
        self.device = torch.device(device)

    def state_dict(self) -> dict[str, Any]:
        """Return the states of the generators."""
        state = {"cpu": torch.get_rng_state()}
        if self.device.type == "mps":
            state["device"] = torch.mps.get_rng_state()
        elif self.device.type != "cpu":
            module = torch.get_device_module(self.device)
            state["device"] = module.get_rng_state(self.device)
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Draw from here on what was drawn from there on."""
        torch.set_rng_state(state["cpu"])
        if self.device.type == "mps":
            torch.mps.set_rng_state(state["device"])
        elif self.device.type != "cpu":
            module = torch.get_device_module(self.device)
            module.set_rng_state(state["device"], self.device)
