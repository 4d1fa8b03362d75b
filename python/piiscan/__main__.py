"""`python -m piiscan` is the command `piiscan`."""

from piiscan.cli import main

main()
