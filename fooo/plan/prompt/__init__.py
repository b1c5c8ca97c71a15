"""The prompt language: read into a typed tree, written back, said to the text encoders chunk by chunk."""
