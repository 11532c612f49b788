"""What leaves the window and the command line: charts as pictures and as tables, and the report."""
