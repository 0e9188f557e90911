"""What customers want, out of other people's dialogues: the texts that `heads.py` trains and tests the intents on.

    python train/intents.py FOLDER FILE

FOLDER has `star_dialogues/star_dialogues.jsonl` (STAR by Rasa, MIT), `taskmaster/taskmaster.jsonl` (Taskmaster-4 by Google, CC BY
4.0) and `dotnet_eshopsupport/tickets.jsonl` (eShopSupport by the .NET Foundation, MIT), a JSON object a line. Nothing of them is in this
repository.

Only the tickets have labels, written by a language model. In the other two the label is read off what the agent said, never
off the customer's own words: STAR's agents speak in set phrases, each of one task ("the viewing is scheduled now!"), and
Taskmaster's either let an order be confirmed or answer. A dialogue that fits two classes or none is left out.
"""

import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

CLASSES = ("question", "order", "complaint")
# Domain of STAR: class and what the agent says in it. Searches for flats and flights are neither questions nor orders.
STAR = {
    "apartment": [("order", r"viewing")],
    "bank": [("complaint", r"report has been|fraud report"), ("question", r"current balance")],
    "doctor": [("order", r"appointment (is|for|available)|is available at|is booked"), ("question", r"instructions are")],
    "hotel": [("order", r"booking for you|booking request|no room available|book this room"), ("question", r"average rating")],
    "meeting": [("order", r".")],
    "party": [("order", r"party organised|party to kick off|like to invite|rsvp is all done|guests will you be bringing")],
    "plane": [("order", r"flight is available|not available any more|is now reserved|reservation request")],
    "restaurant": [("order", r"happy to accommodate|not able to accomodate|reservation (be made|request|at)")],
    "ride": [("order", r"Ride booked|booked you a ride|driver will be")],
    "trip": [("question", r"reached your destination|drive, walk|detailed inst")],
    "weather": [("question", r"It will be|forecast")],
}
# What Taskmaster's barista says who has an order on the screen.
CONFIRMS = re.compile(r"\b(correct|confirm|right|review|check|look (okay|good|ok)|accura\w+|order)\b", re.IGNORECASE)
# What the barista says where an order cannot be had: nobody knows whether that was asked or ordered.
REFUSES = re.compile(
    r"sorry|afraid|do(n['’]t| not) (actually )?(have|see|serve)|\bno (match|such)|\bnot (on|in) (the|our)|nothing|no longer|"
    r"something else|anything else|mean\b|instead|which would you",
    re.IGNORECASE,
)
# A customer's first words are a greeting in half of the dialogues; with fewer words a text says nothing.
LEAST = 4


@dataclass(frozen=True)
class Said:
    """What a customer said first, and what was wanted."""

    source: str
    group: str
    text: str
    label: str


def lines(path: Path) -> list[dict]:
    """The objects of a file."""
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def turns(dialogue: str, who: str) -> list[str]:
    """What one of the two said."""
    parts = re.split(r"^(User|Agent|Customer): ", dialogue, flags=re.MULTILINE)
    return [" ".join(text.split()) for speaker, text in zip(parts[1::2], parts[2::2], strict=True) if speaker == who]


def first(dialogue: str, who: str) -> str | None:
    """The first of the customer's texts that says something."""
    return next((text for text in turns(dialogue, who) if len(text.split()) >= LEAST), None)


def star(folder: Path) -> list[Said]:
    """Dialogues of one domain and one task."""
    all = []
    for line in lines(folder / "star_dialogues/star_dialogues.jsonl"):
        if len(line["domains"]) != 1 or line["domains"][0] not in STAR:
            continue
        agent, text = "\n".join(turns(line["dialogue"], "Agent")), first(line["dialogue"], "User")
        labels = [label for label, phrase in STAR[line["domains"][0]] if re.search(phrase, agent, re.IGNORECASE)]
        if len(labels) == 1 and text:
            all.append(Said("star", line["domains"][0], text, labels[0]))
    return all


def taskmaster(folder: Path) -> list[Said]:
    """Orders that were confirmed, and what was asked and answered."""
    all = []
    for line in lines(folder / "taskmaster/taskmaster.jsonl"):
        customer, agent = turns(line["dialogue"], "User"), turns(line["dialogue"], "Agent")
        text = first(line["dialogue"], "User")
        if not agent or not text or text != customer[0]:
            continue
        confirms = any(CONFIRMS.search(a) for a in agent)
        if confirms and len(customer) > 1:
            all.append(Said("taskmaster", "coffee", text, "order"))
        elif not confirms and len(customer) == 1 and not REFUSES.search(agent[0]):
            all.append(Said("taskmaster", "coffee", text, "question"))
    return all


def tickets(folder: Path) -> list[Said]:
    """Tickets by their type. Returns are complaints here: nearly all of them say what is broken."""
    kinds = {"Question": "question", "Complaint": "complaint", "Returns": "complaint"}
    all = []
    for line in lines(folder / "dotnet_eshopsupport/tickets.jsonl"):
        text = first(line["dialogue"], "Customer")
        if text and line["type"] in kinds:
            all.append(Said("tickets", line["product"], text[:1_000], kinds[line["type"]]))
    return all


def read(folder: Path) -> list[Said]:
    """All of them, each text once in a source; a text with two labels not at all."""
    all: dict[tuple[str, str], Said | None] = {}
    for said in star(folder) + taskmaster(folder) + tickets(folder):
        key = said.source, said.text.lower()
        known = all.setdefault(key, said)
        if known and known.label != said.label:
            all[key] = None
    return [said for said in all.values() if said]


if __name__ == "__main__":
    found = read(Path(sys.argv[1]))
    # Written for the test, before anything was trained; no head is trained on them.
    shop = json.loads((Path(__file__).parents[1] / "tests/insight/heads/intents.json").read_text(encoding="utf-8"))
    all = found + [Said("own", "shop", line["text"], line["label"]) for line in shop]
    Path(sys.argv[2]).write_text("".join(f"{json.dumps(asdict(said))}\n" for said in all), encoding="utf-8")
    print(f"{len(found)} texts, and {len(shop)} for the test")
