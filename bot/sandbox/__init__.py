"""The rehearsal workspace: a strict local Slack with a web page, for the demo and for the tests."""
