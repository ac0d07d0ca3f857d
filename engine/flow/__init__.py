"""What open interest and volume say about who is moving: build-up, unusual activity."""
