"""What follows from an answer: the requests that it leads to, and what is remembered of it for the next time."""

from assets.capture.answers import Reading
from assets.capture.canonical import origin
from assets.capture.discovery import Page, Request, bytes_to_read
from assets.capture.fetching import Answer
from assets.capture.frontier import Batch, Validator
from assets.capture.unit_run import Job


def requests_from(
    job: Job, answer: Answer, reading: Reading, validator: Validator | None, batch: Batch
) -> list[Request]:
    """The requests that follow from the answer to a job; the page's validator and claimed total go into `batch`."""
    run, row = job.unit, reading.row
    if row["outcome"] == "not_modified" and validator is not None:
        return [Request(url, role) for url, role in validator.links]  # type: ignore[arg-type]  # as stored
    if reading.decoded is None:
        return []
    tagged = answer.header("etag") or answer.header("last-modified")
    # The links of a page that may answer "not modified" next time are kept, so all of them are needed.
    resolved = None if tagged else run.resolved[origin(answer.url)]
    page = Page(answer.url, job.role, reading.decoded.head, row["content_type"], resolved, run.skipped)
    if bytes_to_read(run.source, job.role) and not reading.decoded.is_whole:
        page.leave_out("page_size_limit")
    requests = run.discover(page)
    claimed = run.claim(page)
    if claimed is not None:
        run.totals[answer.url] = batch.totals[(run.source.name, answer.url)] = claimed
    links = [(request.url, request.role) for request in requests] if tagged else []
    batch.validators[(run.source.name, answer.url)] = Validator(
        answer.header("etag"),
        answer.header("last-modified"),
        row["same_as_capture_id"] or row["capture_id"],
        row["body_sha256"],
        list(dict.fromkeys(links)),
    )
    return requests
