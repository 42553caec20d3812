"""A carrier in miniature, for practice mode and for tests.

It signs webhooks, plays TwiML and answers REST calls as Twilio documents it (twilio.com/docs/voice/
twiml, /docs/messaging, /docs/usage/security), so that everything else here runs unchanged. Time is
what its users say it is: nothing times out by itself, somebody lets it.
"""
