"""Numbers in running text that belong to a metric: whose they are, and what they are about."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from pytest_mlgate.cards.blanks import blanks_in
from pytest_mlgate.cards.form import Number, Role, Text
from pytest_mlgate.cards.metric_names import UNBOUNDED, WITH_UNITS, Mention, OwnNames, mentions
from pytest_mlgate.cards.numbers import Printed, numbers
from pytest_mlgate.cards.words import (
    COUNTED,
    GOAL,
    GROUP_HEADS,
    GROUP_VALUES,
    NO_GROUP_HEADS,
    OTHER_MODEL,
    SETTING,
    THIS_MODEL,
    THRESHOLD,
    WHOLE,
    fold,
)

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s])|\n\s*\n")
_BEHIND = re.compile(
    r"\s*\(?(?:points?\s+)?(?:(?:of|in|on|de|del|en|em|for|mean|average|overall|test|validation|macro|micro"
    r"|weighted|the|la|el|a|o|top.1"
    r"|balanced|roc|score)\s+){0,3}$"
)
_JOINED = re.compile(r"\s*(?:,|/|&|and|y|e|or|o|,\s*(?:and|y|e))\s*(?:(?:an?|the|un|una|el|la)\s+)?$")
_FOLDED = re.compile(
    r"\s?-?\s?(?:folds?|way|shot|gram|bit|class(?:es)?|year|month|day|hour|minute|ply|stage|nearest|st|nd|rd|th)\b"
)
_CONFIDENCE = re.compile(
    r"\s?(?:confidence|ci\b|ic\b|interval|intervalo|nivel de confianza|credible|percentile|quantile)"
)
_PLACE = re.compile(
    r"\s*(?:%|percent)?\s*(?:in|for|among|at|on|with|from|en|para|em|no|na|nos|nas)\s+(?:the |el |la |los |las |o |a )?"
    r"([^,.;:()\d]{2,40}?)(?=\s+(?:and|y|e|or|but)\b|[,.;:()]|$)"
)
_NAMED_BEFORE = re.compile(r"(?:^|[\s(,;:])([^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*)?)\s*[:=(]?\s*$")
_BY = re.compile(r"\b(?:by|per|por|across)\s+(?:the )?[\w-]+(?: [\w-]+)?\s*:")
_IN_A_PLACE = re.compile(
    r"\W*(?:in|for|among|en|entre|em|para|at|on)\s(?!total|all|average|general|media|sum|\d)"
    r"[^.;:]{2,40}?[ (:]\d*[.,]?\d"
)
_NEXT_TO = re.compile(r"\s*(?:\(|for|in|among|on|with|en|para|entre|com|em|of|de)(?!\w)")
_DIFFERENCE = re.compile(
    r"(?<!\w)(?:gaps?|differences?|differs?|disparit(?:y|ies)|ratios?|brechas?|diferencias?|diferencas?|razon"
    r"|razao|disparidad(?:e|es)?)(?!\w)"
)
_BETWEEN = re.compile(r"(?<!\w)(?:between|across|among|entre|by|por)(?!\w)")
_MONTHS = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|fev|mai|set|out|dez)\w*(?: de)? \d{0,2},? ?$"
)
_FARTHEST = 90
_LONGEST_SENTENCE = 1_000  # characters: what is longer is no sentence, and would be searched over and over


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the places around a text say of its numbers.

    Attributes
    ----------
    metric : Mention or None
        The one metric that the heading or the sentence before names.
    metric_text : str
    group : str
        The label before the text, where the section is about groups.
    grouped : bool
        Whether the section is about groups.
    role : str
        What the section makes of numbers: those under "Monitoring" are thresholds.
    decimal : str
        The decimal sign where a number may be read both ways.
    own : OwnNames or None
        Names of metrics of somebody's own.
    """

    metric: Mention | None = None
    metric_text: str = ""
    group: str = ""
    grouped: bool = False
    role: Role = "measured"
    decimal: str = "."
    own: OwnNames | None = None


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a text begins and ends; what no person would write as one is cut into pieces."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        yield from pieces(text, start, match.start())
        start = match.end()
    if start < len(text):
        yield from pieces(text, start, len(text))


def pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the parts of a stretch begin and end, each no longer than a sentence may be."""
    while end - start > _LONGEST_SENTENCE:
        blank = text.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
        stop = blank if blank > 0 else start + _LONGEST_SENTENCE
        yield start, stop
        start = stop
    yield start, end


def prose_numbers(text: Text, context: Context) -> Iterator[Number]:
    """Yield the numbers of a text that belong to a metric."""
    if not re.search(r"\d", text.plain):
        return
    folded = fold(text.plain)
    blanks = list(blanks_in(text, folded))
    last: Mention | None = None
    for start, end in sentences(text.plain):
        if re.search(r"\d", folded[start:end]):
            blank = any(start <= found.start < end for found in blanks)
            own = replace(context, role="template") if blank else context
            goes_on = _BY.search(folded, start, end) or _IN_A_PLACE.match(folded, start, end)
            if last is not None and goes_on:  # "F1 0.76. By region: north 0.78." "AUC 0.8. In the old town 0.7."
                own = replace(own, metric=last, metric_text=text.plain[last.start : last.end])
                own = replace(own, grouped=own.grouped or bool(_IN_A_PLACE.match(folded, start, end)))
            sentence = _Sentence(text, folded, start, end, own)
            last = sentence.metrics[-1] if sentence.metrics else last
            yield from sentence.numbers()


_LITTLE = r"\W*(?:(?:for|of|by|with|from|in|del?|para|con|do|da|the|la|el|a|an|o|our|un|una)\s+){0,3}"
_LEADS_ON = re.compile(
    rf"{_LITTLE}(?:[\w-]+\s?){{1,4}}(?:[:=(]|\bof|\bat|\bis|\bwas|\bhas|\breache[ds]|\bde)\s*"
)  # to the next number
_ANOTHER = re.compile(
    r"\b(?:(?:ro|al|de)?berta?|bert|gpt|spacy|llama|t5|resnet|vgg|xgboost|lightgbm|prophet|arima|whisper"
    r"|mistral|gemini|claude)[-\w. ]{0,12}"
    r" (?:reach(?:es|ed)?|achiev(?:es|ed)|scor(?:es|ed)|gets?|got|obtain(?:s|ed)|reports?|ha(?:s|d)|alcanza"
    r"|obtiene|logra|atinge|obtem)\b"
)
_COMPARES = re.compile(r"\W*(?:vs|than|while|compared|against|versus)")


def _behind_is_other(behind: str) -> bool:
    """Whether what follows a number says that it is another model's: "0.71 for the baseline"."""
    start = re.match(_LITTLE, behind)
    return bool(start and OTHER_MODEL.match(behind, start.end()) and not _COMPARES.match(behind))


