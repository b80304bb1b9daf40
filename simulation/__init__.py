"""A web to practise on: sites, channels, a newsroom, notices, with planted truth."""
