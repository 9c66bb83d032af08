"""What every contest needs: an environment, processes on their cores, and a table."""
