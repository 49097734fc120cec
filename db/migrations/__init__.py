"""How the tables came to be as they are: a file a step, run on an administrator's connection only."""
