"""Speaks Rasa: client.py is the core's side, server/ is Rasa's."""
