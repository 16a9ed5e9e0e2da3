"""The examples, run as the programs they are."""
