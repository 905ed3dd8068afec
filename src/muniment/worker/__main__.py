"""``python -m muniment.worker``."""

from muniment.worker.main import main

if __name__ == "__main__":
    main()
