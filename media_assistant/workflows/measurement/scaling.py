"""The speed of one shape of network from that of another, by the multiplications that both hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def scaled(shape: Mapping[str, Any], timed: Sequence[tuple[Mapping[str, Any], Any]]) -> Any:
    """Seconds for `shape` from what was timed of shapes of its family, the most alike in width; None where none was.

    A number for a network that runs straight through; (encoder, step) for one that writes down speech.
    """
    from media_assistant.inference.stand_in import SpeechShape, shape_from

    wanted = shape_from(shape)
    family = [(shape_from(known), seconds) for known, seconds in timed]
    family = [(known, seconds) for known, seconds in family if type(known) is type(wanted)]
    if not family:
        return None
    known, seconds = min(family, key=lambda each: abs(math.log(each[0].width / wanted.width)))
    if isinstance(wanted, SpeechShape):
        assert isinstance(known, SpeechShape)
        encoder_s, step_s = seconds
        return encoder_s * wanted.encoder_work / known.encoder_work, step_s * wanted.step_work / known.step_work
    assert not isinstance(known, SpeechShape)
    return seconds * wanted.work / known.work
