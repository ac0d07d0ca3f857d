"""Where people are: each platform turns messages into Desk lines and Replies into messages."""
