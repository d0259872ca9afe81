"""`python -m mock_interviewer`."""

from mock_interviewer.cli import main

main()
