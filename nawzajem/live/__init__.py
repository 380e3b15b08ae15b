"""What is live: sends, the stream, typing, presence. A small raw ASGI application beside the pages, and their front door."""
