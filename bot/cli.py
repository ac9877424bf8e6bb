"""The console script ``homeroom``."""

import logging
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import click

from bot import settings as settings_module
from bot.loading import loading
from bot.settings import Settings, SettingsError
from models.database import Database
from models.errors import DomainError

MISUSE = 2
"""The exit code for a mistake in what was typed or set."""


@dataclass
class House:
    """What the commands share: the environment they were started in, and the database it names."""

    env: dict[str, str] = field(repr=False)

    def settings(self) -> Settings:
        """Every setting `serve` needs. Raises `SettingsError`."""
        return settings_module.read(self.env)

    def database_url(self) -> str:
        """Where the database is. Raises `SettingsError`."""
        return settings_module.database_url(self.env)

    def database(self) -> Database:
        """The database at head. Raises `DomainError` naming the command to run when it is not."""
        from models import revisions

        database = Database(self.database_url(), patience=30)
        with database.read() as session:
            if not revisions.is_at_head(session):
                raise DomainError("The database is not up to date. Run `homeroom migrate`, then try again.")
        return database


class _Commands(click.Group):
    """The commands. Those of their own modules are loaded when one is asked for that isn't here: `serve` is."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is None:
            add_commands()
            found = super().get_command(ctx, cmd_name)
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:
        add_commands()
        return super().list_commands(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.pass_context
def homeroom(context: click.Context) -> None:
    """A learning portal inside Slack.

    Settings come from the environment or from .env in this folder; .env.example names each one.
    """
    context.obj = House(settings_module.environment())


def main() -> None:
    """Run the command line. A mistake is one sentence on standard error and exit code 2."""
    try:
        homeroom(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (SettingsError, DomainError) as error:
        click.echo(str(error), err=True)
        sys.exit(MISUSE)


def add_commands() -> None:
    """Put the commands of their own modules on the script."""
    with loading():
        from bot import auditcommands, coursecommands, eventcommands, peoplecommands, remindercommands

    homeroom.add_command(coursecommands.import_courses)
    homeroom.add_command(coursecommands.export_course)
    homeroom.add_command(auditcommands.audit_log)
    homeroom.add_command(eventcommands.events)
    for command in (*peoplecommands.COMMANDS, *remindercommands.COMMANDS):
        homeroom.add_command(command)


def start_logging() -> None:
    """Log to standard error from now on."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    # It logs the address of every call, and ours hold people's e-mails and the heartbeat's secret.
    logging.getLogger("httpx").setLevel(logging.WARNING)


@homeroom.command()
@click.pass_obj
def serve(house: House) -> None:
    """Run the bot: HTTP at /slack/events, or Socket Mode when SLACK_APP_TOKEN is set."""
    settings = house.settings()
    start_logging()
    with loading():
        from bot.installations import NotInstalled
        from bot.program import Program
        from bot.serving import listen
        from bot.serving import serve as run

        try:
            program = Program(settings)
        except NotInstalled as error:
            raise DomainError(str(error)) from error
    try:
        listening = listen(settings.host, settings.port)
    except OSError as error:
        program.stop()
        raise DomainError(f"Port {settings.port} is taken. Set PORT to a free one.") from error
    mode = "Socket Mode" if settings.is_socket_mode else f"http://{settings.host}:{settings.port}/slack/events"
    program.start()
    click.echo(f"Homeroom is in {program.workspace.name}, by {mode}.")
    try:
        run(program.web, listening)
    finally:
        program.stop()


@homeroom.command()
@click.pass_obj
def migrate(house: House) -> None:
    """Bring the database up to date; a portal's own database is adopted."""
    from models import migrations

    report = migrations.migrate(house.database_url())
    if report.adopted:
        click.echo(f"Adopted the portal's tables {', '.join(report.adopted)}.")
    click.echo(f"The database is at {report.after} now." if report.changed else "The database is up to date already.")


@homeroom.command()
@click.option("--url", help="The address the bot answers at; prints the HTTP form.")
@click.pass_obj
def manifest(house: House, url: str | None) -> None:
    """Print the Slack app's manifest."""
    from bot.manifest import as_yaml, manifest_for
    from bot.manifest import manifest as parsed

    if url is not None and not url.startswith(("https://", "http://")):
        raise click.UsageError("--url should be a web address such as https://learn.example.com.")
    videos, portal = settings_module.video_domains(house.env), house.env.get("PORTAL_URL") or None
    click.echo(as_yaml(manifest_for(url, videos, portal) if url else parsed(videos, portal)), nl=False)


@homeroom.command()
@click.pass_obj
def check(house: House) -> None:
    """Say whether everything is in order: settings, database, Slack."""
    from bot.checks import run_checks

    lines, is_fine = run_checks(house)
    for line in lines:
        click.echo(line)
    if not is_fine:
        sys.exit(1)


@homeroom.command()
@click.option("--port", default=8800, show_default=True, help="Where the rehearsal page opens.")
@click.option("--folder", default=".demo", show_default=True, type=click.Path(path_type=Path))
@click.option("--open/--no-open", "opens", default=True, help="Whether to open the page in a browser.")
def demo(port: int, folder: Path, opens: bool) -> None:
    """Try everything with no Slack account: the bot in a rehearsal workspace."""
    from bot.demo import run

    run(port, folder, opens=opens, say=partial(click.echo))
