"""``python -m bot``, and the console script ``homeroom``."""

from bot.loading import loading


def main() -> None:
    """Run the command line."""
    with loading():
        from bot import cli
    cli.main()


if __name__ == "__main__":
    main()
