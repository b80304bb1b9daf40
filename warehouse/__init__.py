"""Where it is kept: parts and their manifest, DuckDB connections, snapshots."""
