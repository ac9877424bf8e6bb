"""``python -m bot``, and the console script ``homeroom``."""

from bot.cli import main

if __name__ == "__main__":
    main()
