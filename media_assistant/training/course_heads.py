"""Three heads that learn from courses: by their mean, whatever the order; by going along them; by looking across them.

A linear head on the mean is what the other two have to beat. The second is a gated recurrent unit (Cho et al., Learning
phrase representations using RNN encoder-decoder, 2014), the third an encoder layer of a transformer (Vaswani et al.,
Attention is all you need, 2017), both so small that dozens of examples do not drown in them.
"""

from __future__ import annotations

import math
from typing import Any

WAYS = ("linear", "gru", "transformer")
"""The simplest first."""
_INNER = 64
_HEADS = 4
_DROPPED = 0.2


def build_head(torch: Any, way: str, length: int, labels: int, centre: Any, spread: Any) -> Any:
    """A network (steps `[n, length, width]`, mask `[n, length]`, its ones first) -> logits `[n, labels]`.

    `centre` and `spread` `[width]` are those of the steps that it learns from.
    """
    width = int(centre.shape[0])
    nn, functional = torch.nn, torch.nn.functional

    def mean_of(steps: Any, mask: Any) -> Any:
        weights = mask.unsqueeze(2)
        return (steps * weights).sum(1) / weights.sum(1).clamp(min=1.0)

    class Head(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        """What is common: steps of unit spread in, one linear layer out."""

        def __init__(self, inner: int) -> None:
            super().__init__()
            self.register_buffer("centre", centre.clone())
            self.register_buffer("spread", spread.clone())
            self.out = nn.Linear(inner, labels)

        def forward(self, steps: Any, mask: Any) -> Any:
            return self.out(self.told((steps - self.centre) / self.spread, mask))

    class Mean(Head):
        def __init__(self) -> None:
            super().__init__(width)
            nn.init.zeros_(self.out.weight)

        def told(self, steps: Any, mask: Any) -> Any:
            return mean_of(steps, mask)

    class Along(Head):
        """The state after the last step."""

        def __init__(self) -> None:
            super().__init__(_INNER)
            self.into = nn.Linear(width, _INNER)
            self.along = nn.GRU(_INNER, _INNER, batch_first=True)
            self.drop = nn.Dropout(_DROPPED)

        def told(self, steps: Any, mask: Any) -> Any:
            states, _ = self.along(self.drop(torch.tanh(self.into(steps))))
            # What follows the last step is padding, which comes after it and so cannot have changed it.
            last = mask - functional.pad(mask[:, 1:], (0, 1))
            return self.drop((states * last.unsqueeze(2)).sum(1))

    class Across(Head):
        """Each step looks at all, knowing its place; then the mean."""

        def __init__(self) -> None:
            super().__init__(_INNER)
            self.into = nn.Linear(width, _INNER)
            self.asked = nn.Linear(_INNER, 3 * _INNER)
            self.given = nn.Linear(_INNER, _INNER)
            self.first, self.second = nn.LayerNorm(_INNER), nn.LayerNorm(_INNER)
            self.wide = nn.Sequential(nn.Linear(_INNER, 2 * _INNER), nn.GELU(), nn.Linear(2 * _INNER, _INNER))
            self.drop = nn.Dropout(_DROPPED)
            at = torch.arange(length).unsqueeze(1)
            turns = torch.exp(torch.arange(0, _INNER, 2) * (-math.log(4 * length) / _INNER))
            places = torch.stack([torch.sin(at * turns), torch.cos(at * turns)], 2).reshape(length, _INNER)
            self.register_buffer("places", places)

        def told(self, steps: Any, mask: Any) -> Any:
            x = self.drop(self.into(steps) + self.places)
            x = x + self.drop(self.given(self.looked(self.first(x), mask)))
            x = x + self.drop(self.wide(self.second(x)))
            return mean_of(x, mask)

        def looked(self, x: Any, mask: Any) -> Any:
            size = _INNER // _HEADS
            asked, keys, values = (
                part.reshape(-1, length, _HEADS, size).transpose(1, 2) for part in self.asked(x).chunk(3, 2)
            )
            fit = asked @ keys.transpose(2, 3) / math.sqrt(size)
            fit = fit + (mask[:, None, None, :] - 1) * 1e4
            return (torch.softmax(fit, 3) @ values).transpose(1, 2).reshape(-1, length, _INNER)

    return {"linear": Mean, "gru": Along, "transformer": Across}[way]()
