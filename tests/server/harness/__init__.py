# SPDX-License-Identifier: EUPL-1.2
"""The tools of the server tests: a daemon, a browser, a mail server, event definitions, readers of mail."""
