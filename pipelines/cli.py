"""The command line: words and options here, work in `pipelines.commands`.

Modules are imported inside the commands, so that `stormlantern extract` does not load Dagster.
"""

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.command_help import GroupWithArguments

app = typer.Typer(
    name="stormlantern",
    cls=GroupWithArguments,
    help="Finds, links and explains signs of human trafficking on the open web, with evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
extract_app = typer.Typer(
    cls=GroupWithArguments, help="Extraction alone, from files or standard input.", no_args_is_help=True
)
app.add_typer(extract_app, name="extract")


class Decision(StrEnum):
    """What a person may decide on a lead."""

    in_progress = "in_progress"
    confirmed = "confirmed"
    dismissed = "dismissed"
    referred = "referred"


Home = Annotated[Path | None, typer.Option(help="Folder of everything a run makes [STORMLANTERN_HOME]")]


class OutputFormat(StrEnum):
    """How a query's rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


class TableFormat(StrEnum):
    """How result tables are written."""

    parquet = "parquet"
    json = "json"
    csv = "csv"


class ReportFormat(StrEnum):
    """How a report is written."""

    html = "html"
    csv = "csv"
    xlsx = "xlsx"
    json = "json"


@app.command()
def run(
    operation: Annotated[str | None, typer.Option(help="Name or YAML file of the operation")] = None,
    home: Home = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this source (repeatable)")] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day (UTC); a past one is only re-parsed")
    ] = None,
) -> None:
    """Capture, parse, extract, link, detect, publish. Exit 0: all passed; 3: something blocked; 1: failed."""
    from pipelines.commands.run import run as run_command
    from pipelines.settings import load_settings

    raise typer.Exit(
        run_command(load_settings(home=home), operation, source or [], day.date() if day else None)
    )


@extract_app.command()
def identifiers(
    files: Annotated[
        list[Path] | None, typer.Argument(help="JSON Lines or text files; default: standard input")
    ] = None,
) -> None:
    """Phones, user names, e-mails, addresses, links: JSON Lines in, JSON Lines out."""
    from pipelines.commands.extract import identifiers as command

    command(files or [])


@extract_app.command()
def statistics(files: Annotated[list[Path], typer.Argument(help="Text, HTML or PDF documents")]) -> None:
    """Operations and their figures: documents in, one JSON line per document out."""
    from pipelines.commands.extract import statistics as command

    raise typer.Exit(command(files))


@app.command()
def link(
    file: Annotated[
        Path,
        typer.Argument(
            help="Parquet, CSV or JSON Lines: id with text, phone, email, username …, or id, kind, value"
        ),
    ],
    output: Annotated[Path, typer.Option(help="Folder to write the results to")] = Path("linked"),
    form: Annotated[TableFormat, typer.Option("--format", help="parquet, json or csv")] = TableFormat.parquet,
    region: Annotated[
        str | None,
        typer.Option(
            help="Country (ES, GB …) of telephone numbers that name none, where no column region does"
        ),
    ] = None,
    read_text: Annotated[
        bool, typer.Option("--text/--no-text", help="Read identifiers out of texts, or only compare texts")
    ] = True,
) -> None:
    """Who belongs together and why, near-duplicate texts and their templates, tied sites: of one table alone."""
    from pipelines.commands.link import link as command

    for line in command(file, output, form.value, region, read_text):
        typer.echo(line)


@app.command()
def screen(
    queries: Annotated[Path, typer.Argument(help="CSV, Parquet or JSON Lines: who or what to look up")],
    against: Annotated[Path, typer.Option(help="The watch-list, a table of the same columns")],
) -> None:
    """Fuzzy checks of names, dates, documents, phones against a watch-list: scored hits with explanation."""
    from pipelines.commands.screen import screen as command

    command(queries, against)


# A query may begin with a comment ("-- …"), which is no option.
@app.command(context_settings={"ignore_unknown_options": True})
def sql(
    query: Annotated[str | None, typer.Argument(help="SQL; default: a prompt, or standard input")] = None,
    home: Home = None,
    output: Annotated[OutputFormat, typer.Option("--format", help="table, csv or json")] = OutputFormat.table,
) -> None:
    """Query the analysts' snapshot, read-only."""
    from pipelines.commands.sql import sql as command
    from pipelines.settings import load_settings

    command(load_settings(home=home).home, query, output.value)


@app.command()
def report(
    home: Home = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; for CSV a folder, or an archive if it ends with .zip")
    ] = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="html, csv, xlsx or json")
    ] = ReportFormat.html,
    shareable: Annotated[
        bool, typer.Option("--shareable", help="Without persons: small counts hidden, no single leads")
    ] = False,
    minimum_cell: Annotated[
        int, typer.Option(min=2, help="Smallest count of persons that --shareable shows")
    ] = 10,
) -> None:
    """Write the operation report: a page that opens offline, tables, a workbook or JSON."""
    from pipelines.commands.report import report as command
    from pipelines.settings import load_settings

    shown = minimum_cell if shareable else None
    typer.echo(command(load_settings(home=home).home, output, form.value, minimum_cell=shown))


