"""What runs inside Rasa, on Python 3.10. Nothing on the 3.12 side imports this package."""
