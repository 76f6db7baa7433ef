"""What a developer runs: the catalogue of messages, the generated reference, the set-up."""