@app.command()
def review(
    lead: Annotated[
        str | None, typer.Argument(help="Id of the lead, or its first eight digits, as reports show it")
    ] = None,
    decision: Annotated[Decision | None, typer.Option(help="What was decided")] = None,
    by: Annotated[str | None, typer.Option(help="Who decided; analysts see a pseudonym")] = None,
    note: Annotated[str | None, typer.Option(help="Why; kept out of the analysts' snapshot")] = None,
    file: Annotated[
        Path | None, typer.Option(help="CSV of decisions: lead_id, decision, by, note, reviewed_at")
    ] = None,
    home: Home = None,
) -> None:
    """Record a person's decision on a lead, or a file of them; a closed lead reopens only on new evidence."""
    from pipelines.commands.review import review as command
    from pipelines.commands.review import review_file
    from pipelines.settings import load_settings

    if file is not None and (lead, decision, by, note) == (None, None, None, None):
        raise typer.Exit(review_file(load_settings(home=home), file))
    if file is not None or lead is None or decision is None or by is None:
        raise typer.BadParameter("give a lead with --decision and --by, or --file alone")
    raise typer.Exit(command(load_settings(home=home), lead, decision.value, by, note))


@app.command()
def doctor(
    home: Home = None,
    source: Annotated[Path | None, typer.Option(help="Source file to check and to try on one page")] = None,
    url: Annotated[str | None, typer.Option(help="Page to try instead of the start address")] = None,
) -> None:
    """What is missing on this machine; with --source, whether a source works and what it would extract."""
    from pipelines.commands.doctor import doctor as command
    from pipelines.settings import load_settings

    raise typer.Exit(command(load_settings(home=home), source, url))


@app.command()
def verify(
    home: Home = None,
    head: Annotated[
        list[str] | None,
        typer.Option(help="A head of the chain written down earlier (repeatable); it must still be a link"),
    ] = None,
) -> None:
    """Recompute every digest of the evidence and name the first difference. Exit 0: intact; 1: broken."""
    from pipelines.commands.verify import verify as command
    from pipelines.settings import load_settings

    settings = load_settings(home=home)
    raise typer.Exit(command(settings.home, head or [], settings.timestamp_roots))


@app.command()
def export(
    warc: Annotated[Path, typer.Option(help="WARC 1.1 file to write; .warc.gz packs each record")],
    home: Home = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this source (repeatable)")] = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only this day (UTC)")] = None,
) -> None:
    """Captures as received, for other tools: WARC 1.1 with request, response and revisit records."""
    from pipelines.commands.export import export as command
    from pipelines.settings import load_settings

    command(load_settings(home=home).home, warc, source or [], day.date() if day else None)


def main() -> None:
    """Entry point. Errors that a user can mend are one line; others keep their traceback."""
    from assets.capture.source import SourceError
    from assets.capture.warc import ExportError
    from assets.operation import OperationError
    from pipelines.busy import HouseBusy
    from pipelines.settings import SettingsError

    try:
        app()
    except (SourceError, OperationError, SettingsError, HouseBusy, ExportError, FileNotFoundError) as error:
        sys.stderr.write(f"stormlantern: {error}\n")
        raise SystemExit(1) from None
    except BrokenPipeError:
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
