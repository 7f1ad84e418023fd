"""The services around signatures of documents: the local certificate authority and its responders, the registry."""
