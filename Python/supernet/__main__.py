"""`python -m supernet …` is the program `supernet …`."""

from supernet.program import main

if __name__ == "__main__":
    main()
