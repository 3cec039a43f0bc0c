"""What agents and other programs speak: the Model Context Protocol and OAuth."""
