"""``python -m madang``: the same as ``madang-py``."""

from madang.cli import main

if __name__ == "__main__":
    main(prog_name="madang-py")
