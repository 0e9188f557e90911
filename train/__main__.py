"""python -m train COMMAND: from texts to a model that Copywright runs. train/README.md tells the whole way."""

import argparse
import importlib

COMMANDS = ("prepare", "tokenizer", "fit", "refine", "sample", "export", "judge", "quick")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        module = importlib.import_module(f".{name}", __package__)
        one = commands.add_parser(name, help=module.__doc__.split("\n")[0], description=module.__doc__)
        module.arguments(one)
        one.set_defaults(main=module.main)
    args = parser.parse_args()
    args.main(args)


main()
