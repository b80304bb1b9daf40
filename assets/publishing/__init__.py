"""What people see: the published snapshots, the data dictionary, our own operation's figures, the report."""
