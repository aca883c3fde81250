"""The APIs for programs: Ollama's and OpenAI's, in front of the one queue."""