class _Sentence:
    """One sentence: its metrics and its numbers, by offset in the whole text."""

    def __init__(self, text: Text, folded: str, start: int, end: int, context: Context) -> None:
        self.text, self.context = text, context
        self.start, self.end = start, end
        part = folded[start:end]
        self.metrics = [moved(found, start) for found in mentions(part, context.own)]
        self.folded = folded
        nameless = not self.metrics and context.metric is None and not self._compares_groups
        self.found = [
            replace(found, start=found.start + start, end=found.end + start)
            for found in ([] if nameless else numbers(part, context.decimal))
        ]
        self.starts, self.ends = [m.start for m in self.metrics], [m.end for m in self.metrics]
        self.found = [n for n in self.found if not self._inside(n.start)]
        self.another = False  # whether the sentence speaks of another model, by its name
        self.masked = _masked(folded, start, end, self.metrics)
        by = _BY.search(part)
        self.grouped = context.grouped or bool(by and not NO_GROUP_HEADS.search(by.group()))

    def _inside(self, offset: int) -> bool:
        """Whether an offset lies in the name of a metric."""
        place = bisect_right(self.starts, offset) - 1
        return place >= 0 and offset < self.ends[place]

    def _before(self, offset: int) -> Mention | None:
        """Return the last metric that ends before an offset."""
        place = bisect_right(self.ends, offset) - 1
        return self.metrics[place] if place >= 0 else None

    def _after(self, offset: int) -> Mention | None:
        """Return the first metric that begins behind an offset."""
        place = bisect_left(self.starts, offset)
        return self.metrics[place] if place < len(self.metrics) else None

    def numbers(self) -> Iterator[Number]:
        given = self._given()
        for index, number in enumerate(self.found):
            before = self.found[index - 1].end if index else self.start
            after = self.found[index + 1].start if index + 1 < len(self.found) else self.end
            if self._no_result(number, before):
                continue
            mention = given.get(index)
            difference = self._difference(number, mention)
            if mention is None and not difference:
                continue
            name = mention.name if mention is not None else ""
            free = mention is not None and mention.own
            if not free and not plausible(number, name, self.folded[number.end : number.end + 14]):
                continue
            words = self._words(mention)
            yield Number(
                value=number.value,
                unit="percent" if number.percent else "",
                printed=self.text.plain[number.end - len(number.text) : number.end]
                if self.folded[number.end - len(number.text) : number.end] == number.text
                else number.text,
                digits=number.digits,
                metric="" if name == "parity_difference" else name,
                metric_text=words,
                role=self._role(number, before, after),
                group=self._group(number, before, after),
                low=number.low,
                high=number.high,
                difference=difference,
                span=self.text.span(number.start, number.end),
            )

    def _words(self, mention: Mention | None) -> str:
        if mention is None:
            return ""
        if mention is self.context.metric:
            return self.context.metric_text
        return self.text.plain[mention.start : mention.end]

    def _given(self) -> dict[int, Mention]:
        """Return the metric of each number, by the number's place among them."""
        given: dict[int, Mention] = dict(self._in_step())
        used = {id(mention) for mention in given.values()}
        for index, number in enumerate(self.found):
            if index in given or self._no_result(number, self.found[index - 1].end if index else self.start):
                continue
            if self.context.metric is not None and not re.search(r"[a-z]", self.folded[self.start : number.start]):
                given[index] = self.context.metric  # "AUC: 0.81; recall 0.72": the label's, not the next one's
                continue
            before, after = self._before(number.start), self._after(number.end)
            if before is not None and (
                number.start - before.end > _FARTHEST
                or (";" in self.folded[before.end : number.start] and not self.grouped)
            ):
                before = None
            if after is not None and not _BEHIND.match(self.folded[number.end : after.start]):
                after = None
            if after is not None and id(after) in used:
                after = None
            chosen = before if before is not None and (id(before) not in used or after is None) else after
            if chosen is None and len(self.metrics) == 1 and (number.digits or number.percent):
                far = max(self.metrics[0].start - number.end, number.start - self.metrics[0].end)
                chosen = self.metrics[0] if far <= _FARTHEST else None
            chosen = chosen or (self.context.metric if not self.metrics else None)
            if chosen is not None:
                given[index] = chosen
                used.add(id(chosen))
        return given

    def _in_step(self) -> Iterator[tuple[int, Mention]]:
        """Yield numbers that follow names in the same order: "precision and recall of 0.81 and 0.74"."""
        for first in range(len(self.metrics)):
            names = [self.metrics[first]]
            for mention in self.metrics[first + 1 :]:
                if not _JOINED.match(self.folded[names[-1].end : mention.start]):
                    break
                names.append(mention)
            if len(names) < 2:
                continue
            values = [i for i, number in enumerate(self.found) if number.start >= names[-1].end][: len(names)]
            gaps = [self.folded[self.found[a].end : self.found[b].start] for a, b in pairwise(values)]
            close = bool(values) and self.found[values[0]].start - names[-1].end <= 40
            if close and len(values) == len(names) and all(_JOINED.match(gap) for gap in gaps):
                yield from zip(values, names, strict=True)
                return

    def _no_result(self, number: Printed, before: int) -> bool:
        """Whether a number is a size, a setting, a year, or another number that no metric has."""
        behind = self.folded[number.end : number.end + 40]
        ahead = self.folded[before : number.start]
        metric = self._before(number.start)
        last_metric = 0 if metric is None else metric.end
        near = self.masked[max(before, last_metric, number.start - 40) : number.start]
        if COUNTED.match(behind) or _FOLDED.match(behind) or _CONFIDENCE.match(behind):
            return True
        if THRESHOLD.search(self.masked[max(before, last_metric) : number.start]) or SETTING.search(near):
            return True
        year = number.digits == 0 and not number.percent and 1900 <= number.value <= 2100
        return bool(
            year
            or _MONTHS.search(ahead[-24:])
            or re.search(r"(?:v|version|versao|seed|fold|clas[es]|k ?=)\.? ?$", ahead)
        )

    def _role(self, number: Printed, before: int, after: int) -> Role:
        if self.context.role != "measured":
            return self.context.role
        ahead = self.masked[before : number.start]
        if re.search(r"[<>≥≤]=?\s*$", ahead) or GOAL.search(ahead):
            return "goal"
        behind = re.split(r"[,;.]", self.masked[number.end : min(after, number.end + 45)])[0]
        if _ANOTHER.search(ahead) or (self.another and not THIS_MODEL.search(ahead)):
            self.another = True
            return "other_model"
        others = list(OTHER_MODEL.finditer(ahead))
        if others and not THIS_MODEL.search(ahead, others[-1].end()) and not GROUP_VALUES.search(ahead):
            return "other_model"
        if _behind_is_other(behind) and not _LEADS_ON.fullmatch(behind):
            return "other_model"
        return "measured"

    def _group(self, number: Printed, before: int, after: int) -> str:
        behind = re.split(r"[,;.]", self.folded[number.end : min(after, number.end + 60)])[0]
        next_to = _NEXT_TO.match(behind)
        found = GROUP_VALUES.search(behind, next_to.end()) if next_to else None
        if found:
            return self.text.plain[number.end + found.start() : number.end + found.end()]
        ahead = list(GROUP_VALUES.finditer(self.folded, before, number.start))
        if ahead:
            return self.text.plain[ahead[-1].start() : ahead[-1].end()]
        if self.context.group or not self.grouped:
            return self.context.group
        place = _PLACE.match(self.folded[number.end : min(after, number.end + 60)])
        if place:
            return self.text.plain[number.end + place.start(1) : number.end + place.end(1)].strip()
        name = _NAMED_BEFORE.search(self.masked[before : number.start])
        if name and not WHOLE.fullmatch(name.group(1)):
            return self.text.plain[before + name.start(1) : before + name.end(1)].strip()
        return ""

    def _difference(self, number: Printed, mention: Mention | None) -> bool:
        if mention is not None and mention.difference:
            return True
        if not self._compares_groups:
            return False
        return bool(
            mention is not None
            or number.percent
            or re.match(r"\s?(?:percentage )?(?:points?|pp|puntos|pontos)", self.folded[number.end : number.end + 24])
        )

    @cached_property
    def _compares_groups(self) -> bool:
        """Whether the sentence speaks of a difference between groups."""
        part = self.folded[self.start : self.end]
        if not _DIFFERENCE.search(part) or not _BETWEEN.search(part):
            return False
        return bool(GROUP_VALUES.search(part) or GROUP_HEADS.search(part))


def _masked(folded: str, start: int, end: int, metrics: list[Mention]) -> str:
    """Return a folded text with the names of metrics, which lie between two offsets, as blanks."""
    masked = list(folded[start:end])
    for mention in metrics:
        masked[mention.start - start : mention.end - start] = " " * (mention.end - mention.start)
    return folded[:start] + "".join(masked) + folded[end:]


def moved(mention: Mention, offset: int) -> Mention:
    """Return a mention moved by an offset."""
    return replace(mention, start=mention.start + offset, end=mention.end + offset)


def plausible(number: Printed, metric: str, behind: str = "") -> bool:
    """Whether a metric can have such a value; for one that may carry a unit any will do."""
    if metric in WITH_UNITS or metric in UNBOUNDED:
        return not (number.unit and metric not in WITH_UNITS)
    if number.unit:
        return False
    if number.percent:
        return -100 <= number.value <= 100
    if -1 <= number.value <= 1:
        return True
    return 1 < number.value <= 100 and not re.match(r"\s?(?:[a-z]+s\b(?<!points)|x\b)", behind)
