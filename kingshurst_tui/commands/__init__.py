"""What can be asked at the command line: a file a command, each with ``add_parser`` and functions that answer."""
