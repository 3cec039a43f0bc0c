"""Drawing people: who they are (looks), how they hold themselves (poses), body, head and things."""
