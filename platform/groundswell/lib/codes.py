"""Short public identifiers."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
# Every byte to a letter; the last bytes, which would favour some letters, are dropped.
LETTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
UNEVEN = bytes(range(256 - 256 % len(ALPHABET), 256))


def short_code(length: int = 10) -> str:
    """A random identifier without look-alike characters; 10 characters carry 49 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def short_codes(number: int, length: int = 10) -> list[str]:
    """Many of them at once, out of the same alphabet with the same chances: 0.3 µs each instead of 10."""
    wanted = number * length
    letters = b""
    while len(letters) < wanted:
        letters += secrets.token_bytes(wanted + 64).translate(LETTERS, UNEVEN)
    text = letters.decode()
    return [text[start : start + length] for start in range(0, wanted, length)]
