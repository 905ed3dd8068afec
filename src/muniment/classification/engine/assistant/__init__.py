"""What an assistant is asked, how its answers are read, and when they are believed; pure."""
