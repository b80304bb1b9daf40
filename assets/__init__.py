"""What is made: one package per stage, in the order the data flows."""
