"""A web to practise on: sites, channels, a newsroom, notices, with planted truth.

Everything here is invented: persons, firms, operations, texts. Phones come from ranges kept free for fiction, hosts
end in `.test`, mail and link domains in `.example`. `simulation.world` decides what exists (who posts what, when,
with which identifiers), `simulation.sites` turns it into pages, `simulation.serve` answers over HTTP and
`simulation.truth` holds what only tests and benchmarks may know.
"""
