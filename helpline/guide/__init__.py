"""What the helpline may say: topics, contacts, prisons, wording."""
