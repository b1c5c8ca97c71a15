"""A finished picture, as the page is told of it."""

from fooo.interface.web.view import Address, Finished


def finished(prompt: str = "a cat", number: int = 0) -> Finished:
    address = Address(f"/pictures/x/{number}.png", f"/pictures/x/{number}.jpg")
    return Finished(
        job="a", number=number, address=address, name="a.png", width=8, height=8, prompt=prompt, seed=number
    )
