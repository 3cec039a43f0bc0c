"""What a clip goes on with after its end, or shows in place of one stretch."""
