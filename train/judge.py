"""Judges copies by the rules of their briefs: a second opinion beside `src/copy/check.rs`, of which it knows nothing.

Reads JSON lines, each with a `brief`, a `text` and, if there are several kinds, their `group`; `cargo xtask evaluate --rules`
writes such files. It prints a table: how many texts break which rule. It was written from what the rules promise (README.md,
"Rules") and from what platforms say of their limits, with regular expressions over folded text where the crate walks tokens.
Needs no package: `python train/judge.py FILE` works as well. It does not judge claims: what a claim is, is a list of words,
and a second list would say nothing about the first.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

RULES = ("number", "misspelt", "name", "never", "must", "length", "lines", "ending", "markup")
TITLES = dict(
    zip(
        RULES,
        "foreign numbers|misspelt names|names missing|banned terms|terms missing|limit overruns|wrong lines|"
        "unplanned endings|markup".split("|"),
    )
)

# Limit, way of counting, limits of the lines (none: one line), whether the name is needed, whether it ends as a sentence.
# Google Ads, X, OneSignal and Shopify publish theirs; the others are Copywright's own.
FORMATS = {
    "tagline": (60, "grapheme", (), False, False),
    "ad-headline": (30, "wide", (), False, False),
    "ad-description": (90, "wide", (), False, True),
    "product-blurb": (420, "grapheme", None, True, True),
    "social-post": (280, "x", None, True, True),
    "email-subject": (50, "grapheme", (), False, False),
    "email-body": (700, "grapheme", None, True, True),
    "meta-description": (155, "utf16", (), True, True),
    "push": (150, "utf16", (50, 150), False, True),
    "hero": (180, "grapheme", (60, 130), True, True),
    "recommendation": (240, "grapheme", None, True, True),
    "support-reply": (420, "grapheme", None, False, True),
    "blog-intro": (700, "grapheme", None, False, True),
}

# --- Letters ---------------------------------------------------------------------------------------------------------

LOOKALIKES = str.maketrans(
    "абвгдеѕзиіјклмнорԛгѕтуԝхукһԁӏαβγεηικνορτυχω" + "øłđħıſ",
    "a6brdeszuijkлmhopqrstywxykhdlabyenikvoptuxw" + "oldhis",
)


def folded(text: str) -> str:
    """Small letters without marks, invisible characters and look-alikes of other alphabets."""
    kept = (c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in ("Mn", "Me", "Cf") and c != "\xad")
    return "".join(kept).casefold().translate(LOOKALIKES)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub("['’]", "", folded(text)))


# --- Numbers ---------------------------------------------------------------------------------------------------------

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen"
).split()
TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10)))
WORDS = {w: str(i) for i, w in enumerate(SMALL)} | {w: str(n) for w, n in TENS.items()}
WORDS |= {"dozen": "12", "half": "1/2", "halve": "1/2", "halved": "1/2", "twice": "2x", "double": "2x", "triple": "3x"}
WORDS |= {"doubles": "2x", "doubled": "2x", "triples": "3x", "tripled": "3x", "thrice": "3x", "dozens": "12"}
WORDS |= {"hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000"}
WORDS |= {w + "s": WORDS[w] for w in ("hundred", "thousand", "million", "billion", *TENS)}
ORDINALS = "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
WORDS |= {w: f"{i}th" for i, w in enumerate(ORDINALS, 4)}

# Of each unit all its spellings.
UNITS = """€ euro euros eur|£ pound pounds gbp quid|$ dollar dollars usd|¥ yen|% percent pct|kg kilo kilos kilogram kilograms
g gram grams gramme grammes|mg milligram milligrams|lb lbs|oz ounce ounces|l litre litres liter liters
ml millilitre millilitres milliliter milliliters|cl|gal gallon gallons|pint pints|m metre metres meter meters|mm millimetre
millimetres millimeter millimeters|cm centimetre centimetres centimeter centimeters|km kilometre kilometres kilometer kilometers
mi mile miles|inch inches|ft foot feet|s sec secs second seconds|min mins minute minutes|h hr hrs hour hours|day days
night nights|week weeks|month months|year years yr yrs|w watt watts|kw kilowatt|wh|kwh|v volt volts|mah|hz|khz|mhz|ghz|kb|mb|gb
tb|mbps|db decibel decibels|lm lumen lumens|lux|bar|rpm|fps|dpi|kcal calorie calories|°c|°f|° degree degrees|x times time|am|pm
tog|gsm|ct carat carats|psi|st|nd|rd|th"""
UNIT = {}
for line in UNITS.replace("\n", "|").split("|"):
    for form in line.split():
        UNIT[form] = line.split()[0]
UNIT |= {"millimetres": "mm", "millimeter": "mm", "millimeters": "mm"}
SIGNS = "€£$¥₹"

NUMBER = re.compile(
    rf"""(?P<sign>[{SIGNS}])?\s?(?P<digits>\d+(?:[.,:/]\d+)*)(?P<glued>[^\W\d_]+\d*\w*)?   # €49, 1.5, 9:30, 5kg
    |(?P<mixed>[^\W\d_]+-?\d\w*)                                                          # x200, usb3
    |(?P<word>\b[^\W\d_]+\b)""",
    re.VERBOSE,
)


def plain(digits: str) -> str:
    """1,200.50 and 1200.5 are one number."""
    digits = re.sub(r",(?=\d{3}(?!\d))", "", digits)
    if re.fullmatch(r"\d+[.,]\d+", digits):
        digits = digits.replace(",", ".").rstrip("0").rstrip(".")
    return digits.lstrip("0") or "0" if "." not in digits and ":" not in digits else digits


def numbers(text: str) -> Iterator[tuple[str, str, bool]]:
    """Value, unit or nothing, and whether a range goes on behind it."""
    text = folded(re.sub(r"(\d)\s?[×x]\s?(?=\d)", r"\1 by ", text)).replace("per cent", "percent")
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text)
    end = 0
    for match in NUMBER.finditer(text):
        if match.start() < end:
            continue
        value, unit, end = "", "", match.end()
        if match["digits"]:
            value, unit = plain(match["digits"]), match["sign"] or ""
            glued = match["glued"]
            if glued and not unit and glued in UNIT:
                unit = UNIT[glued]
            elif glued:
                value += glued
        elif match["mixed"]:
            value = match["mixed"]
        elif match["word"] in WORDS:
            value = WORDS[match["word"]]
            if value.endswith("th"):  # The seventh is the 7th.
                value, unit = value[:-2], "th"
            one = re.match(r"[\s-](one|two|three|four|five|six|seven|eight|nine)\b", text[end:])
            if match["word"] in TENS and one:
                value, end = str(int(value) + SMALL.index(one[1])), end + one.end()
        else:
            continue
        rest = text[end:]
        if not unit:
            found = re.match(r"\s?(%|[€£$¥]|°[cf]?)(?!\s?\d)|\s?[-\s]\s?([a-z]+)\b", rest)
            if found:
                unit = UNIT.get(found[1] or found[2] or "", "")
        # "One" by itself, "one time", "one bar of soap" and "one foot out of bed" count nothing.
        if match["word"] == "one" and unit in ("", "x", "bar", "ft"):
            continue
        more = re.match(r"(\s[a-z]+)?\s?(?:-|–|to|or|and|by|/)\s?[€£$¥]?\d", rest) is not None
        yield value, unit, more


def sources(brief: dict) -> list[str]:
    context = brief.get("context") or {}
    all_ = [brief.get(k) for k in ("name", "brand", "category", "audience")]
    all_ += [context.get(k) for k in ("interest", "question")]
    all_ += brief.get("features", []) + brief.get("must", []) + [c["evidence"] for c in brief.get("allow", [])]
    for key, value in brief.get("facts", {}).items():
        all_ += [f"{key} {value}", f"{value} {key}"]
    return [s for s in all_ if s]


def foreign(text: str, brief: dict) -> list[str]:
    known = [(v, u) for s in sources(brief) for v, u, _ in numbers(s)]
    # {"weight in kg": 1.5}
    for key, value in brief.get("facts", {}).items():
        inside = {UNIT[w] for w in words(key) if w in UNIT}
        known += [(v, u) for v, _, _ in numbers(str(value)) for u in inside]
    for name in names(brief):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ¤ ", text)
    units_of = defaultdict(set)
    for value, unit in known:
        units_of[value].add(unit)
    bad = []
    for value, unit, more in numbers(text):
        said = units_of.get(value)
        if said is None or not (unit in said or more and not unit):
            bad.append(f"{value} {unit}".strip())
    return bad


# --- Names and terms -------------------------------------------------------------------------------------------------


def names(brief: dict) -> list[str]:
    return [unicodedata.normalize("NFC", n) for n in (brief.get("brand"), brief["name"]) if n]


def exact(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def edits(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(last + (x != y), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def misspelt(text: str, brief: dict) -> list[str]:
    """Words with a capital that are nearly a name: of 4 to 7 letters all but one, of more all but two."""
    own = " ".join(" ".join(words(s)) for s in sources(brief) if not any(n in s for n in names(brief)))
    rest = text
    for name in sorted(names(brief), key=len, reverse=True):
        rest = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda m: "\n" * len(m[0]), rest)
    pieces = [m for m in re.finditer(r"[^\W_]+(?:['’][^\W_]+)*", rest)]
    found = []
    for name in names(brief):
        wanted, many = "".join(words(name)), len(re.findall(r"[^\W_]+(?:['’][^\W_]+)*", name))
        most = 0 if len(wanted) < 4 else 1 if len(wanted) < 8 else 2
        for i, first in enumerate(pieces):
            before = rest[: first.start()]
            begins = not before.rstrip(" \"“'‘(") or re.search(r"[.!?:;,\n–—]\s*[\"“'‘(]?$", before)
            for count in {max(1, many - 1), many, many + 1}:
                if i + count > len(pieces):
                    continue
                said = rest[first.start() : pieces[i + count - 1].end()]
                if re.search(r"[\n!?;:]|\. ", said):
                    continue
                letters = "".join(words(said))
                allowed = most if count == many else 0
                if edits(letters, wanted) > allowed or re.search(rf"\b{re.escape(' '.join(words(said)))}\b", own):
                    continue
                capital = any(w[0].isupper() for w in re.findall(r"[^\W\d_]+", name)[:3])
                if capital and not said[0].isupper() or begins and many == 1 and len(wanted) < 7:
                    continue
                found.append(said)
    return found


def pattern(term: str) -> re.Pattern:
    """The term in its inflections, with signs or spaces between its letters, but not over the end of a sentence."""
    letters = [c for c in folded(term) if c.isalnum()]
    if not letters:
        return re.compile(re.escape(term.strip()))
    gap = r"(?:(?!\.\s|\n)[\W_]){0,3}"
    stem, last = letters[:-1], letters[-1]
    ends = ["", "s", "es", "ed", "ing", "er", "est"]
    forms = [[*letters, *e] for e in ends]
    if len(letters) > 2 and last.isalpha():
        if last == "e":
            forms += [[*stem, *e] for e in ends[3:]]
        elif last == "y":
            forms += [[*stem, "i", *e] for e in ends[2:]]
        elif last not in "aeiou" and letters[-2] in "aeiou":
            forms += [[*letters, last, *e] for e in ends[3:]]
    one = "|".join(gap.join(map(re.escape, f)) for f in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{one})(?![^\W_])")


def banned(text: str, term: str) -> bool:
    if pattern(term).search(folded(text)):
        return True
    # Digits and signs read as letters.
    leet = folded(text).translate(str.maketrans("0134579@$!|", "oleastgasil"))
    return any(re.search(r"[a-z]", m[0]) for m in pattern(term).finditer(leet)) and not any(c.isdigit() for c in term)


def said(text: str, term: str, brief: dict) -> bool:
    if any(n.casefold() == term.casefold() for n in names(brief)):
        return any(exact(text, n) for n in names(brief) if n.casefold() == term.casefold())
    wanted, text = (unicodedata.normalize("NFC", s).casefold() for s in (term, text))
    bound = r"(?!\w)" if wanted[-1].isalnum() else ""
    return re.search(rf"(?<!\w){re.escape(wanted)}{bound}", text) is not None


# --- Shape -----------------------------------------------------------------------------------------------------------

EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff]")


def clusters(text: str) -> list[str]:
    """What a reader sees as one character, near enough for text and emoji."""
    all_: list[str] = []
    for c in text:
        joined = all_ and (all_[-1][-1] == "\u200d" or c in "\u200d\ufe0f\u20e3" or "\U0001f3fb" <= c <= "\U0001f3ff")
        flag = all_ and "\U0001f1e6" <= c <= "\U0001f1ff" and len(all_[-1]) == 1 and "\U0001f1e6" <= all_[-1] <= "\U0001f1ff"
        if all_ and (joined or flag or unicodedata.category(c).startswith("M")):
            all_[-1] += c
        else:
            all_.append(c)
    return all_


def length(text: str, how: str) -> int:
    if how == "utf16":
        return len(text.encode("utf-16-le")) // 2
    if how == "wide":
        return sum(2 if EMOJI.match(g) or unicodedata.east_asian_width(g[0]) in "WF" else 1 for g in clusters(text))
    if how == "x":
        text = re.sub(r"https?://\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|co|shop|app|dev|io)\b\S*", "u" * 23, text)
        light = re.compile("[\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
        normal = unicodedata.normalize("NFC", text)
        return sum(2 if EMOJI.match(g) else sum(1 if light.match(c) else 2 for c in g) for g in clusters(normal))
    return len(clusters(text))


ALWAYS = set("a an the and or but nor with your my our its their if because although unless whereas than whose".split())
BARE = set(
    "to of for from at by as is are was were be been has have into onto upon via per which while until since between among"
    " could should would must might".split()
)


def unfinished(line: str, sentence: bool, brief: dict) -> bool:
    line = line.rstrip()
    # Quotes, brackets and emoji may follow the end.
    core = re.sub(r"(?:[\"'”’)\]»*\s\u200d\ufe0f]|(?![^\W_])[\u2190-\U0010ffff])+$", "", line)
    if not core or core.endswith(("…", "..")) or core[-1] in ",;:-–—&/+=<@#([{“«":
        return True
    if any(line.count(a) > line.count(b) and b not in line[line.rfind(a) :] for a, b in ("()", "[]", "{}", "“”", "«»")):
        return True
    bare = core.rstrip(".!?。！？")
    stopped, last = len(bare) < len(core), re.search(r"[\w'’]*$", bare)[0]
    if any(bare.endswith(n) or core.endswith(n) for n in names(brief)) and not sentence:
        return False
    if last != "A" and (last.lower() in ALWAYS or not stopped and last.lower() in BARE):
        return True
    return sentence and not stopped


def judge(text: str, brief: dict) -> set[str]:
    """The rules that a text breaks."""
    most, how, parts, needs_name, sentence = FORMATS[brief["format"]]
    most = min(most, brief.get("maxChars") or most)
    text = text.removesuffix("\n")
    lines = [line for line in text.split("\n") if line.strip()]
    breaks = set()
    if foreign(text, brief):
        breaks.add("number")
    if misspelt(text, brief):
        breaks.add("misspelt")
    if needs_name and not exact(text, unicodedata.normalize("NFC", brief["name"])):
        breaks.add("name")
    if any(banned(text, term) for term in brief.get("never", ())):
        breaks.add("never")
    if not all(said(text, term, brief) for term in brief.get("must", ())):
        breaks.add("must")
    if length(text, how) > most or not text.strip():
        breaks.add("length")
    over = parts and any(length(line, how) > min(p, most) for line, p in zip(lines, parts))
    if over or parts is not None and len(lines) != max(1, len(parts)):
        breaks.add("lines")
    signed = len(lines) > 1 and len(lines[-1].split()) < 7 if brief["format"] == "email-body" else False
    if brief["format"] == "social-post" and lines:
        signed = re.match(r"#|\w+://", lines[-1].split()[-1]) is not None
    ends = [(line, False) for line in lines[:-1] if parts] + [(line, sentence and not signed) for line in lines[-1:]]
    if not ends or any(unfinished(line, full, brief) for line, full in ends):
        breaks.add("ending")
    hidden = any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") and c not in "\n\u200c\u200d" for c in text)
    if hidden or re.search(r"<[a-zA-Z/!?|]|\|>|&#?\w+;|\ufffd", text):
        breaks.add("markup")
    return breaks


# --- The table -------------------------------------------------------------------------------------------------------


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="JSON lines with brief, text and group")
    parser.add_argument("--list", action="store_true", help="every text that breaks a rule")
    parser.add_argument("--hold", metavar="GROUP", help="fail if a text of this group breaks a rule")
    parser.add_argument("--expect", action="store_true", help="lines say in `breaks` what must be found, and nothing else")


def main(args: argparse.Namespace) -> None:
    texts, counts, terms, wrong = Counter(), defaultdict(Counter), defaultdict(Counter), 0
    for number, line in enumerate(args.file.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        one = json.loads(line)
        group, breaks = one.get("group", "all"), judge(one["text"], one["brief"])
        texts[group] += 1
        counts[group].update(breaks)
        counts[group]["any"] += bool(breaks)
        for term in one["brief"].get("must", ()):
            terms[group][said(one["text"], term, one["brief"])] += 1
        if args.list and breaks:
            print(f"{number} {group} {', '.join(sorted(breaks))}: {one['text']!r}")
        if args.expect and breaks != set(one["breaks"]):
            wrong += 1
            print(f"line {number} should break {one['breaks']}, not {sorted(breaks)}: {one['text']!r}")
    print(f"| by train/judge.py | {' | '.join(texts)} |\n| --- |{' ---: |' * len(texts)}")
    print(f"| texts | {' | '.join(str(n) for n in texts.values())} |")
    for rule, title in [*TITLES.items(), ("any", "any of these")]:
        cells = (f"{counts[g][rule]} ({100 * counts[g][rule] / texts[g]:.2f} %)" for g in texts)
        print(f"| {title} | {' | '.join(cells)} |")
    totals = {g: terms[g].total() for g in texts}
    recall = (f"{terms[g][True] / n:.4f} ({terms[g][True]} of {n})" if n else "–" for g, n in totals.items())
    print(f"| must-recall | {' | '.join(recall)} |")
    if args.expect:
        print(f"{sum(texts.values()) - wrong} of {sum(texts.values())} as expected")
        missing = [r for r in RULES if not any(counts[g][r] for g in texts)]
        if wrong or missing:
            sys.exit(f"{wrong} lines are judged otherwise than expected; no line breaks {missing}")
    if args.hold and (counts[args.hold]["any"] or not texts[args.hold]):
        sys.exit(f"{counts[args.hold]['any']} of {texts[args.hold]} texts of {args.hold} break a rule")


if __name__ == "__main__":
    own = argparse.ArgumentParser(description=__doc__)
    arguments(own)
    main(own.parse_args())
