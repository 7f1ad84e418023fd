"""The signing agent (trình ký trên máy): a small program on the official's computer, between the token and the browser.

Software of the office, in the browser, hands over prepared documents from an origin that was allowed; the official sees
each in the agent's own pages, enters the PIN once, and the software fetches the signatures. Key, PIN and decision never
leave the computer. The protocol: docs/protocols/sign-agent.md.
"""
