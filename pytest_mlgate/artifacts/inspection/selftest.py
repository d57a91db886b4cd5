"""Samples that the reader of pickles is tried on before each judgement: a wall that has a hole judges nothing."""

from __future__ import annotations

import base64
import zlib

from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.pickles import read_pickle
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.source import BytesFeed
from pytest_mlgate.artifacts.inspection.trust import Trust

# What joblib wrote of {"a": np.arange(3, dtype="i1"), "b": np.array(["x", None], dtype=object)}.
_GOOD = (
    "fCQD;000000001elqie=VU&y$YHwm}X<{yJb!~8YUvOz-Yiwndj1f+CZE$%(a&lpLS8`!+aAk6olawielzo&aj0kgeVq<J!b90o81#We"
    "1aCwxB2X16xa&lpLl#`T<1#@U&aAlNB1BH}~1#fa>Wpb2^0Yj9G1!Q!2aAlNe2#f_}ba`-Pl#`T<0%<XniHL`kQj{o51B?NDluk}gO8@"
    "`=|4RS=|Nlz>bd+L@3Sn$)Z+Bm9ZDDYfh>RO<b!~8YUtw}`VR>I+Y-wk1ZDnqBUt)Q5Wpk8E5Orb<|NsC0|NsC0|NsC0009D(NdN!<00"
    "000i~(YlXap&Nlzo&aXa{HtXbVdMg_LLwXbxx(Xc3G8PdJo`h=-I?lqgFBXcbOQPD=m(|Nlz=|Ns9>KXjC0XcviS7)ua!Vt@sej{pDw0"
    "0000j23QnZE$%mUt@1_WiD-XY;<X1a&lpLl#C2ta%E$0ZgX^Ubz^jtla!1FZgp*Nd6bL?Ze(F{a$$LtlaxyUg_J`9Vw8uJQj{o50ZRgf"
    "lxPEt1!Q!2aAlN}l#BvTIFyNqhm=y3C`$v30eqBBPEJby|Ns9=|NsC0OFwj!Vu@XpD2xGklul)IlwvM*E&"
)
# The same of np.array([w], dtype=object), where w unpickles to eval("1").
_IN_AN_ARRAY = (
    "fCQD%000000001t6KZc_Y-wUHZgp*Nd0%j8V{2?>l#CHhb!~8YL2`0oc~^2_aByXEl#`Sxfs}oeD2xbmbz);|VRLhoj0J9WZE$&%j0bL"
    "HVRCX|d6bisj0JOOVQ^)XO96$Hj0JCUWMy)ci~&QGj0I$Ld2nTvXa<Z0WOR9OWt5YYi~>(Ml!=Iklv0!^O9PAne3VX3PD=m(|Nlz=|Ns"
    "9>KXjC0j0$0FY;Sj8ZEaz2l!=TRZgp*Nd0%02a$$L2VQgt<Zf#|5bYEh5bY*jtOAvKpfCZJM000000001t7H)NIaCt6YV{dY0E^T#ebZ"
    "KF7a$$Ltj0|6LWn*t{b98cbV|0|0l#B&#b!~8Yl#B;%WMOi0VR@93luH1GltTexl!ug3lqgF9O96$HXakG|WOR9OWt5YYi~>(Ml!=Ikl"
    "v0!^O9PAne3VX3PD=m(|Nlz=|Ns9>KXjC0iCvV82x4_<Y;<XEbCiq(Wp-g~l#`T<0Wp+?lv0#obd+K)E&"
)
_CALL = b"cbuiltins\neval\n(S'1'\ntR."
_LATER = b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R."


def check_reader() -> None:
    """Read some harmless samples of what must be refused, and one of what must be accepted.

    Raises
    ------
    Refused
        Where one of them is judged wrongly: then no file is judged at all.
    """
    wrong = [name for name, (data, compression, good) in _samples().items() if _accepted(data, compression) != good]
    if wrong:
        raise Refused(
            "self-test",
            f"no file is judged, since the reader misjudges its own samples ({', '.join(wrong)})",
            fix="install pytest-mlgate again; please report this as a bug if it comes back",
        )


def _samples() -> dict[str, tuple[bytes, str, bool]]:
    return {
        "a good file": (base64.b85decode(_GOOD), "", True),
        "a call in an array of objects": (base64.b85decode(_IN_AN_ARRAY), "", False),
        "a call, protocol 0": (_CALL, "", False),
        "a call, protocol 4": (_LATER, "", False),
        "a call, compressed": (zlib.compress(_LATER), "zlib", False),
        "a call behind the end": (b"N." + _CALL, "", False),
        "a call by an old name": (b"c__builtin__\neval\n(S'1'\ntR.", "", False),
        "an obsolete call": (b"(S'1'\nibuiltins\neval\n.", "", False),
        "a dotted name": (b"\x80\x04\x8c\x05numpy\x8c\x10ndarray.__init__\x93.", "", False),
        "a state for a class": (b"\x80\x02cnumpy\nfloat64\nN}\x86b.", "", False),
        "a number for a name": (b"\x80\x02\x82\x01.", "", False),
        "a broken tail": (_CALL[:-1], "", False),
    }


def _accepted(data: bytes, compression: str) -> bool:
    """Whether a reading of these bytes would be accepted, nothing being trusted."""
    reading = read_pickle(
        BytesFeed(data), compression=compression, size=len(data), trust=Trust(), vouched=False, limits=Limits()
    )
    return reading.complete and not reading.findings
