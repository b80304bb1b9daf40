"""Statistics of police operations: from the text of a release to rows of metrics."""
