"""The rasa-sdk action server: chooses topics and wording, asks for a handover, never writes the database."""
