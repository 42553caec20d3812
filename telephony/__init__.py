"""Speaks Twilio: signed webhooks in, TwiML out. The only place `twilio` may be imported."""
