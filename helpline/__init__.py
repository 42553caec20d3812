"""The helpline itself: people, conversations, concerns, handovers, the guide.

Knows no framework and no vendor.
"""
