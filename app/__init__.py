"""The composition root: wires the core to web, Rasa, jobs and the command line. Imported only by tests."""
