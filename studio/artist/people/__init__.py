"""Drawing people: appearance, poses, body, head and props."""
